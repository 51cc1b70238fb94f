//! What lies in the output, beside what the ledger says was published there; and what anonymous sets remember of their releases.

use crate::error::Error;
use crate::keys::Keyring;
use crate::ledger::Publications;
use crate::pipeline::Release;
use crate::publish::{Bucket, Finding as Found, Location, PublishError, Remembering, check_bucket, check_published};
use crate::run::altered_since;
use crate::session::{Session, World};
use crate::snapshot::read::ReadState;

use super::Verification;

/// What becomes of a damaged version that is not the latest.
const OLD_VERSION: &str = "no run mends a version that is not the latest: it goes as it would have gone, when its `reader_grace` is over and \
                           `keep_versions` does not keep it; until then let nobody read it, or remove its folder";
/// What becomes of one that is.
const LATEST_VERSION: &str = "the next `gallra run` makes a new version, without what does not belong there, and says so; until then let nobody \
                              read this one, and look who else may write there";
/// What nothing becomes of.
const UNDECLARED: &str = "the pipeline declares no such set, and no run mends it: remove its folder, or let nobody read it";

/// Checks the published sets of the tenants that there are. What the pipeline does not declare any more, or publishes elsewhere now, is looked at
/// where it lies and is not missed where it does not.
///
/// # Errors
/// [`Error::Publish`] where the output or bucket can not be opened.
pub fn published(
    session: &Session,
    keyring: &Keyring,
    said: &Publications,
    read: &ReadState,
    world: &World<'_>,
    verification: &mut Verification,
) -> Result<(), Error> {
    let output = &session.locations.output;
    let mut found = check_published(output);
    if let Location::Bucket(url) = &session.locations.published {
        found.extend(check_bucket(&Bucket::open(url, world.environment)?, output));
    }
    let sets = &session.pipeline.sets;
    let is_declared = |finding: &Found| finding.set.is_empty() || sets.iter().any(|set| set.name == finding.set);
    let messages = |wanted: &dyn Fn(&Found) -> bool| -> Vec<String> {
        found.iter().filter(|finding| wanted(finding)).map(ToString::to_string).collect()
    };
    let mut latest = messages(&|finding| !finding.of_old_version && is_declared(finding));
    let stopped = read.stopped.iter().map(|stopped| stopped.name.as_str()).filter(|name| !name.is_empty());
    let tenants: Vec<&str> = read.tenants.iter().map(|tenant| tenant.name.as_str()).chain(stopped).collect();
    for tenant in &tenants {
        for set in sets {
            let altered = altered_since(session, said, tenant, &set.name)?;
            // What is wrong as it lies there was found already.
            latest
                .extend(altered.filter(|altered| found.iter().all(|found| found.path != altered.path)).map(|altered| altered.to_string()));
            if set.release == Release::Anonymous {
                let was_published = said.of(tenant, &set.name).is_some();
                match Remembering::look(&session.locations.ledger, output, keyring, tenant, set, was_published) {
                    Ok(false) => {}
                    Ok(true) => verification.note("contributors", true, String::new),
                    Err(error @ PublishError::Io { .. }) => return Err(error.into()),
                    Err(error) => verification.found("contributors", error.to_string(), error.hint()),
                }
            }
        }
    }
    let old = messages(&|finding| finding.of_old_version);
    let undeclared = messages(&|finding| !finding.of_old_version && !is_declared(finding));
    if latest.is_empty() && old.is_empty() && undeclared.is_empty() {
        verification.note("published", true, String::new);
    }
    for (messages, hint) in [(latest, LATEST_VERSION), (old, OLD_VERSION), (undeclared, UNDECLARED)] {
        if !messages.is_empty() {
            verification.found("published", messages.join("; "), Some(hint.to_owned()));
        }
    }
    Ok(())
}
