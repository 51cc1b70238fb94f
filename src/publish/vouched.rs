//! What `latest.json` says of a set's earlier versions, and which versions lie there, beside what the ledger vouches for.
//!
//! `latest.json` says when each version was replaced and whether somebody in it was erased since, and readers' days of grace and an erased
//! person's last day follow from that. Whoever may write there can say something else. The ledger comes from outside, so that where it knows, it
//! counts: a night puts `latest.json` right before it removes anything.

use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::PublishError;
use super::folder::{folders_in, replace_file};
use super::manifest::{LATEST, Latest, MANIFEST, Manifest, Replaced, is_version, to_json};
use super::version::set_folder;
use crate::decide::clocks::today;

/// What is vouched for about one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// SHA-256 of its manifest, in hexadecimal digits; `None` of a version whose run never said what it published.
    pub manifest_sha256: Option<String>,
    /// The span of time in which another version took its place.
    pub replaced: Option<(Timestamp, Timestamp)>,
    /// Whether somebody in it may have been erased since.
    pub outdated: bool,
}

/// What is known of a version, by its folder's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// A run published it, or may have.
    Known(Vouched),
    /// No run did. It is kept for the grace of its readers since it was first found.
    Stranger {
        /// When that was; `None` where nobody has found it before.
        found: Option<Timestamp>,
    },
}

/// Something in a set's folder that is not as the ledger vouches for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The file or folder.
    pub path: PathBuf,
    /// The version's folder; `None` where it is about what `latest.json` says of several.
    pub version: Option<String>,
    /// What it is.
    pub kind: Contradicts,
    /// Whether it was found before and stands in `latest.json` as such.
    pub is_old: bool,
}

/// What contradicts the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contradicts {
    /// A version that no run published.
    Stranger,
    /// An earlier version's manifest is another, or none.
    Manifest,
    /// `latest.json` says something else of earlier versions.
    Replaced,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match self.kind {
            Contradicts::Stranger => write!(formatter, "`{path}` is of no run that the ledger knows"),
            Contradicts::Manifest => write!(formatter, "`{path}` is not what was published"),
            Contradicts::Replaced => write!(
                formatter,
                "`{path}` says something else of earlier versions than the ledger: which there are, when they were replaced, or that nobody in them \
                 was erased"
            ),
        }
    }
}

/// Looks for what is not as it is vouched for; nothing where `latest.json` can not be read, which is found elsewhere.
///
/// # Errors
/// [`PublishError::Io`].
pub fn contradictions(
    output: &Path,
    tenant: Option<&str>,
    set: &str,
    standing: &dyn Fn(&str) -> Standing,
) -> Result<Vec<Contradiction>, PublishError> {
    let folder = set_folder(output, tenant, set);
    let latest = match Latest::read(&folder) {
        Ok(latest) => latest,
        Err(PublishError::Corrupt { .. }) => None,
        Err(error) => return Err(error),
    };
    let truth = Truth::of(&folder, latest.as_ref(), standing, None)?;
    let mut found: Vec<Contradiction> = truth.versions;
    if truth.contradicts {
        found.push(Contradiction { path: folder.join(LATEST), version: None, kind: Contradicts::Replaced, is_old: false });
    }
    Ok(found)
}

/// Lets `latest.json` say of earlier versions what is vouched for. A stranger that nobody has found before was found `now`.
///
/// # Errors
/// [`PublishError::Io`]; [`PublishError::Corrupt`] if `latest.json` can not be read.
pub fn put_right(
    output: &Path,
    tenant: Option<&str>,
    set: &str,
    standing: &dyn Fn(&str) -> Standing,
    now: Timestamp,
) -> Result<(), PublishError> {
    let folder = set_folder(output, tenant, set);
    let Some(latest) = Latest::read(&folder)? else { return Ok(()) };
    let truth = Truth::of(&folder, Some(&latest), standing, Some(now))?;
    let right = Latest { replaced: truth.replaced, may_hold_erased: truth.may_hold_erased, ..latest.clone() };
    if right == latest {
        return Ok(());
    }
    let path = folder.join(LATEST);
    replace_file(&path, &to_json(&right, &path)?)
}

/// What `latest.json` should say.
struct Truth {
    replaced: Vec<Replaced>,
    may_hold_erased: bool,
    /// Whether it says something else, whatever its order.
    contradicts: bool,
    /// Versions that are not what they should be.
    versions: Vec<Contradiction>,
}

