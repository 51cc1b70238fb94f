//! What the ledger says was published, beside what lies in the output.

use std::path::Path;

use jiff::Timestamp;

use crate::error::Error;
use crate::keys::{Keyring, KeysError};
use crate::ledger::{Digest, FILE_NAME, Place, Publications, PublishedSet, ReleaseLabel, check};
use crate::pipeline::Release;
use crate::pipeline::resolve::Locations;
use crate::publish::{
    Altered, Contradiction, Expected, Location, PublishError, Standing, Vouched, altered, contradictions, damaged, place_sha256, put_right,
    resolve_latest, way_sha256,
};
use crate::report::SetLine;

use super::told::STRANGER;

/// What the folder of every version begins with, before the run's id.
const VERSION_PREFIX: &str = "v-";

/// What the ledger says, for those who only look; nothing where there is none. What is wrong with it is told elsewhere.
pub fn look(locations: &Locations, keyring: &Keyring) -> Publications {
    let path = locations.ledger.join(FILE_NAME);
    let report = super::ledger_mac(keyring).ok().and_then(|key| check(&path, &*key, None, keyring.id()).ok());
    report.map(|report| report.publications).unwrap_or_default()
}

/// What somebody else did to the latest version of a set; the tenant is empty in a store with one controller. A set that was last published to
/// another place is not missed here.
///
/// # Errors
/// [`PublishError::Io`].
pub fn altered_since(locations: &Locations, said: &Publications, tenant: &str, set: &str) -> Result<Option<Altered>, PublishError> {
    let of = Some(tenant).filter(|tenant| !tenant.is_empty());
    let known = said.of(tenant, set).filter(|_| stands_here(locations, said, tenant, set));
    let since = known.map_or(0, |known| known.seq);
    let unfinished = |version: &str| version.strip_prefix(VERSION_PREFIX).is_some_and(|run| said.may_have_published(run, since));
    let expected = known.map(|known| Expected { version: &known.set.version, manifest_sha256: known.set.manifest_sha256.to_string() });
    altered(&locations.output, of, set, expected.as_ref(), &unfinished)
}

/// The version that the ledger says is a set's latest at today's place.
pub fn latest_said<'s>(locations: &Locations, said: &'s Publications, tenant: &str, set: &str) -> Option<&'s str> {
    said.of(tenant, set).filter(|_| stands_here(locations, said, tenant, set)).map(|known| known.set.version.as_str())
}

/// What of a set's other versions, and of what `latest.json` says of them, is not as the ledger vouches for it. Nothing where the ledger knows
/// nothing of the set, or published it last to another place.
///
/// # Errors
/// [`PublishError::Io`].
pub fn contradicted(
    locations: &Locations,
    said: &Publications,
    tenant: &str,
    set: &str,
    now: Timestamp,
) -> Result<Vec<Contradiction>, PublishError> {
    if !stands_here(locations, said, tenant, set) {
        return Ok(Vec::new());
    }
    let of = Some(tenant).filter(|tenant| !tenant.is_empty());
    contradictions(&locations.output, of, set, &standing(locations, said, tenant, set, now))
}

/// Lets `latest.json` say of a set's earlier versions what the ledger vouches for, where it knows anything of the set.
///
/// # Errors
/// [`PublishError::Io`].
pub fn put_versions_right(locations: &Locations, said: &Publications, tenant: &str, set: &str, now: Timestamp) -> Result<(), PublishError> {
    if !stands_here(locations, said, tenant, set) {
        return Ok(());
    }
    let of = Some(tenant).filter(|tenant| !tenant.is_empty());
    match put_right(&locations.output, of, set, &standing(locations, said, tenant, set, now), now) {
        // What can not be read was told of the set.
        Err(PublishError::Corrupt { .. }) => Ok(()),
        other => other,
    }
}

/// How each version of a set stands to the ledger.
fn standing<'s>(
    locations: &Locations,
    said: &'s Publications,
    tenant: &'s str,
    set: &'s str,
    now: Timestamp,
) -> impl Fn(&str) -> Standing + use<'s> {
    let here = place(locations);
    move |version| match said.vouch(tenant, set, version, &here, now) {
        Some(known) => Standing::Known(Vouched {
            manifest_sha256: known.manifest_sha256.map(|hash| hash.to_string()),
            replaced: known.replaced,
            outdated: known.outdated,
        }),
        None => {
            let name = digest(version.as_bytes());
            let noted = said.told(tenant, set).iter().chain(said.untold(tenant, set));
            let found = noted.filter(|noted| noted.what.as_str() == STRANGER && noted.version_sha256 == name).map(|noted| noted.entered);
            Standing::Stranger { found: found.min() }
        }
    }
}

/// Whether a set was last published to today's place. Where earlier versions of gallra did not say, it was if it is there.
fn stands_here(locations: &Locations, said: &Publications, tenant: &str, set: &str) -> bool {
    let Some(known) = said.of(tenant, set) else { return false };
    let of = Some(tenant).filter(|tenant| !tenant.is_empty());
    let is_there = || !matches!(resolve_latest(&locations.output, of, set), Err(PublishError::NotPublished { .. }));
    match known.set.place_sha256 {
        Some(_) => Place::of(&known.set).is(&place(locations)) == Some(true),
        None => is_there(),
    }
}

