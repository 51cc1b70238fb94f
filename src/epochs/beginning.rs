//! A new keyring where another one was in use: what it would mean, said before it is made.

use std::collections::BTreeSet;
use std::path::Path;

use super::ledger_path;
use crate::error::Error;
use crate::keys::Keyring;
use crate::ledger::{LedgerError, Problem, check};
use crate::pipeline::resolve::Locations;
use crate::publish::list_sets;
use crate::run::ledger_mac;
use crate::session::World;

/// Refuses a new keyring beside a ledger: whatever keyring that belongs to, a new one is another.
///
/// # Errors
/// There is a ledger, or something in its place.
pub fn refuse_beside_ledger(locations: &Locations, world: &World<'_>) -> Result<(), Error> {
    let path = ledger_path(locations);
    // Of no use but to be another than the ledger's, which the check names then.
    let other = Keyring::generate((world.now)(), (world.random)());
    let report = match check(&path, &*ledger_mac(&other)?, None, other.id()) {
        Err(LedgerError::Missing { .. }) => return Ok(()),
        report => report?,
    };
    let of = report.findings.iter().find_map(|finding| match &finding.problem {
        Problem::ForeignKeyring { found, .. } => Some(format!(" of keyring `{found}`")),
        _ => None,
    });
    let of = of.unwrap_or_default();
    Err(Error::Usage {
        message: format!("there is a ledger{of} at `{}`, with which a new keyring can not go on", path.display()),
        hint: Some(
            "put the ledger's own keyring back from its backup; if that is lost for good, the README says under \"Keys and pseudonyms\" what is \
             lost with it and how to begin anew"
                .to_owned(),
        ),
    })
}

/// The keyrings, but for this one, under which sets in an output folder were published last.
///
/// # Errors
/// The output folder can not be read.
pub fn foreign_sets(output: &Path, keyring: &Keyring) -> Result<BTreeSet<String>, Error> {
    let latest = list_sets(output)?.into_iter().filter_map(|set| set.latest);
    Ok(latest.map(|manifest| manifest.keyring).filter(|id| id != keyring.id()).collect())
}
