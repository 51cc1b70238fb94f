//! What a run has to tell of published versions, beside what became of each set: what somebody else did to them, what an earlier run found and was
//! killed before it told, and sets that no run looks after any more. It is entered in the ledger before anything is mended, so that it is told by
//! whichever run reaches its end first, and what lasts is told once.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::publications::{contradicted, digest, looked_after};
use crate::error::Error;
use crate::ledger::{Code, Digest, Ledger, Noted, Publications, Record, SetNoted};
use crate::pipeline::Release;
use crate::pipeline::resolve::Locations;
use crate::publish::{
    Altered, Contradiction, Contradicts, Expected, PublishError, Published, Remark, altered, folder_of_set, list_sets, may_hold_erased,
};
use crate::report::SetLine;
use crate::session::{Session, World};
use crate::snapshot::read::ReadState;

/// Codes of the ledger: what leads to the latest version, or describes it, was altered.
const ALTERED: &str = "altered";
/// Its files were.
pub(super) const DAMAGED: &str = "damaged";
/// Others lay beside them.
pub(super) const STRAY: &str = "stray";
/// A version is of no run.
pub(super) const STRANGER: &str = "stranger";
/// An earlier version's manifest is another.
const MANIFEST: &str = "manifest";
/// `latest.json` says something else of earlier versions.
const REPLACED: &str = "replaced";
/// No run looks after the set any more.
const LEFT: &str = "left";
/// The same, and its versions may hold somebody who was erased.
const LEFT_OUTDATED: &str = "left_outdated";

/// Something that was found about a set.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// What is told of it tonight; nothing where it is part of what is told already.
    pub remark: Option<Remark>,
    what: &'static str,
    version: Option<Digest>,
}

impl Found {
    pub fn new(what: &'static str, remark: Option<Remark>) -> Self {
        Self { remark, what, version: None }
    }
}

/// What was found about the set of a tenant, for the ledger.
#[derive(Debug, Clone)]
pub(super) struct FoundOfSet {
    tenant: String,
    set: String,
    what: Code,
    version_sha256: Option<Digest>,
}

impl FoundOfSet {
    pub fn of<'f>(tenant: &'f str, set: &'f str, found: &'f [Found]) -> impl Iterator<Item = Self> + use<'f> {
        let of = |found: &Found| Self {
            tenant: tenant.to_owned(),
            set: set.to_owned(),
            what: Code::literal(found.what),
            version_sha256: found.version,
        };
        found.iter().map(of)
    }
}

/// Enters what a run found, before it mends any of it.
pub(super) fn enter(ledger: &mut Ledger, run: &str, found: &[FoundOfSet], world: &World<'_>) -> Result<(), Error> {
    for found in found {
        let noted = SetNoted {
            run: run.to_owned(),
            name: found.set.clone(),
            tenant: Some(found.tenant.clone()).filter(|tenant| !tenant.is_empty()),
            what: found.what.clone(),
            version_sha256: found.version_sha256,
        };
        ledger.append(&Record::SetNoted(noted), (world.now)())?;
    }
    Ok(())
}

/// What is found of a set before a run makes another version of it: what somebody `altered`, what else is not as the ledger vouches for it, and
/// what earlier runs did not come to tell.
pub(super) fn found_of_set(
    locations: &Locations,
    said: &Publications,
    tenant: &str,
    set: &str,
    altered: Option<(&Altered, String)>,
    now: Timestamp,
) -> Result<Vec<Found>, PublishError> {
    let output = &locations.output;
    let mut found: Vec<Found> = altered.iter().map(|(_, text)| Found::new(ALTERED, Some(not_as_left(text.clone(), output)))).collect();
    let told = said.told(tenant, set);
    for contradiction in contradicted(locations, said, tenant, set, now)? {
        let version = contradiction.version.as_ref().and_then(|version| digest(version.as_bytes()));
        let what = match contradiction.kind {
            Contradicts::Stranger => STRANGER,
            Contradicts::Manifest => MANIFEST,
            Contradicts::Replaced => REPLACED,
        };
        let is_told = told.iter().any(|noted| noted.what.as_str() == what && noted.version_sha256 == version);
        if contradiction.is_old || (is_told && contradiction.kind == Contradicts::Manifest) {
            continue;
        }
        // What leads to the latest version, or describes it, was found altered: that is told, and it is an earlier version tomorrow.
        let is_part = altered.as_ref().is_some_and(|(altered, _)| {
            contradiction.kind == Contradicts::Replaced
                || contradiction.path.starts_with(&altered.path)
                || altered.path == contradiction.path
        });
        let remark = (!is_part).then(|| remark_of(&contradiction, output));
        if remark.is_some() || version.is_some() {
            found.push(Found { remark, what, version });
        }
    }
    let again: Vec<Found> = said.untold(tenant, set).iter().filter_map(|noted| told_late(noted, &found, output)).collect();
    found.extend(again);
    Ok(found)
}

