//! Looking at the register without changing it: for `gallra hold list`, `check` and `verify`.

use std::path::Path;

use jiff::civil::Date;

use super::matching::{category_of, fields_of};
use super::register::Seal;
use super::{Known, Register, Standing, compare};
use crate::error::Error;
use crate::keys::Keyring;
use crate::pipeline::Pipeline;

/// The register, compared with what the ledger knows; `None` where there is none.
///
/// # Errors
/// The register can not be relied on.
pub fn look(path: &Path, keyring: &Keyring, known: &Known) -> Result<Option<Register>, Error> {
    let register = Register::read(path, &Seal::of(keyring)?)?;
    compare(path, register.as_ref(), known)?;
    Ok(register)
}

/// Holds in force that name what the pipeline does not have, each as a sentence: they stop a run.
pub fn misunderstood(pipeline: &Pipeline, register: &Register, today: Date) -> Vec<String> {
    let active = register.holds.iter().filter(|hold| hold.standing(today) == Standing::Active);
    let trouble = active.filter_map(|hold| category_of(pipeline, hold).and_then(|category| fields_of(pipeline, category, hold)).err());
    trouble.map(|error| format!("{error}; {}", error.hint())).collect()
}

/// Whether others than its owner may read the register.
pub fn open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}
