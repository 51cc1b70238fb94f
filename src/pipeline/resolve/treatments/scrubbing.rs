//! How a text is scrubbed: what the file says, checked.

use super::*;
use crate::detect::{Kind, Kinds};
use crate::pipeline::raw::{RawScrub, RawScrubbing};
use crate::pipeline::{Replacement, Scrubbing};

impl Resolver<'_> {
    /// What the settings of a text say, or the default. `dropped` is what takes the place of a text that is dropped.
    pub(super) fn scrubbing(&mut self, said: &RawScrubbing, dropped: Replacement, place: &[&str]) -> Scrubbing {
        let replacement = match said.scrub {
            None | Some(RawScrub::Kind) => Replacement::Kind,
            Some(RawScrub::Pseudonym) => Replacement::Pseudonym,
            Some(RawScrub::Drop) => dropped,
        };
        let mut scrubbing = Scrubbing { replacement, ..Scrubbing::default() };
        if let Some(names) = &said.kinds {
            scrubbing.kinds = self.scrubbed_kinds(names, place);
        }
        if let Some(confidence) = said.min_confidence {
            if (0.0..=1.0).contains(&confidence) {
                scrubbing.min_confidence = confidence as f32;
            } else {
                let message = format!("`min_confidence` is {confidence}, but a confidence lies between 0 and 1");
                self.problem(place, message, Some("leave it out for 0.5; less finds more, and more that is none".to_owned()));
            }
        }
        scrubbing
    }

    fn scrubbed_kinds(&mut self, names: &[String], place: &[&str]) -> Kinds {
        let known: Vec<&str> = Kind::ALL.into_iter().filter(|kind| !kind.is_flag()).map(Kind::as_str).collect();
        if names.is_empty() {
            self.problem(place, "`scrub_kinds` names no kind, so nothing would be replaced", Some("leave it out for all kinds".to_owned()));
        }
        let mut kinds: Vec<Kind> = Vec::new();
        for name in names {
            match name.parse::<Kind>() {
                Ok(kind) if kind.is_flag() => {
                    let message = format!("`{name}` is only flagged in reports and never replaced, so `scrub_kinds` can not name it");
                    self.problem(place, message, None);
                }
                Ok(kind) if kinds.contains(&kind) => {
                    self.problem(place, format!("`scrub_kinds` names `{name}` twice"), None);
                }
                Ok(kind) => kinds.push(kind),
                Err(error) => {
                    self.problem(place, error.to_string(), Some(format!("the kinds are {}", known.join(", "))));
                }
            }
        }
        kinds.into_iter().collect()
    }

    /// Refuses settings of scrubbing where nothing is scrubbed: somebody believes that it is.
    pub(super) fn check_scrubbed(&mut self, what: &str, said: &RawScrubbing, scrubs: bool, place: &[&str]) {
        let option = match said {
            _ if scrubs => return,
            RawScrubbing { scrub: Some(_), .. } => "scrub",
            RawScrubbing { kinds: Some(_), .. } => "scrub_kinds",
            RawScrubbing { min_confidence: Some(_), .. } => "min_confidence",
            RawScrubbing { .. } => return,
        };
        let message = format!("{what} has `{option}`, but its text is not scrubbed");
        self.problem(place, message, Some(format!("say `forget = \"scrub\"`, or take `{option}` out")));
    }

    /// What takes the place of a dropped text in a column.
    pub(super) fn dropped(&self, table: TableIndex, column: ColumnIndex) -> Replacement {
        let catalog = &self.tables[table].catalog;
        let nullable = catalog.columns[column].nullable && !catalog.equal_nulls.contains(&column);
        if nullable { Replacement::Null } else { Replacement::Empty }
    }
}
