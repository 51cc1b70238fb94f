//! Suppression lists: unsubscribed addresses survive their erasure as keyed tokens, so that a later import does not mail them again.
//!
//! A token is entered in the journal in the transaction that erases its address, under a key of its own per tenant; the list's name is part of
//! what is hashed. It ends when a living row with the same address has subscribed anew. Nobody can list the addresses: only whoever has
//! one can ask whether it is on the list ([`Suppressed::holds`]).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use arrow::array::{ArrayRef, AsArray};

use crate::decide::condition::passes;
use crate::decide::days::DecideError;
use crate::detect::{Country, normalise};
use crate::error::Error;
use crate::keys::DerivedKey;
use crate::passes::{TenantKeys, Treating};
use crate::pipeline::*;
use crate::snapshot::State;
use crate::store::JournalEntry;

/// The journal's word for an address that is on a list.
pub const SUPPRESSED: &str = "suppressed";
/// The journal's word for an address that has left it.
pub const RENEWED: &str = "renewed";

/// The journal's name for a list. No retention rule's or shared table's name has this form.
pub fn list_table(category: &str, list: &str) -> String {
    format!("{category}!{list}")
}

/// The token of an address; `None` where the text is none (nothing is left of it without blanks and brackets).
pub fn token(key: &DerivedKey, class: Class, country: Country, list: &str, address: &str) -> Option<String> {
    let normal = match class {
        Class::Phone => normalise::phone(address, country),
        _ => normalise::email(address),
    };
    (!normal.is_empty()).then(|| key.token(&[list.as_bytes(), normal.as_bytes()]).to_string())
}

/// The tokens of each list of each tenant, as the journal has them: (tenant, list's table) → tokens.
#[derive(Debug, Clone, Default)]
pub struct Suppressed {
    lists: BTreeMap<(String, String), HashSet<String>>,
}

impl Suppressed {
    /// From the journal's entries, of which the later one counts.
    pub fn of(journal: &[JournalEntry]) -> Self {
        let mut latest: HashMap<(&str, &str, &str), &str> = HashMap::new();
        for entry in journal.iter().filter(|entry| entry.table.contains('!')) {
            latest.insert((&entry.tenant, &entry.table, &entry.token), &entry.outcome);
        }
        let mut lists: BTreeMap<(String, String), HashSet<String>> = BTreeMap::new();
        for ((tenant, table, token), outcome) in latest {
            if outcome == SUPPRESSED {
                lists.entry((tenant.to_owned(), table.to_owned())).or_default().insert(token.to_owned());
            }
        }
        Self { lists }
    }

    /// Whether a token is on a list.
    pub fn holds(&self, tenant: &str, table: &str, token: &str) -> bool {
        self.lists.get(&(tenant.to_owned(), table.to_owned())).is_some_and(|tokens| tokens.contains(token))
    }

    /// How many tokens a list has.
    pub fn len(&self, tenant: &str, table: &str) -> usize {
        self.lists.get(&(tenant.to_owned(), table.to_owned())).map_or(0, HashSet::len)
    }

    /// Whether there is no list with a token.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }

    /// The entries that take addresses off the lists, because a living row has subscribed anew.
    ///
    /// # Errors
    /// [`DecideError`] where a column was not read or can not be compared.
    pub fn renewed(&self, treating: &Treating<'_>, state: &State) -> Result<Vec<JournalEntry>, DecideError> {
        let mut entries = Vec::new();
        for category in treating.pipeline.categories.iter().filter(|_| !self.is_empty()) {
            for list in &category.suppressions {
                let Some(renewed) = &list.renewed else { continue };
                let passing = passes(treating.pipeline, state, category.table, renewed)?;
                let Some(addresses) = texts(state.column(category.table, list.column)) else { continue };
                let table = list_table(&category.name, &list.name);
                let class = treating.pipeline.tables[category.table].columns[list.column].class;
                for (row, address) in addresses.iter().enumerate().filter(|(row, _)| passing[*row]) {
                    let tenant_index = state.tables[category.table].tenants[row] as usize;
                    let (Some(address), Some(tenant)) = (address, treating.tenants.get(tenant_index)) else { continue };
                    let found = token(&treating.keys[tenant_index].suppression, class, tenant.country, &list.name, address);
                    if let Some(token) = found.filter(|token| self.holds(&tenant.name, &table, token)) {
                        entries.push(entry(tenant, &table, token, RENEWED));
                    }
                }
            }
        }
        entries.sort_by(|one, other| (&one.tenant, &one.table, &one.token).cmp(&(&other.tenant, &other.table, &other.token)));
        entries.dedup();
        Ok(entries)
    }
}