impl Truth {
    /// `found` is when strangers are found; they are left out of the list where nobody is there to find them.
    fn of(
        folder: &Path,
        latest: Option<&Latest>,
        standing: &dyn Fn(&str) -> Standing,
        found: Option<Timestamp>,
    ) -> Result<Self, PublishError> {
        let mut truth = Self {
            replaced: Vec::new(),
            may_hold_erased: latest.is_some_and(|it| it.may_hold_erased),
            contradicts: false,
            versions: Vec::new(),
        };
        let here = folders_in(folder)?;
        let gone = latest.into_iter().flat_map(|latest| &latest.replaced).filter(|old| !here.contains(&old.version));
        truth.replaced.extend(gone.cloned());
        for version in here.into_iter().filter(|name| is_version(name)) {
            let is_latest = latest.is_some_and(|latest| latest.version == version);
            let said = latest.and_then(|latest| latest.replaced.iter().find(|old| old.version == version));
            let path = folder.join(&version);
            match standing(&version) {
                Standing::Stranger { found: before } => {
                    // It counts as found before only while it is in the list: if it is put there again, it is found again.
                    let before = before.filter(|_| said.is_some());
                    let (version_too, is_old) = (Some(version.clone()), before.is_some());
                    truth.versions.push(Contradiction { path, version: version_too, kind: Contradicts::Stranger, is_old });
                    let at = before.or(found);
                    if let Some(at) = at.filter(|_| !is_latest) {
                        truth.replaced.push(Replaced { version, at, holds_erased: true });
                    }
                }
                Standing::Known(vouched) => {
                    let has_manifest = |known: &String| matches!(Manifest::read(&path), Ok(Some((_, hash))) if hash == *known);
                    let is_forged = vouched.manifest_sha256.as_ref().is_some_and(|known| !has_manifest(known));
                    if is_forged {
                        let path = path.join(MANIFEST);
                        let version = Some(version.clone());
                        truth.versions.push(Contradiction { path, version, kind: Contradicts::Manifest, is_old: false });
                    }
                    if is_latest {
                        truth.contradicts |= vouched.outdated && !truth.may_hold_erased;
                        truth.may_hold_erased |= vouched.outdated;
                    } else {
                        truth.old(version, said, &vouched, is_forged);
                    }
                }
            }
        }
        // Which versions it led to before, the oldest first.
        truth.replaced.sort_by_key(|old| old.at);
        Ok(truth)
    }

