//! What lies in the output, beside what the ledger says was published there; and what anonymous sets remember of their releases.

use crate::error::Error;
use crate::keys::Keyring;
use crate::ledger::Publications;
use crate::pipeline::Release;
use crate::publish::{
    Altered, Bucket, Finding as Found, Location, PublishError, Remembering, beside_published, check_bucket, check_published,
};
use crate::run::{LeftSet, altered_since, contradicted, late, latest_said, looked_after};
use crate::session::{Session, World};
use crate::snapshot::read::ReadState;

use super::Verification;

/// What becomes of a damaged version that is not the latest.
const OLD_VERSION: &str = "no run mends a version that is not the latest: it goes as it would have gone, when its `reader_grace` is over and \
                           `keep_versions` does not keep it; until then let nobody read it, or remove its folder";
/// What becomes of one that is.
const LATEST_VERSION: &str = "the next `gallra run` makes a new version, without what does not belong there, and says so; until then let nobody \
                              read this one, and look who else may write there";
/// What becomes of a set whose folder is none.
const BARRED: &str = "no run publishes the set until a folder stands in its place: bring it back, or take away what is there; look who else may write \
                      there; to publish elsewhere, change `output`";
/// What nothing becomes of.
const UNDECLARED: &str = "the pipeline declares no such set, and no run mends it: remove its folder, or let nobody read it";
/// What becomes of what the ledger does not vouch for.
const NOT_VOUCHED_FOR: &str = "`gallra run` goes by the ledger: it says so once, puts `latest.json` right, and removes what no run published when a \
                               `reader_grace` is over; look who else may write there, and until then let nobody read it, or remove its folder";
/// What becomes of what a run found that was killed.
const LATE: &str = "the next `gallra run` tells it; look who else may write there";
/// So many of what lies beside the sets are named.
const NAMED: usize = 5;

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
    let locations = &session.locations;
    let output = &locations.output;
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
    let (mut not_vouched_for, mut killed) = (Vec::new(), Vec::new());
    let mut barred: Vec<Altered> = Vec::new();
    for tenant in &tenants {
        for set in sets {
            let altered = altered_since(locations, said, tenant, &set.name)?;
            let latest_said = latest_said(locations, said, tenant, &set.name).filter(|_| altered.is_some());
            let contradicted = contradicted(locations, said, tenant, &set.name, (world.now)())?;
            let is_new = |path: &std::path::Path| {
                found.iter().all(|found| found.path != path) && altered.as_ref().is_none_or(|altered| !path.starts_with(&altered.path))
            };
            not_vouched_for.extend(contradicted.iter().filter(|it| is_new(&it.path)).map(ToString::to_string));
            let untold = said.untold(tenant, &set.name).iter();
            killed.extend(untold.map(|noted| format!("`{}`: {}", set.name, late(noted))));
            // What is wrong as it lies there was found already.
            match altered.filter(|altered| found.iter().all(|found| found.path != altered.path)) {
                Some(altered) if altered.is_barred() => barred.push(altered),
                altered => latest.extend(altered.map(|altered| altered.to_string())),
            }
            if set.release == Release::Anonymous {
                let was_published = said.of(tenant, &set.name).is_some();
                match Remembering::look(&locations.ledger, output, keyring, tenant, set, was_published, latest_said) {
                    Ok(false) => {}
                    Ok(true) => verification.note("contributors", true, String::new),
                    Err(error @ PublishError::Io { .. }) => return Err(error.into()),
                    Err(error) => verification.found("contributors", error.to_string(), error.hint()),
                }
            }
        }
    }
    let outdated = left_sets(session, keyring, said, read, &tenants, verification)?;
    let old = messages(&|finding| finding.of_old_version);
    let undeclared = messages(&|finding| !finding.of_old_version && !is_declared(finding));
    let in_the_way = barred.iter().map(ToString::to_string).collect();
    let told = [
        (latest, LATEST_VERSION),
        (in_the_way, BARRED),
        (not_vouched_for, NOT_VOUCHED_FOR),
        (killed, LATE),
        (old, OLD_VERSION),
        (undeclared, UNDECLARED),
    ];
    if outdated.is_empty() && told.iter().all(|(messages, _)| messages.is_empty()) {
        verification.note("published", true, String::new);
    }
    for (messages, hint) in told.into_iter().filter(|(messages, _)| !messages.is_empty()) {
        verification.found("published", messages.join("; "), Some(hint.to_owned()));
    }
    outdated.into_iter().for_each(|(message, hint)| verification.found("published", message, Some(hint)));
    beside(output, &barred, verification)
}

/// Sets that no run looks after any more: those that may hold somebody who was erased are returned, with what to do; the others, and those that were
/// published elsewhere, are said.
fn left_sets(
    session: &Session,
    keyring: &Keyring,
    said: &Publications,
    read: &ReadState,
    tenants: &[&str],
    verification: &mut Verification,
) -> Result<Vec<(String, String)>, Error> {
    let mut outdated = Vec::new();
    let named = |tenant: &str, set: &str| {
        let of = if tenant.is_empty() { String::new() } else { format!(" of the tenant `{tenant}`") };
        format!("the set `{set}`{of}")
    };
    for left in LeftSet::all(session, said, read, keyring.id(), &|_| false)? {
        let message = format!("{}: {}", named(&left.tenant, &left.set), left.text());
        match left.may_hold_erased {
            true => outdated.push((message, left.hint())),
            false => verification.not_checked.push(format!("whether anybody still has to read {message}; {}", left.hint())),
        }
    }
    let here = looked_after(&session.locations);
    for (tenant, set, _) in said.sets() {
        if let Some(until) = said.elsewhere(tenant, set, &here) {
            let day = until.strftime("%Y-%m-%d");
            let is_declared = tenants.contains(&tenant) && session.pipeline.sets.iter().any(|declared| declared.name == set);
            let and = if is_declared { "" } else { ", and no run publishes it any more" };
            verification.not_checked.push(format!(
                "the versions of {} in another place, where a run last published it on {day}{and}: whoever was erased since is in them, unless \
                 somebody removed them",
                named(tenant, set)
            ));
        }
    }
    Ok(outdated)
}

/// What somebody put beside the sets, but for what is in the place of one.
fn beside(output: &std::path::Path, barred: &[Altered], verification: &mut Verification) -> Result<(), Error> {
    let mut strays = beside_published(output)?;
    strays.retain(|path| barred.iter().all(|barred| barred.path != *path));
    if strays.is_empty() {
        return Ok(());
    }
    let mut named: Vec<String> = strays.iter().take(NAMED).map(|path| format!("`{}`", path.display())).collect();
    if strays.len() > NAMED {
        named.push(format!("{} more", strays.len() - NAMED));
    }
    verification.not_checked.push(format!("what lies beside the published sets and is none of gallra's: {}", named.join(", ")));
    Ok(())
}
