//! What is kept how long and why: retention rules, purposes, records with clocks of their own, duties.

use jiff::civil::Date;

use super::*;

/// A retention rule.
#[derive(Debug, Clone)]
pub struct Retention {
    /// Its name.
    pub name: String,
    /// The category's own columns that start the clock.
    pub own: Vec<ColumnIndex>,
    /// Columns of other tables: (table, index into its leads, column); the latest counts.
    pub linked: Vec<(TableIndex, usize, ColumnIndex)>,
    /// Starts the clock where there is no date.
    pub start: Option<ColumnIndex>,
    /// What it means that there is none either.
    pub missing: MissingClock,
    /// How long.
    pub keep: Keep,
    /// What ends it before.
    pub ended: Option<Ended>,
    /// The legal basis.
    pub basis: Option<Basis>,
    /// Statute or notice.
    pub source: String,
}

/// How long to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// A period that counts from a day.
    Period {
        /// From the clock's own day, or from the end of the fiscal or calendar year that it falls in.
        from: packs::Base,
        /// How long.
        period: Period,
    },
    /// A retention pack.
    Pack(&'static packs::Pack),
    /// A retention pack per country; a tenant of another country is not processed.
    Packs(Vec<(Country, &'static packs::Pack)>),
    /// Without end, until it has `ended`.
    Open {
        /// The last day for which somebody has looked at it.
        review: Option<Date>,
    },
}

impl Keep {
    /// The retention pack of a country, where a pack says how long.
    pub fn pack(&self, country: Country) -> Option<&'static packs::Pack> {
        match self {
            Self::Pack(pack) => Some(pack),
            Self::Packs(packs) => packs.iter().find(|(of, _)| *of == country).map(|(_, pack)| *pack),
            Self::Period { .. } | Self::Open { .. } => None,
        }
    }

    /// Whether a tenant of a country has no rule here.
    pub fn lacks(&self, country: Country) -> bool {
        matches!(self, Self::Packs(packs) if packs.iter().all(|(of, _)| *of != country))
    }
}

/// What ends a rule or a purpose: rows that say so.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The table that says so.
    pub table: TableIndex,
    /// The references from it to whom it is about, each way there is; one empty path where it is the own table.
    pub paths: Vec<Vec<ReferenceIndex>>,
    /// Which rows count.
    pub when: Option<Condition>,
    /// Day of the withdrawal; without it every row that counts says that it ended.
    pub on: Option<ColumnIndex>,
    /// Day on which it was given, or given anew.
    pub given: Option<ColumnIndex>,
}

/// A purpose of processing.
#[derive(Debug, Clone)]
pub struct Purpose {
    /// Its name.
    pub name: String,
    /// Its legal basis.
    pub basis: Basis,
    /// What serves it: columns of the category's table and of tables that lead to it.
    pub columns: Vec<(TableIndex, ColumnIndex)>,
    /// What ends it.
    pub ended: Option<Ended>,
    /// A period of its own, at the end of which it has ended.
    pub period: Option<Retention>,
    /// Notice or statute.
    pub source: String,
}

/// A suppression list: addresses that survive erasure as tokens.
#[derive(Debug, Clone)]
pub struct Suppression {
    /// Its name.
    pub name: String,
    /// The address, in the category's table.
    pub column: ColumnIndex,
    /// Which rows want no more mail.
    pub when: Condition,
    /// Which rows have subscribed anew.
    pub renewed: Option<Condition>,
}

/// A record rule.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// For the record of processing.
    pub description: String,
    /// The table.
    pub table: TableIndex,
    /// The references from the table to where the clock's column stands; empty for an own column.
    pub clock_path: Vec<ReferenceIndex>,
    /// The clock's column there.
    pub clock: ColumnIndex,
    /// What it means that there is no date.
    pub missing: MissingClock,
    /// How long.
    pub keep: Keep,
    /// What ends it before: of the row itself, or of the subject of a category that it leads to.
    pub ended: Option<(Option<CategoryIndex>, Ended)>,
    /// What then.
    pub action: Action,
    /// The legal basis.
    pub basis: Option<Basis>,
    /// Statute or notice.
    pub source: String,
}

/// A duty to keep.
#[derive(Debug, Clone)]
pub struct Duty {
    /// Its name.
    pub name: String,
    /// The documents.
    pub table: TableIndex,
    /// Starts the period.
    pub clock: ColumnIndex,
    /// How long.
    pub keep: Keep,
    /// Which rows.
    pub when: Option<Condition>,
    /// What stays: (references from the document's table, column at their end).
    pub protects: Vec<(Vec<ReferenceIndex>, ColumnIndex)>,
}

/// A rule that says how long something is kept, wherever it stands.
#[derive(Debug, Clone, Copy)]
pub struct Ruled<'a> {
    /// What it is called in reports: ``rule `inactivity` of `customer` ``.
    pub kind: &'static str,
    /// Its name.
    pub name: &'a str,
    /// The category that it is about; `None` of records and duties.
    pub category: Option<&'a str>,
    /// How long.
    pub keep: &'a Keep,
}

impl std::fmt::Display for Ruled<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} `{}`", self.kind, self.name)?;
        self.category.map_or(Ok(()), |category| write!(formatter, " of `{category}`"))
    }
}

impl Pipeline {
    /// All rules that say how long.
    pub fn ruled(&self) -> impl Iterator<Item = Ruled<'_>> {
        let categories = self.categories.iter().flat_map(|category| {
            let rules = category.retention.iter().map(|rule| ("rule", rule));
            let purposes = category.purposes.iter().filter_map(|purpose| Some(("purpose", purpose.period.as_ref()?)));
            let of = Some(category.name.as_str());
            rules.chain(purposes).map(move |(kind, rule)| Ruled { kind, name: &rule.name, category: of, keep: &rule.keep })
        });
        let records = self.records.iter().map(|record| Ruled { kind: "record", name: &record.name, category: None, keep: &record.keep });
        let duties = self.duties.iter().map(|duty| Ruled { kind: "duty", name: &duty.name, category: None, keep: &duty.keep });
        categories.chain(records).chain(duties)
    }

    /// Open-ended rules that nobody has looked at, or not lately, by the day of the run: a sentence each.
    pub fn unreviewed(&self, day: Date) -> Vec<String> {
        let sentence = |rule: Ruled<'_>| match rule.keep {
            Keep::Open { review: None } => Some(format!("the {rule} is open-ended and has no `review` day")),
            Keep::Open { review: Some(review) } if *review < day => {
                Some(format!("the {rule} is open-ended and was to be reviewed by {review}"))
            }
            _ => None,
        };
        self.ruled().filter_map(sentence).collect()
    }

    /// Free texts that a duty keeps and that are cleaned when it ends: by then their person's name may be gone, and nobody knows what to look for.
    /// A sentence each.
    pub fn cleaned_late(&self) -> Vec<String> {
        let mut notes = Vec::new();
        for duty in &self.duties {
            for (path, column) in &duty.protects {
                let table = path.last().map_or(duty.table, |step| self.references[*step].to);
                let scoped = &self.tables[table];
                if scoped.columns[*column].treatment.scrubs() {
                    let column = &scoped.catalog.columns[*column].name;
                    notes.push(format!(
                        "`{}.{column}` is cleaned of its person's name when the duty `{}` ends, and the name may be gone by then: clear it, with \
                         `forget = \"null\"` or a placeholder",
                        scoped.name(),
                        duty.name
                    ));
                }
            }
        }
        notes
    }
}
