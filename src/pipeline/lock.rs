//! The lock file beside the pipeline: every column in scope with its class and declared type, as people last saw and accepted them.
//!
//! It is committed with the pipeline. A column that is not in it is drift: the run stops (DOMAIN.md's T4), whatever pattern the column fits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ScopedTable;
use super::diagnose::Problems;

const FORMAT: &str = "gallra-lock-1";

/// The lock file's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    format: String,
    /// Table → column → `class | declared type`.
    #[serde(default)]
    table: BTreeMap<String, BTreeMap<String, String>>,
}

impl Lock {
    /// The lock that fits these tables now.
    pub fn of(tables: &[ScopedTable]) -> Self {
        let in_scope = tables.iter().filter(|table| table.out_of_scope.is_none());
        let table = in_scope.map(|table| {
            let columns = table.catalog.columns.iter().zip(&table.columns);
            let columns =
                columns.map(|(column, scoped)| (column.name.clone(), format!("{} | {}", class_name(scoped.class), column.declared)));
            (table.name().to_owned(), columns.collect())
        });
        Self { format: FORMAT.into(), table: table.collect() }
    }

    /// Its text.
    pub fn text(&self) -> String {
        let body = toml::to_string(self).unwrap_or_default();
        format!(
            "# The classes of all columns as last accepted. Commit this file beside the pipeline; `gallra check --accept` writes it.\n{body}"
        )
    }

    /// Reads a lock file; the error is a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lock: Self = toml::from_str(text).map_err(|error| format!("it is not a lock file: {}", error.message().replace('\n', ", ")))?;
        if lock.format != FORMAT {
            return Err(format!("its format is `{}`, not `{FORMAT}`", lock.format));
        }
        Ok(lock)
    }

    /// Reports each difference between this lock (accepted) and `live`.
    pub fn compare(&self, live: &Self, problems: &mut Problems) {
        let accept = || Some("look at it, class it in the pipeline, then accept it with `gallra check --accept`".to_owned());
        let empty = BTreeMap::new();
        let tables: std::collections::BTreeSet<&String> = self.table.keys().chain(live.table.keys()).collect();
        for table in tables {
            let accepted = self.table.get(table).unwrap_or(&empty);
            let current = live.table.get(table).unwrap_or(&empty);
            for (column, now) in current {
                match accepted.get(column) {
                    None => problems.add(None, format!("drift: the column `{table}.{column}` is not in the lock file"), accept()),
                    Some(then) if then != now => {
                        problems.add(
                            None,
                            format!("drift: the column `{table}.{column}` was accepted as `{then}` and is now `{now}`"),
                            accept(),
                        );
                    }
                    Some(_) => {}
                }
            }
            for column in accepted.keys().filter(|column| !current.contains_key(*column)) {
                problems.add(None, format!("drift: the column `{table}.{column}` is in the lock file and no longer in scope"), accept());
            }
        }
    }
}

/// The lock file of a pipeline file: `fortnox.toml` → `fortnox.lock`.
pub fn path_of(pipeline: &Path) -> PathBuf {
    pipeline.with_extension("lock")
}

/// A class as it is written in a pipeline file.
pub fn class_name(class: super::Class) -> String {
    serde_json::to_value(class).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(text: &str) -> Lock {
        Lock::parse(text).unwrap()
    }

    #[test]
    fn a_new_a_gone_and_a_changed_column_are_drift() {
        let accepted =
            lock("format = \"gallra-lock-1\"\n[table.a]\nkept = \"plain | TEXT\"\ngone = \"plain | TEXT\"\nchanged = \"plain | TEXT\"\n");
        let live =
            lock("format = \"gallra-lock-1\"\n[table.a]\nkept = \"plain | TEXT\"\nnew = \"email | TEXT\"\nchanged = \"email | TEXT\"\n");
        let mut problems = Problems::default();
        accepted.compare(&live, &mut problems);
        let text: Vec<&str> = problems.list.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(text.len(), 3, "{text:?}");
        assert!(text.iter().any(|line| line.contains("`a.new` is not in the lock file")));
        assert!(text.iter().any(|line| line.contains("`a.gone` is in the lock file and no longer")));
        assert!(text.iter().any(|line| line.contains("`a.changed` was accepted as `plain | TEXT`")));
    }

    #[test]
    fn text_and_parse_agree_and_a_foreign_file_is_refused() {
        let one = lock("format = \"gallra-lock-1\"\n[table.a]\nb = \"plain | TEXT\"\n");
        assert_eq!(Lock::parse(&one.text()).unwrap(), one);
        assert!(Lock::parse("format = \"other\"\n").unwrap_err().contains("`other`"));
        assert!(Lock::parse("not toml at all").is_err());
    }
}
