//! A taxonomy: what a value is called at coarser and coarser levels. It comes from a CSV file beside the pipeline file.

use std::collections::{BTreeMap, HashMap};

use super::resolve::hash;

/// A taxonomy of values.
#[derive(Clone, PartialEq, Eq)]
pub struct Taxonomy {
    /// SHA-256 of its file, in hexadecimal digits.
    pub hash: String,
    levels: usize,
    values: HashMap<String, Vec<String>>,
}

/// What is wrong with a taxonomy's file; lines count from 1, and no value is quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaxonomyFault {
    /// It is no CSV file.
    #[error("line {line} can not be read as CSV")]
    Unreadable {
        /// The line.
        line: u64,
    },
    /// The first line names other columns.
    #[error("its first line is not `value,level1,level2` and so on")]
    Header,
    /// A value stands twice.
    #[error("line {line} has a value that stands further up already")]
    Repeated {
        /// The line.
        line: u64,
    },
    /// A value has a coarser level and not the one below it.
    #[error("line {line} leaves a level empty and fills a coarser one")]
    Gap {
        /// The line.
        line: u64,
    },
    /// What a level is called has blanks around it, which would be published.
    #[error("line {line} has a level with blanks around its name")]
    Blanks {
        /// The line.
        line: u64,
    },
    /// What is one thing at a level is several things at a coarser one.
    #[error("line {line} puts at level {level} apart what a finer level holds together")]
    NoTree {
        /// The line.
        line: u64,
        /// The coarser level.
        level: usize,
    },
}

impl Taxonomy {
    /// Reads a file with the columns `value`, `level1`, `level2` and so on, from fine to coarse.
    ///
    /// Levels are a tree: what is one at a level is one at all coarser ones, so that going a level up puts groups together and never apart. A
    /// value may lack its coarsest levels. A value is taken to the letter, blanks included, because the store's cells are compared with it.
    ///
    /// # Errors
    /// [`TaxonomyFault`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TaxonomyFault> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::Reader::from_reader(text);
        let line_of = |error: &csv::Error| error.position().map_or(1, csv::Position::line);
        let header = reader.headers().map_err(|error| TaxonomyFault::Unreadable { line: line_of(&error) })?.clone();
        let levels = header.len().saturating_sub(1);
        let named = (0..=levels).map(|level| if level == 0 { "value".to_owned() } else { format!("level{level}") });
        if levels == 0 || !named.eq(header.iter().map(str::to_owned)) {
            return Err(TaxonomyFault::Header);
        }
        let mut values = HashMap::new();
        let mut coarser: BTreeMap<(usize, String), Option<String>> = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| TaxonomyFault::Unreadable { line: line_of(&error) })?;
            let line = record.position().map_or(1, csv::Position::line);
            let mut cells = record.iter().map(str::to_owned);
            let value = cells.next().unwrap_or_default();
            let all: Vec<String> = cells.collect();
            if all.iter().any(|cell| cell.trim() != cell) {
                return Err(TaxonomyFault::Blanks { line });
            }
            let filled: Vec<String> = all.iter().take_while(|cell| !cell.is_empty()).cloned().collect();
            if all.iter().skip(filled.len()).any(|cell| !cell.is_empty()) {
                return Err(TaxonomyFault::Gap { line });
            }
            for (at, cell) in filled.iter().enumerate() {
                let above = filled.get(at + 1).cloned();
                if coarser.entry((at, cell.clone())).or_insert_with(|| above.clone()) != &above {
                    return Err(TaxonomyFault::NoTree { line, level: at + 2 });
                }
            }
            if values.insert(value, filled).is_some() {
                return Err(TaxonomyFault::Repeated { line });
            }
        }
        Ok(Self { hash: hash(bytes), levels, values })
    }

    /// How many levels it has.
    pub fn levels(&self) -> usize {
        self.levels
    }

    /// What a value is called at a level, counted from 1; `None` for a value that the file does not have, or not at that level.
    pub fn at(&self, value: &str, level: usize) -> Option<&str> {
        self.values.get(value)?.get(level.checked_sub(1)?).map(String::as_str)
    }
}

/// Its hash: the file may be long, and equal hashes are equal files.
impl std::fmt::Debug for Taxonomy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Taxonomy").field(&self.hash).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_a_name_at_each_level() {
        let file = "\u{feff}value,level1,level2\n62.01,Programming,IT\n 62.01,Advice,IT\n62.02,Advice,IT\n47.11,\"Food, drink\",Trade\n99,Other,\n00,,\n";
        let taxonomy = Taxonomy::parse(file.as_bytes()).unwrap();
        assert_eq!(taxonomy.levels(), 2);
        let levels = |value| [0, 1, 2, 3].map(|level| taxonomy.at(value, level));
        assert_eq!(levels("62.01"), [None, Some("Programming"), Some("IT"), None]);
        assert_eq!(levels(" 62.01"), [None, Some("Advice"), Some("IT"), None], "a value is what it is, to the letter");
        assert_eq!(levels("62.01 "), [None; 4]);
        assert_eq!(levels("47.11"), [None, Some("Food, drink"), Some("Trade"), None]);
        assert_eq!(levels("99"), [None, Some("Other"), None, None]);
        assert_eq!((levels("00"), levels("62")), ([None; 4], [None; 4]));
    }

    #[test]
    fn a_file_that_is_no_taxonomy_says_where() {
        let fault = |file: &str| Taxonomy::parse(file.as_bytes()).unwrap_err().to_string();
        let header = "its first line is not `value,level1,level2` and so on";
        for file in ["", "value\n", "value;level1\n", "value,level2\na,b\n", "code,level1\na,b\n", "value, level1\na,b\n"] {
            assert_eq!(fault(file), header, "{file}");
        }
        assert_eq!(fault("value,level1\na,b\na,c\n"), "line 3 has a value that stands further up already");
        assert_eq!(fault("value,level1,level2\na,,c\n"), "line 2 leaves a level empty and fills a coarser one");
        assert_eq!(fault("value,level1,level2\na,x,c\nb,x,d\n"), "line 3 puts at level 2 apart what a finer level holds together");
        assert_eq!(fault("value,level1,level2\na,x,c\nb,x,\n"), "line 3 puts at level 2 apart what a finer level holds together");
        assert_eq!(fault("value,level1\na, b\n"), "line 2 has a level with blanks around its name");
        assert_eq!(fault("value,level1\na,b,c\n"), "line 2 can not be read as CSV");
        assert_eq!(Taxonomy::parse(b"value,level1\n\xff,b\n").unwrap_err(), TaxonomyFault::Unreadable { line: 2 });
    }

    #[test]
    fn another_file_is_another_taxonomy() {
        let (one, other) = (Taxonomy::parse(b"value,level1\na,b\n").unwrap(), Taxonomy::parse(b"value,level1\na,c\n").unwrap());
        assert_ne!(format!("{one:?}"), format!("{other:?}"));
        assert!(!format!("{one:?}").contains("values"));
    }
}