    /// A version that is not the latest, and what is said of it.
    fn old(&mut self, version: String, said: Option<&Replaced>, vouched: &Vouched, is_forged: bool) {
        // Readers' grace is counted in days.
        let day = |at: Timestamp| today(at, &TimeZone::UTC);
        let is_known = vouched.manifest_sha256.is_some();
        let (at, is_right) = match (vouched.replaced, said) {
            (Some((from, until)), Some(said)) if day(said.at) < day(from) || day(said.at) > day(until) => (until, false),
            (_, Some(said)) => (said.at, true),
            // Readers may never have been led to a version whose run did not end.
            (Some((_, until)), None) => (until, !is_known),
            (None, None) => return,
        };
        let outdated = said.is_some_and(|said| said.holds_erased);
        self.contradicts |= !is_right || (vouched.outdated && !outdated && said.is_some());
        // Nor does anything but the grace keep it then.
        let was_never = said.is_none() && !is_known;
        self.replaced.push(Replaced { version, at, holds_erased: outdated || vouched.outdated || is_forged || was_never });
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::publish::testing::{noon, publish};

    fn known(replaced: Option<(i8, i8)>, outdated: bool) -> Standing {
        let replaced = replaced.map(|(from, until)| (noon(from), noon(until)));
        Standing::Known(Vouched { manifest_sha256: Some(String::new()), replaced, outdated })
    }

    fn silent(replaced: Option<(i8, i8)>) -> Standing {
        let Standing::Known(known) = known(replaced, false) else { unreachable!() };
        Standing::Known(Vouched { manifest_sha256: None, ..known })
    }

    /// Four versions, of 1, 2, 3 and 4 November, and what `latest.json` says when it is put right on the 9th: version, day, whether nothing but the
    /// grace keeps it. And whether what it said before contradicts the ledger.
    fn right(standing: &dyn Fn(&str) -> Standing, forge: impl Fn(&mut Latest)) -> (Vec<(String, i8, bool)>, bool, bool) {
        let output = tempfile::tempdir().unwrap();
        for day in 1..=4 {
            publish(output.path(), "", &format!("r{day}"), day, i128::from(day));
        }
        let folder = output.path().join("sales");
        let mut latest = Latest::read(&folder).unwrap().unwrap();
        forge(&mut latest);
        let path = folder.join(LATEST);
        fs::write(&path, to_json(&latest, &path).unwrap()).unwrap();
        let standing: &dyn Fn(&str) -> Standing = &|version| {
            let mut standing = standing(version);
            if let Standing::Known(Vouched { manifest_sha256: Some(hash), .. }) = &mut standing {
                *hash = Manifest::read(&folder.join(version)).unwrap().unwrap().1;
            }
            standing
        };
        let found = contradictions(output.path(), None, "sales", standing).unwrap();
        put_right(output.path(), None, "sales", standing, noon(9)).unwrap();
        let latest = Latest::read(&folder).unwrap().unwrap();
        assert_eq!(latest.version, "v-r4");
        let is_clear = contradictions(output.path(), None, "sales", standing).unwrap();
        assert!(is_clear.iter().all(|found| found.kind != Contradicts::Replaced), "{is_clear:?}");
        let day = |at: Timestamp| TimeZone::UTC.to_datetime(at).day();
        let replaced = latest.replaced.into_iter().map(|old| (old.version, day(old.at), old.holds_erased)).collect();
        (replaced, latest.may_hold_erased, found.iter().any(|found| found.kind == Contradicts::Replaced))
    }

    fn honest(version: &str) -> Standing {
        match version {
            "v-r1" => known(Some((2, 2)), false),
            "v-r2" => known(Some((2, 3)), false),
            "v-r3" => known(Some((4, 4)), false),
            _ => known(None, false),
        }
    }

    fn lines(days: [(i8, bool); 3]) -> Vec<(String, i8, bool)> {
        (1..).zip(days).map(|(number, (day, erased))| (format!("v-r{number}"), day, erased)).collect()
    }

    #[test]
    fn what_agrees_stays_as_it_is() {
        let days = lines([(2, false), (3, false), (4, false)]);
        assert_eq!(right(&honest, |_| ()), (days.clone(), false, false));
        // On the day that it was is as good as at the time.
        let hour = jiff::SignedDuration::from_hours(11);
        assert_eq!(right(&honest, |latest| latest.replaced[0].at += hour), (days.clone(), false, false));
        // That somebody was erased may be known to `latest.json` alone: the night that did it was killed.
        let erased = |latest: &mut Latest| (latest.replaced[0].holds_erased, latest.may_hold_erased) = (true, true);
        assert_eq!(right(&honest, erased), (lines([(2, true), (3, false), (4, false)]), true, false));
    }

    #[test]
    fn the_ledger_counts_where_it_knows() {
        let days = lines([(2, false), (3, false), (4, false)]);
        for day in [1, 8] {
            assert_eq!(right(&honest, |latest| latest.replaced[0].at = noon(day)), (days.clone(), false, true), "{day}");
        }
        assert_eq!(right(&honest, |latest| drop(latest.replaced.remove(1))), (days.clone(), false, true));
        // The newest are those of which a number is kept.
        let (mended, ..) = right(&honest, |latest| latest.replaced.reverse());
        assert_eq!(mended, days);
        let outdated = |version: &str| match version {
            "v-r1" => known(Some((2, 2)), true),
            "v-r4" => known(None, true),
            other => honest(other),
        };
        assert_eq!(right(&outdated, |_| ()), (lines([(2, true), (3, false), (4, false)]), true, true));
    }

    #[test]
    fn of_a_run_that_did_not_end_the_span_alone_is_known() {
        let silent = |version: &str| if version == "v-r2" { silent(Some((3, 5))) } else { honest(version) };
        assert!(!right(&silent, |_| ()).2);
        // Its readers were never led to it, and nothing but the grace keeps it.
        let (mended, _, contradicts) = right(&silent, |latest| drop(latest.replaced.remove(1)));
        assert_eq!((&mended[2], contradicts), (&("v-r2".to_owned(), 5, true), false), "{mended:?}");
    }

    #[test]
    fn a_stranger_is_kept_from_the_day_that_it_was_found() {
        let stranger = |found: Option<i8>| {
            move |version: &str| match version {
                "v-r2" => Standing::Stranger { found: found.map(noon) },
                other => honest(other),
            }
        };
        let found_on = |mended: &[(String, i8, bool)]| mended.iter().find(|old| old.0 == "v-r2").map(|old| (old.1, old.2)).unwrap();
        assert_eq!(found_on(&right(&stranger(None), |_| ()).0), (9, true));
        assert_eq!(found_on(&right(&stranger(Some(7)), |_| ()).0), (7, true));
        // Taken out of the list, or put there again: it is found again.
        assert_eq!(found_on(&right(&stranger(Some(7)), |latest| drop(latest.replaced.remove(1))).0), (9, true));
    }
}
