//! Retention packs: statutory duties as versioned data.
//!
//! A pipeline file names a pack (`"se.bookkeeping"`) instead of spelling out a statute. The packs come from `packs.toml`,
//! which is compiled in; [`crate::decide::clocks`] turns a pack and a clock into a due date. A pack is a default: whoever
//! shows one shows its [`Pack::confirm`] line too, because only the controller's counsel can say that it applies.

use std::fmt;
use std::sync::OnceLock;

use jiff::civil::Date;
use serde::Deserialize;

const EMBEDDED: &str = include_str!("packs.toml");

/// One retention duty or default, with the statute it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pack {
    /// What a pipeline file calls it, such as `se.bookkeeping`.
    pub id: String,
    /// One line in English on what it covers, with the local term.
    pub title: String,
    /// ISO 3166-1 alpha-2 code of the country, or `EU`.
    pub country: String,
    /// Name and section of the statute, in the statute's own language.
    pub statute: String,
    /// Which date of a row the rule wants as its clock, in words.
    pub clock: String,
    /// The day on which the rule was last revised; evidence cites it beside the id.
    pub version: Date,
    /// The line to print wherever the pack is shown: `confirm with counsel`.
    pub confirm: String,
    /// How the due date follows from the clock.
    pub rule: Rule,
}

/// From a clock to the last day of keeping: a base day, then whole years and months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The day that counting starts from.
    pub base: Base,
    /// Whole years after the base.
    #[serde(default)]
    pub years: u8,
    /// Whole months after the base, in addition to the years.
    #[serde(default)]
    pub months: u8,
}

/// The day that a [`Rule`] counts from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// The last day of the fiscal year that the clock falls in.
    FiscalYearEnd,
    /// 31 December of the calendar year in which that fiscal year ended.
    EndOfCalendarYearOfFiscalYearEnd,
    /// 31 December of the clock's own year.
    EndOfCalendarYear,
    /// The clock itself.
    #[default]
    Event,
}

impl Base {
    /// Whether the due date depends on the tenant's fiscal calendar.
    pub fn needs_fiscal_calendar(self) -> bool {
        matches!(self, Self::FiscalYearEnd | Self::EndOfCalendarYearOfFiscalYearEnd)
    }
}

impl fmt::Display for Base {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::FiscalYearEnd => "end of the fiscal year",
            Self::EndOfCalendarYearOfFiscalYearEnd => "end of the calendar year in which the fiscal year ended",
            Self::EndOfCalendarYear => "end of the calendar year",
            Self::Event => "event",
        })
    }
}

/// Prints the rule as evidence cites it: `end of the fiscal year + 3 years + 6 months`.
impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.base)?;
        for (count, singular, plural) in [(self.years, "year", "years"), (self.months, "month", "months")] {
            match count {
                0 => {}
                1 => write!(formatter, " + 1 {singular}")?,
                _ => write!(formatter, " + {count} {plural}")?,
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pack: Vec<Pack>,
}

fn parse(text: &str) -> Result<Vec<Pack>, toml::de::Error> {
    toml::from_str::<File>(text).map(|file| file.pack)
}

/// Every pack, in the order of the file.
pub fn all() -> &'static [Pack] {
    static PACKS: OnceLock<Vec<Pack>> = OnceLock::new();
    // The tests prove that the compiled-in text parses. Should it ever not, no pack is known: a pipeline that names one is
    // then refused, which is the safe direction.
    PACKS.get_or_init(|| parse(EMBEDDED).unwrap_or_default())
}