fn remark_of(contradiction: &Contradiction, output: &Path) -> Remark {
    let then = match contradiction.kind {
        Contradicts::Stranger => "; it goes when a `reader_grace` from today is over",
        Contradicts::Manifest => "; nothing but its `reader_grace` keeps it",
        Contradicts::Replaced => "; the ledger counts",
    };
    not_as_left(format!("{contradiction}{then}"), output)
}

/// What an earlier run found and did not come to tell; nothing where it was `found` again, or is about a set that nobody looked after then.
fn told_late(noted: &Noted, found: &[Found], output: &Path) -> Option<Found> {
    let what = [ALTERED, DAMAGED, STRAY, STRANGER, MANIFEST, REPLACED].into_iter().find(|what| *what == noted.what.as_str())?;
    if found.iter().any(|found| found.what == what && found.version == noted.version_sha256) {
        return None;
    }
    Some(Found { remark: Some(not_as_left(late(noted), output)), what, version: noted.version_sha256 })
}

/// What an earlier run found, in words.
pub(crate) fn late(noted: &Noted) -> String {
    let what = match noted.what.as_str() {
        DAMAGED => "published partitions had been changed",
        STRAY => "in its latest version lay what is in no manifest",
        STRANGER => "there was a version of no run that the ledger knows",
        MANIFEST => "the manifest of an earlier version was not what was published",
        REPLACED => "`latest.json` said something else of earlier versions than the ledger",
        LEFT | LEFT_OUTDATED => "no run looked after it any more",
        _ => "it had been altered or taken away",
    };
    format!("{what}, as run {} found, which did not come to tell it", noted.run)
}

/// Somebody else wrote where the sets lie.
pub(super) fn not_as_left(text: String, output: &Path) -> Remark {
    let hint = format!("look who else may write to `{}`; who has read the set meanwhile may have read something else", output.display());
    Remark { text, hint: Some(hint), look: true }
}

/// A published set that no run looks after: the pipeline does not declare it any more, or its tenant is gone from the database.
#[derive(Debug, Clone)]
pub(crate) struct LeftSet {
    /// The tenant; empty in a store with one controller.
    pub tenant: String,
    /// The set.
    pub set: String,
    /// Its folder.
    pub folder: PathBuf,
    /// Whether its versions may hold somebody who was erased since.
    pub may_hold_erased: bool,
    tenant_is_gone: bool,
    /// Whether its manifest knows of no tenant: the folder above it is an output of its own then, and this one a level too high.
    is_of_output_below: bool,
    /// Whether the ledger knows it: else its name may be anybody's, and does not go there.
    is_known: bool,
    label: Release,
    rows: u64,
}

