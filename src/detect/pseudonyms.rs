//! Placeholders with numbers: the same person stays the same within a text.
//!
//! ```text
//! Anna Lind ringde Bo Ek. Bo Ek svarade Anna Lind. → [name 1] ringde [name 2]. [name 2] svarade [name 1].
//! ```
//!
//! Numbers begin with one in each text and for each kind, in the order of first appearance. Where a text holds numbered placeholders
//! already, new ones go on behind the highest: whom an earlier number meant is not known any more, so it is never given again.

use std::borrow::Cow;

use super::placeholder::{self, MOST_DIGITS};
use super::{Country, Finding, Kind, covering, normalise, unions, write_unions};

/// Who has which number in one text.
#[derive(Debug, Default)]
pub struct Pseudonyms {
    /// Kind, normalised value, number.
    given: Vec<(Kind, Value, u32)>,
    /// The highest number of each kind so far.
    highest: [u32; Kind::ALL.len()],
}

/// Whom a placeholder stands for.
#[derive(Debug, PartialEq, Eq)]
enum Value {
    /// The linked subject, under whichever of their names.
    Subject,
    /// Whoever is written so.
    Written(String),
}

impl Pseudonyms {
    /// The numbers of a text that is about to be scrubbed: those that stand in it are taken.
    pub fn of(text: &str) -> Self {
        let mut pseudonyms = Self::default();
        for (_, placeholder) in placeholder::all(text) {
            let highest = pseudonyms.highest.get_mut(placeholder.kind as usize);
            if let (Some(highest), Some(number)) = (highest, placeholder.number) {
                *highest = number.max(*highest);
            }
        }
        pseudonyms
    }

    fn number(&mut self, kind: Kind, value: Value) -> Option<u32> {
        const LAST: u32 = 10_u32.pow(MOST_DIGITS as u32) - 1;
        if let Some((_, _, number)) = self.given.iter().find(|(known, other, _)| *known == kind && *other == value) {
            return Some(*number);
        }
        if let Some(number) = self.in_full(kind, &value) {
            self.given.push((kind, value, number));
            return Some(number);
        }
        let highest = self.highest.get_mut(kind as usize)?;
        if *highest >= LAST {
            return None;
        }
        *highest += 1;
        self.given.push((kind, value, *highest));
        Some(*highest)
    }
}

impl Pseudonyms {
    /// The number of the one person named in full before of whom this is a part: `Sven` behind `Sven Ek`. Nobody's where it fits two.
    fn in_full(&self, kind: Kind, value: &Value) -> Option<u32> {
        let (Kind::Name, Value::Written(short)) = (kind, value) else { return None };
        let is_whole = |other: &Value| matches!(other, Value::Written(full) if is_short_for(short, full));
        let mut fitting = self.given.iter().filter(|(known, other, _)| *known == kind && is_whole(other)).map(|(.., number)| *number);
        let first = fitting.next()?;
        fitting.all(|number| number == first).then_some(first)
    }
}

/// Whether every word of a name is one of a longer name, or its genitive or initial; both normalised.
fn is_short_for(short: &str, full: &str) -> bool {
    let is_part = |word: &str| {
        full.split(' ').any(|whole| whole == word || word.strip_suffix('s') == Some(whole) || word.len() == 1 && whole.starts_with(word))
    };
    full.contains(' ') && short.split(' ').all(is_part) && short.split(' ').any(|word| word.len() > 1)
}

