//! Sifting a file of addresses by a suppression list.

use std::path::Path;

use super::Request;
use super::decided::{Beside, plan_beside};
use crate::error::Error;
use crate::pipeline::source::suggestion;
use crate::progress::Progress;
use crate::session::{Access, LockUse, Session, World};
use crate::suppression::{Sieve, Sifted};

/// Which list, of whom.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// The list's name.
    pub name: &'a str,
    /// The category, where several have a list of that name.
    pub category: Option<&'a str>,
    /// The tenant, where there are several.
    pub tenant: Option<&'a str>,
}

/// A file to sift.
#[derive(Debug, Clone, Copy)]
pub struct Addresses<'a> {
    /// A CSV file.
    pub input: &'a Path,
    /// The header of its column with the addresses.
    pub column: &'a str,
    /// Where the lines go that may be mailed.
    pub output: &'a Path,
    /// Whether an existing file is replaced.
    pub overwrite: bool,
}

/// Copies a file of addresses without those that are on a suppression list.
pub fn sift(path: &Path, list: List<'_>, addresses: Addresses<'_>, world: &World<'_>, progress: &dyn Progress) -> Result<Sifted, Error> {
    let usage = |message: String, hint: Option<String>| Error::Usage { message, hint };
    let mut session = Session::open(path, Access::Read, LockUse::Compare, world)?;
    let planned = plan_beside(&mut session, &Request::default(), world, progress, &mut Beside::default())?;
    let pipeline = &session.pipeline;
    let all = || pipeline.categories.iter().flat_map(|category| category.suppressions.iter().map(move |known| (category, known)));
    let wanted = |category: &str| list.category.is_none_or(|wanted| wanted == category);
    let mut found = all().filter(|(category, known)| known.name == list.name && wanted(&category.name));
    let (category, known) = match (found.next(), found.next()) {
        (Some(found), None) => found,
        (Some(_), Some(_)) => {
            let hint = Some("say whose with `--category`".to_owned());
            return Err(usage(format!("several categories have a suppression list `{}`", list.name), hint));
        }
        (None, _) => {
            let names: Vec<&String> = all().map(|(_, known)| &known.name).collect();
            let hint = suggestion(list.name, &names).or(Some("declare it as `[[category.NAME.suppression]]`".to_owned()));
            return Err(usage(format!("there is no suppression list `{}`", list.name), hint));
        }
    };
    let tenants = &planned.read.tenants;
    let at = match (list.tenant, tenants.as_slice()) {
        (None, [_]) => 0,
        (None, _) => return Err(usage("the database has several tenants".to_owned(), Some("say whose list with `--tenant`".to_owned()))),
        (Some(name), _) => match tenants.iter().position(|tenant| tenant.name == name) {
            Some(at) => at,
            None => {
                let hint = Some("`gallra plan` says which tenants are not processed".to_owned());
                return Err(usage(format!("no tenant `{name}` is processed"), hint));
            }
        },
    };
    let class = pipeline.tables[category.table].columns[known.column].class;
    let (keys, tenant) = (&planned.keys[at], &tenants[at]);
    let sieve = Sieve { suppressed: &planned.suppressed, keys, tenant, category: &category.name, list: known, class };
    sieve.sift(addresses.input, addresses.column, addresses.output, addresses.overwrite)
}