fn texts(cells: Option<&ArrayRef>) -> Option<&arrow::array::StringArray> {
    cells.and_then(|cells| cells.as_string_opt::<i32>())
}

/// An entry of the journal for an address.
pub fn entry(tenant: &Tenant, table: &str, token: String, outcome: &str) -> JournalEntry {
    JournalEntry {
        tenant: tenant.name.clone(),
        table: table.to_owned(),
        token,
        batch: String::new(),
        outcome: outcome.to_owned(),
        clock_start: None,
        version: String::new(),
        written_on: tenant.as_of.to_string(),
    }
}

/// What became of a file of addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Sifted {
    /// Lines that may be mailed.
    pub kept: u64,
    /// Lines whose address is on the list.
    pub suppressed: u64,
    /// Lines without an address.
    pub empty: u64,
}

/// Whom to sift out.
pub struct Sieve<'a> {
    /// What the journal knows.
    pub suppressed: &'a Suppressed,
    /// The tenant's keys.
    pub keys: &'a TenantKeys,
    /// The tenant.
    pub tenant: &'a Tenant,
    /// The category's name.
    pub category: &'a str,
    /// The list.
    pub list: &'a Suppression,
    /// The class of its addresses.
    pub class: Class,
}

impl Sieve<'_> {
    /// Copies a CSV file without the lines whose address is on the list. `column` is the header of the address's column.
    ///
    /// # Errors
    /// [`Error`] where a file can not be read or written, is no CSV, or has no such column. Lines are named by number, never by content.
    pub fn sift(&self, input: &Path, column: &str, output: &Path, overwrite: bool) -> Result<Sifted, Error> {
        let usage = |message: String, hint: &str| Error::Usage { message, hint: Some(hint.to_owned()) };
        let mut reader = csv::Reader::from_path(input).map_err(|error| csv_error(input, &error))?;
        let header = reader.byte_headers().map_err(|error| csv_error(input, &error))?.clone();
        let at = header.iter().position(|name| name == column.as_bytes());
        let at = at.ok_or_else(|| {
            usage(format!("`{}` has no column `{column}`", input.display()), "the first line names the columns; `--column` is one of them")
        })?;
        let table = list_table(self.category, &self.list.name);
        let mut sifted = Sifted::default();
        let mut failure = None;
        crate::files::private(output, overwrite, &mut |file| {
            let mut writer = csv::Writer::from_writer(std::io::BufWriter::new(file));
            writer.write_byte_record(&header)?;
            for record in reader.byte_records() {
                let record = match record {
                    Ok(record) => record,
                    Err(error) => {
                        failure = Some(csv_error(input, &error));
                        return Err(std::io::Error::other("the input ends early"));
                    }
                };
                let address = record.get(at).map(String::from_utf8_lossy).unwrap_or_default();
                match token(&self.keys.suppression, self.class, self.tenant.country, &self.list.name, &address) {
                    None => sifted.empty += 1,
                    Some(token) if self.suppressed.holds(&self.tenant.name, &table, &token) => {
                        sifted.suppressed += 1;
                        continue;
                    }
                    Some(_) => sifted.kept += 1,
                }
                writer.write_byte_record(&record)?;
            }
            writer.flush()
        })
        .map_err(|error| match (failure.take(), error.kind()) {
            (Some(failure), _) => failure,
            (None, std::io::ErrorKind::AlreadyExists) => usage(format!("`{}` exists", output.display()), "another name, or `--overwrite`"),
            (None, _) => Error::file("write", output, &error),
        })?;
        Ok(sifted)
    }
}

/// A CSV error without the line's content.
fn csv_error(path: &Path, error: &csv::Error) -> Error {
    let line = error.position().map_or(String::new(), |position| format!(", line {}", position.line()));
    let message = match error.kind() {
        csv::ErrorKind::Io(error) => return Error::file("read", path, error),
        csv::ErrorKind::UnequalLengths { .. } => format!("`{}`{line} has another number of fields than the first line", path.display()),
        _ => format!("`{}`{line} can not be read as CSV", path.display()),
    };
    Error::Usage { message, hint: Some("a CSV file in UTF-8 with a line of column names".to_owned()) }
}