impl LeftSet {
    /// All that lie in the output and were published by this ledger's runs, or under this keyring: another pipeline may have the same output. `erases`
    /// says whether a tenant's people are about to be erased.
    ///
    /// # Errors
    /// [`PublishError::Io`].
    pub fn all(
        session: &Session,
        said: &Publications,
        read: &ReadState,
        keyring: &str,
        erases: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<Self>, PublishError> {
        let output = &session.locations.output;
        let stopped = read.stopped.iter().map(|stopped| stopped.name.as_str());
        let tenants: Vec<&str> = read.tenants.iter().map(|tenant| tenant.name.as_str()).chain(stopped).collect();
        let of = |tenant: &str, set: &str| folder_of_set(output, Some(tenant), set);
        let sets = &session.pipeline.sets;
        let looked_after: Vec<PathBuf> = tenants.iter().flat_map(|tenant| sets.iter().map(move |set| of(tenant, &set.name))).collect();
        let is_own = |found: &Published| {
            let is_known = said.of(found.tenant.as_deref().unwrap_or_default(), &found.set).is_some();
            is_known || found.latest.as_ref().is_some_and(|latest| latest.keyring == keyring)
        };
        let left = list_sets(output)?.into_iter().filter(|found| !looked_after.contains(&found.folder) && is_own(found));
        Ok(left
            .map(|found| {
                let tenant = found.tenant.unwrap_or_default();
                let tenant_is_gone = !tenants.contains(&tenant.as_str());
                let since = said.of(&tenant, &found.set).map(|known| known.seq);
                let is_of_output_below = !tenant.is_empty() && found.latest.as_ref().is_some_and(|latest| latest.tenant.is_none());
                let erased = since.is_some_and(|since| said.erased_since(&tenant, since));
                Self {
                    is_known: since.is_some(),
                    is_of_output_below,
                    may_hold_erased: tenant_is_gone && !is_of_output_below || erased || erases(&tenant) || may_hold_erased(&found.folder),
                    label: found.latest.as_ref().map_or(Release::Pseudonymised, |latest| latest.label),
                    rows: found.latest.as_ref().map_or(0, |latest| latest.rows.after),
                    set: found.set,
                    folder: found.folder,
                    tenant,
                    tenant_is_gone,
                }
            })
            .collect())
    }

    /// What there is to say of it, as the end of a sentence about the set.
    pub fn text(&self) -> String {
        if self.is_of_output_below {
            let folder = self.folder.display();
            return format!(
                "`{folder}` was published to an output of its own, which stands in this one, and no run of this output looks after it"
            );
        }
        let why = if self.tenant_is_gone {
            "the database does not have its tenant any more"
        } else {
            "the pipeline does not declare it any more"
        };
        let who = if self.may_hold_erased { ", and somebody who was erased since may be in them" } else { "" };
        format!("{why}: its versions stay in `{}`, and no run removes them{who}", self.folder.display())
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        if self.is_of_output_below {
            return "give each pipeline an output beside those of others; if `output` is a level too high by mistake, name the folder that was meant"
                .to_owned();
        }
        let or = if self.tenant_is_gone { "" } else { ", or declare it again" };
        format!("remove `{}` when nobody has to read it any more{or}", self.folder.display())
    }

    /// What a run says of it: what is new needs a look, the rest is a note, and so is what the ledger can not remember as told.
    pub(super) fn line(&self, said: &Publications) -> (SetLine, Option<FoundOfSet>) {
        let what = if self.may_hold_erased { LEFT_OUTDATED } else { LEFT };
        let is_told = !self.is_known || said.told(&self.tenant, &self.set).iter().any(|noted| noted.what.as_str() == what);
        let remark = Remark { text: self.text(), hint: Some(self.hint()), look: !is_told };
        let found = (!is_told).then(|| FoundOfSet {
            tenant: self.tenant.clone(),
            set: self.set.clone(),
            what: Code::literal(what),
            version_sha256: None,
        });
        let line =
            SetLine { rows: self.rows, remarks: vec![remark], ..SetLine::without_version(&self.set, &self.tenant, self.label, "left") };
        (line, found)
    }
}

/// What there is to say of a set that is published for the first time to this place, and was published to another one before. Whose last version
/// lies here as it was published there has most likely been moved with it, or moved back.
pub(super) fn moved(locations: &Locations, said: &Publications, tenant: &str, set: &str) -> Option<Remark> {
    let last = &said.of(tenant, set)?.set;
    let known = crate::ledger::Place::of(last);
    if looked_after(locations).iter().any(|here| known.is(here) != Some(false)) {
        return None;
    }
    let of = Some(tenant).filter(|tenant| !tenant.is_empty());
    let expected = Expected { version: &last.version, manifest_sha256: last.manifest_sha256.to_string() };
    if matches!(altered(&locations.output, of, set, Some(&expected), &|_| false), Ok(None)) {
        let text = "it was published to another place before, and its last version was brought here: where it was copied and not moved, whoever is \
                    erased from now on stays in the copy there";
        return Some(Remark { text: text.to_owned(), hint: None, look: false });
    }
    let text = "it was published to another place before: its versions there stay, no run removes them, and whoever is erased from now on stays in \
                them";
    let hint = "remove them there when nobody has to read them any more, or give `output` its place back";
    Some(Remark { text: text.to_owned(), hint: Some(hint.to_owned()), look: true })
}
