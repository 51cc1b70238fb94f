//! What the ledger says was published, beside what lies in the output.

use std::path::Path;

use crate::keys::Keyring;
use crate::ledger::{Digest, FILE_NAME, KnownPublication, Publications, PublishedSet, ReleaseLabel, check};
use crate::pipeline::Release;
use crate::publish::{Altered, Expected, PublishError, altered, place_sha256, resolve_latest};
use crate::report::SetLine;
use crate::session::Session;

/// What the folder of every version begins with, before the run's id.
const VERSION_PREFIX: &str = "v-";

/// What the ledger says, for those who only look; nothing where there is none. What is wrong with it is told elsewhere.
pub fn look(session: &Session, keyring: &Keyring) -> Publications {
    let path = session.locations.ledger.join(FILE_NAME);
    let report = super::ledger_mac(keyring).ok().and_then(|key| check(&path, &*key, None, keyring.id()).ok());
    report.map(|report| report.publications).unwrap_or_default()
}

/// What somebody else did to the latest version of a set; the tenant is empty in a store with one controller. A set that was last published to
/// another place is not missed here.
///
/// # Errors
/// [`PublishError::Io`].
pub fn altered_since(session: &Session, said: &Publications, tenant: &str, set: &str) -> Result<Option<Altered>, PublishError> {
    let output = &session.locations.output;
    let of = Some(tenant).filter(|tenant| !tenant.is_empty());
    let known = said.of(tenant, set).filter(|known| stands_here(session, known, of, set));
    let since = known.map_or(0, |known| known.seq);
    let unfinished = |version: &str| version.strip_prefix(VERSION_PREFIX).is_some_and(|run| said.may_have_published(run, since));
    let expected = known.map(|known| Expected { version: &known.set.version, manifest_sha256: known.set.manifest_sha256.to_string() });
    altered(output, of, set, expected.as_ref(), &unfinished)
}

/// Whether a set was last published to today's place. Where earlier versions of gallra did not say, it was if it is there.
fn stands_here(session: &Session, known: &KnownPublication, tenant: Option<&str>, set: &str) -> bool {
    match known.set.place_sha256 {
        Some(known) => place(session) == Some(known),
        None => !matches!(resolve_latest(&session.locations.output, tenant, set), Err(PublishError::NotPublished { .. })),
    }
}

fn place(session: &Session) -> Option<Digest> {
    Digest::parse(place_sha256(&session.locations.published, &session.locations.output)?.as_bytes()).ok()
}

/// The sets that became the latest, and those of which the ledger says something else than what lies there: whoever published them was killed
/// before it could say so.
pub fn published(session: &Session, said: &Publications, sets: &[SetLine]) -> Vec<PublishedSet> {
    let place_sha256 = place(session);
    let line = |set: &SetLine| {
        let folder = Path::new(set.folder.as_deref()?);
        let manifest = std::fs::read(folder.join("_manifest.json")).ok()?;
        let published = PublishedSet {
            name: set.set.clone(),
            tenant: Some(set.tenant.clone()).filter(|tenant| !tenant.is_empty()),
            version: folder.file_name()?.to_string_lossy().into_owned(),
            manifest_sha256: Digest::parse(crate::pipeline::resolve::hash(&manifest).as_bytes()).ok()?,
            label: match set.label {
                Release::Pseudonymised => ReleaseLabel::Pseudonymised,
                Release::Anonymous => ReleaseLabel::Anonymous,
            },
            place_sha256,
        };
        let is_known = said.of(&set.tenant, &set.set).is_some_and(|known| {
            let known = &known.set;
            known.version == published.version && known.manifest_sha256 == published.manifest_sha256 && known.place_sha256 == place_sha256
        });
        (!is_known).then_some(published)
    };
    sets.iter().filter_map(line).collect()
}