/// The pack that a pipeline file calls `id`; `None` if there is none.
///
/// ```
/// # use gallra::pipeline::packs::pack;
/// assert_eq!(pack("dk.bookkeeping").map(|pack| pack.rule.to_string()).as_deref(), Some("end of the fiscal year + 5 years"));
/// assert!(pack("dk.bookkeping").is_none());
/// ```
pub fn pack(id: &str) -> Option<&'static Pack> {
    all().iter().find(|pack| pack.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The rules as the domain's table states them, written out a second time by hand.
    const TABLE: [(&str, &str, Base, u8, u8); 11] = [
        ("se.bookkeeping", "SE", Base::EndOfCalendarYearOfFiscalYearEnd, 7, 0),
        ("dk.bookkeeping", "DK", Base::FiscalYearEnd, 5, 0),
        ("no.bookkeeping", "NO", Base::FiscalYearEnd, 5, 0),
        ("no.bookkeeping.secondary", "NO", Base::FiscalYearEnd, 3, 6),
        ("fi.vouchers", "FI", Base::EndOfCalendarYearOfFiscalYearEnd, 6, 0),
        ("fi.books", "FI", Base::FiscalYearEnd, 10, 0),
        ("de.books", "DE", Base::EndOfCalendarYear, 10, 0),
        ("de.vouchers", "DE", Base::EndOfCalendarYear, 8, 0),
        ("de.letters", "DE", Base::EndOfCalendarYear, 6, 0),
        ("eu.oss", "EU", Base::EndOfCalendarYear, 10, 0),
        ("inactivity", "EU", Base::Event, 0, 6),
    ];

    #[test]
    fn the_embedded_file_parses_and_says_what_the_table_says() {
        let packs = parse(EMBEDDED).expect("the embedded file parses");
        assert_eq!(packs.len(), TABLE.len());
        for (id, country, base, years, months) in TABLE {
            let found = packs.iter().find(|pack| pack.id == id).unwrap_or_else(|| panic!("{id} is missing"));
            assert_eq!(found.country, country, "{id}");
            assert_eq!(found.rule, Rule { base, years, months }, "{id}");
        }
    }

    #[test]
    fn what_users_get_is_the_embedded_file() {
        assert_eq!(all(), parse(EMBEDDED).expect("the embedded file parses"));
        for found in all() {
            assert_eq!(pack(&found.id), Some(found));
        }
        assert_eq!(pack("se.bookkeepin"), None);
        assert_eq!(pack("SE.bookkeeping"), None);
        assert_eq!(pack(""), None);
    }

    #[test]
    fn every_pack_is_complete_and_its_id_unique() {
        let mut seen = BTreeSet::new();
        for pack in all() {
            assert!(seen.insert(&pack.id), "{} stands twice", pack.id);
            assert_eq!(pack.confirm, "confirm with counsel", "{}", pack.id);
            assert!(pack.version >= Date::constant(2026, 11, 22), "{}", pack.id);
            assert!(pack.rule.years > 0 || pack.rule.months > 0, "{} keeps nothing", pack.id);
            for text in [&pack.title, &pack.statute, &pack.clock] {
                assert!(!text.trim().is_empty(), "{}", pack.id);
            }
        }
    }

    #[test]
    fn statutes_are_cited_in_their_own_language() {
        let statute = |id: &str| pack(id).expect("the pack exists").statute.as_str();
        assert_eq!(statute("se.bookkeeping"), "Bokföringslagen (1999:1078) 7 kap. 2 §");
        assert_eq!(statute("dk.bookkeeping"), "Bogføringsloven (lov nr. 700 af 24/05/2022) § 12");
        assert!(statute("no.bookkeeping").starts_with("Bokføringsloven "));
        assert!(statute("no.bookkeeping").ends_with("§ 13"));
        assert_eq!(statute("fi.vouchers"), "Kirjanpitolaki 1336/1997 2 luku 10 §");
        assert_eq!(statute("de.vouchers"), "HGB § 257, AO § 147");
        assert_eq!(statute("eu.oss"), "Council Directive 2006/112/EC art. 369k");
    }

    #[test]
    fn a_misspelt_field_or_base_is_refused() {
        assert!(parse(&EMBEDDED.replacen("years = 7", "year = 7", 1)).is_err());
        assert!(parse(&EMBEDDED.replacen("\"fiscal_year_end\"", "\"fiscal_year\"", 1)).is_err());
        assert!(parse(&EMBEDDED.replacen("years = 7", "years = -7", 1)).is_err());
        assert!(parse(&EMBEDDED.replacen("\"2026-11-22\"", "\"2026-11-31\"", 1)).is_err());
    }

    #[test]
    fn rules_read_as_sentences() {
        let rule = |base, years, months| Rule { base, years, months }.to_string();
        assert_eq!(rule(Base::FiscalYearEnd, 3, 6), "end of the fiscal year + 3 years + 6 months");
        assert_eq!(rule(Base::Event, 0, 6), "event + 6 months");
        assert_eq!(rule(Base::EndOfCalendarYear, 1, 1), "end of the calendar year + 1 year + 1 month");
        assert_eq!(rule(Base::EndOfCalendarYearOfFiscalYearEnd, 7, 0), "end of the calendar year in which the fiscal year ended + 7 years");
    }

    #[test]
    fn only_fiscal_bases_need_the_fiscal_calendar() {
        let needing: Vec<&str> = all().iter().filter(|pack| pack.rule.base.needs_fiscal_calendar()).map(|pack| pack.id.as_str()).collect();
        assert_eq!(needing, ["se.bookkeeping", "dk.bookkeeping", "no.bookkeeping", "no.bookkeeping.secondary", "fi.vouchers", "fi.books"]);
    }
}