/// As [`scrub`](super::scrub), with numbered placeholders. `own` are the linked subject's findings among `findings`, sorted; `country` is
/// where telephone numbers without a prefix are dialled.
pub fn scrub_numbered<'t>(
    text: &'t str,
    findings: &[Finding],
    own: &[Finding],
    country: Country,
    pseudonyms: &mut Pseudonyms,
) -> Cow<'t, str> {
    write_unions(text, unions(text, findings), |union, scrubbed| {
        let written = text.get(union.start..union.end).unwrap_or_default();
        let is_own =
            union.kind == Kind::Name && own.iter().any(|own| own.kind == Kind::Name && covering(&[*union], own.start, own.end).is_some());
        let value = if is_own { Value::Subject } else { Value::Written(normal(union.kind, written, country)) };
        match pseudonyms.number(union.kind, value) {
            Some(number) => {
                scrubbed.push('[');
                scrubbed.push_str(union.kind.as_str());
                scrubbed.push(' ');
                scrubbed.push_str(&number.to_string());
                scrubbed.push(']');
            }
            None => scrubbed.push_str(union.kind.placeholder()),
        }
    })
}

/// What two ways of writing the same have in common.
fn normal(kind: Kind, written: &str, country: Country) -> String {
    match kind {
        Kind::Email => normalise::email(written),
        Kind::Phone => normalise::phone(written, country),
        Kind::Name | Kind::Address => normalise::name(written),
        Kind::Url | Kind::Handle => written.to_lowercase(),
        _ => normalise::identifier(written),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, marks: &[(&str, Kind)], own: &[&str], expected: &str) {
        let find = |piece: &str, kind: Kind| {
            text.match_indices(piece)
                .map(move |(start, found)| Finding { start, end: start + found.len(), kind, confidence: 0.9 })
                .collect::<Vec<_>>()
        };
        let findings: Vec<Finding> = marks.iter().flat_map(|(piece, kind)| find(piece, *kind)).collect();
        let mut own: Vec<Finding> = own.iter().flat_map(|piece| find(piece, Kind::Name)).collect();
        own.sort_by_key(|finding| finding.start);
        let mut pseudonyms = Pseudonyms::of(text);
        assert_eq!(scrub_numbered(text, &findings, &own, Country::SE, &mut pseudonyms), expected);
    }

    #[test]
    fn the_same_value_has_the_same_number() {
        check(
            "Bo Ek och ANNA, Anna och bo-ek, 070-1740605, +46701740605, 08-46500400",
            &[
                ("Bo Ek", Kind::Name),
                ("ANNA", Kind::Name),
                ("Anna", Kind::Name),
                ("bo-ek", Kind::Name),
                ("070-1740605", Kind::Phone),
                ("+46701740605", Kind::Phone),
                ("08-46500400", Kind::Phone),
            ],
            &[],
            "[name 1] och [name 2], [name 2] och [name 1], [phone 1], [phone 1], [phone 2]",
        );
    }

    #[test]
    fn a_part_of_a_name_is_who_was_named_in_full() {
        let marks = ["Sven Ek", "Mia Ek", "Sven", "Svens", "S. Ek", "Ek"].map(|name| (name, Kind::Name));
        // `Ek` alone may be either of two.
        check("Sven Ek, Sven; Mia Ek, Svens; S. Ek; Ek", &marks, &[], "[name 1], [name 1]; [name 2], [name 1]; [name 1]; [name 3]");
        // Who is named in full later may be somebody else.
        let marks = ["Bo", "Bo Ek", "Bo Lind"].map(|name| (name, Kind::Name));
        check("Bo, Bo Ek, Bo Lind", &marks, &[], "[name 1], [name 2], [name 3]");
    }

    #[test]
    fn the_subject_is_one_under_every_name() {
        let marks = [("Bo", Kind::Name), ("Anna Lind", Kind::Name), ("Lindskan", Kind::Name)];
        check("Bo, Anna Lind, Lindskan, Bo", &marks, &["Anna Lind", "Lindskan"], "[name 1], [name 2], [name 2], [name 1]");
    }

    #[test]
    fn numbers_that_stand_already_are_never_given_again() {
        check("[name 3] och Anna, [phone 7]", &[("Anna", Kind::Name)], &[], "[name 3] och [name 4], [phone 7]");
        check("[name] och Anna", &[("Anna", Kind::Name)], &[], "[name] och [name 1]");
        check("[name 999999999] och Anna", &[("Anna", Kind::Name)], &[], "[name 999999999] och [name]");
    }
}