/// Today's place.
pub fn place(locations: &Locations) -> Place {
    place_of(&locations.published, locations)
}

/// The places whose versions runs look after: today's, and where that is a bucket the local folder in which its versions are made.
pub fn looked_after(locations: &Locations) -> [Place; 2] {
    [place(locations), place_of(&Location::Folder(locations.output.clone()), locations)]
}

fn place_of(published: &Location, locations: &Locations) -> Place {
    let parsed = |hash: Option<String>| Digest::parse(hash?.as_bytes()).ok();
    Place {
        place_sha256: parsed(place_sha256(published, &locations.output)),
        way_sha256: parsed(way_sha256(published, &locations.output, &locations.ledger)),
    }
}

/// SHA-256.
pub fn digest(bytes: &[u8]) -> Option<Digest> {
    Digest::parse(crate::pipeline::resolve::hash(bytes).as_bytes()).ok()
}

/// The sets that became the latest, and those of which the ledger says something else than what lies there: whoever published them was killed
/// before it could say so.
pub fn published(locations: &Locations, said: &Publications, sets: &[SetLine]) -> Vec<PublishedSet> {
    let here = place(locations);
    let line = |set: &SetLine| {
        let folder = Path::new(set.folder.as_deref()?);
        let manifest = std::fs::read(folder.join("_manifest.json")).ok()?;
        let published = PublishedSet {
            name: set.set.clone(),
            tenant: Some(set.tenant.clone()).filter(|tenant| !tenant.is_empty()),
            version: folder.file_name()?.to_string_lossy().into_owned(),
            manifest_sha256: digest(&manifest)?,
            label: match set.label {
                Release::Pseudonymised => ReleaseLabel::Pseudonymised,
                Release::Anonymous => ReleaseLabel::Anonymous,
            },
            place_sha256: here.place_sha256,
            way_sha256: here.way_sha256,
        };
        let is_known = said.of(&set.tenant, &set.set).is_some_and(|known| {
            let (known, place) = (&known.set, Place::of(&known.set));
            known.version == published.version && known.manifest_sha256 == published.manifest_sha256 && place == here
        });
        (!is_known).then_some(published)
    };
    sets.iter().filter_map(line).collect()
}

/// Whether the latest version of a set is what the ledger vouches for, for whoever has ledger and keyring at hand; `in_bucket` are the version that
/// readers of a bucket are led to and the SHA-256 of its manifest. Analysts, who have no ledger, no keyring or no right to it, learn nothing; why it
/// could not be compared although both are there is returned.
///
/// # Errors
/// [`PublishError::NotVouchedFor`] where it is not; [`PublishError::Io`].
pub fn vouch_for_latest(
    locations: &Locations,
    tenant: &str,
    set: &str,
    in_bucket: Option<&(String, Option<String>)>,
) -> Result<Option<Error>, PublishError> {
    if !locations.ledger.join(FILE_NAME).is_file() {
        return Ok(None);
    }
    let keyring = match locations.keyring.open() {
        Ok(keyring) => keyring,
        Err(KeysError::Missing { .. } | KeysError::VariableMissing { .. } | KeysError::CommandMissing { .. }) => return Ok(None),
        Err(KeysError::Io { source, .. }) if source.kind() == std::io::ErrorKind::PermissionDenied => return Ok(None),
        Err(error) => return Ok(Some(error.into())),
    };
    let said = match crate::epochs::look(locations, &keyring) {
        Ok(Some(report)) => report.publications,
        Ok(None) => return Ok(None),
        Err(error) => return Ok(Some(error)),
    };
    let refused = |reason: String| Err(PublishError::NotVouchedFor { set: set.to_owned(), reason });
    let unknown = |version: &str| format!("`{version}`, where `latest.json` leads, is of no run that the ledger knows");
    let vouched = |version: &str| said.vouch(tenant, set, version, &place(locations), Timestamp::UNIX_EPOCH);
    let Some((version, manifest)) = in_bucket else {
        if let Some(altered) = altered_since(locations, &said, tenant, set)? {
            return refused(altered.to_string());
        }
        let of = Some(tenant).filter(|tenant| !tenant.is_empty());
        let folder = resolve_latest(&locations.output, of, set)?;
        let version = folder.file_name().unwrap_or_default().to_string_lossy();
        if vouched(&version).is_none() {
            return refused(unknown(&version));
        }
        return damaged(&folder)?.map_or(Ok(None), |damaged| refused(damaged.to_string()));
    };
    let Some(known) = vouched(version) else { return refused(unknown(version)) };
    if known.manifest_sha256.is_some_and(|hash| *manifest != Some(hash.to_string())) {
        return refused(format!("the manifest of `{version}` was changed after it was published"));
    }
    // A bucket that could not be reached leads to an earlier version, which is told; it may be read as long as nobody in it was erased.
    let is_latest = said.of(tenant, set).is_some_and(|last| last.set.version == *version);
    if known.outdated && !is_latest {
        return refused(format!("the bucket leads to `{version}`, which is not the latest, and somebody in it may have been erased since"));
    }
    Ok(None)
}
