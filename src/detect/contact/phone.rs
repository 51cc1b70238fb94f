//! Telephone numbers of Sweden, Denmark, Norway and Finland, and international ones.
//!
//! Finds: `+` or `00` with a country code, then the national number with or without `(0)`; other
//! countries' numbers with `+`; Swedish and Finnish numbers with their leading zero; eight Danish or
//! Norwegian digits.
//!
//! Rule: lengths and leading digits of the national numbering plans. A Swedish area code must end
//! where the area code list says, so that a hyphen elsewhere is no telephone. Undelimited digits
//! count as Swedish or Finnish mobile numbers by their prefix; all other undelimited digits, and
//! Danish and Norwegian numbers in anything but their customary grouping (`80 00 00 00`,
//! `800 00 000`), need a word such as `tlf`, `mobil` or `ring` nearby. Eight digits that are a date
//! need it right beside them. Where the nearest word is an order, an amount or an identity number,
//! the digits are not taken, unless they have an international prefix or are a delimited mobile
//! number.
//!
//! Source: ITU-T E.164; the numbering plans of Post- och telestyrelsen (SE), Styrelsen for
//! Dataforsyning og Infrastruktur (DK), Nkom (NO) and Traficom (FI). The examples use numbers that
//! Post- och telestyrelsen reserves for fiction, Ofcom's, and numbers outside the ranges given to
//! people.
//!
//! ```text
//! Ring 070-174 06 05 eller 08-465 004 00. → Ring [phone] eller [phone].
//! 0701740605, 031-3900600, (031) 390 06 00 → [phone], [phone], [phone]
//! +46 (0)70-174 06 05 / 0046701740605 → [phone] / [phone]
//! +45 12 34 56 78, +47 12345678 → [phone], [phone]
//! tlf. 12345678, mob 12 34 56 78 → tlf. [phone], mob [phone]
//! Kontoret: 80 00 00 00 (åbent) → Kontoret: [phone] (åbent)
//! 12345678 (mobil) → [phone] (mobil)
//! Soita 040 000 0000 tai +358 40 0000000 → Soita [phone] tai [phone]
//! +44 7700 900123 → [phone]
//! Ordre 12345678 og 12345678 → Ordre 12345678 og 12345678
//! Order 0701740605, OCR 0701740605 → Order 0701740605, OCR 0701740605
//! 2024-01-15, 20240115, 01-12-2024 → 2024-01-15, 20240115, 01-12-2024
//! ring den 20240115 → ring den 20240115
//! 12 345 678 kr, 0123-4567 → 12 345 678 kr, 0123-4567
//! ```

use crate::detect::calendar::is_compact_date;
use crate::detect::context::{Context, Meaning};
use crate::detect::digits::{self, DigitGroup, Page, Run, Separator};
use crate::detect::resolve::Candidate;
use crate::detect::{Country, Kind};

/// Offers every number that begins with this group.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    for (count, length) in run.prefixes() {
        // No number has fewer than eight digits with its prefix or trunk zero.
        if length < 8 {
            continue;
        }
        let Some((start, end, plus)) = extent(page, run, count) else {
            continue;
        };
        let number = Number { page, first, groups: &run.groups[..count], digits: &run.digits()[..length], start, end };
        let confidence = if plus {
            number.after_plus()
        } else {
            let domestic = page.countries.iter().map(|country| match country {
                Country::SE => number.swedish(),
                Country::FI => number.finnish(),
                Country::DK | Country::NO => number.eight_digits(country),
                Country::IS => None,
            });
            domestic.chain([number.after_zeros()]).flatten().max_by(f32::total_cmp)
        };
        if let Some(confidence) = confidence {
            found.push(Candidate::shape(start, end, Kind::Phone, confidence));
        }
    }
}

fn extent(page: &Page<'_>, run: &Run<'_>, count: usize) -> Option<(usize, usize, bool)> {
    let first = run.groups.first()?;
    let last = run.groups.get(count.checked_sub(1)?)?;
    let (start, plus) = digits::start_with_signs(page.text, first.start, last.end);
    Some((start, last.end, plus))
}

/// Some leading groups of a run, read as one number.
struct Number<'p, 't> {
    page: &'p Page<'t>,
    first: usize,
    groups: &'p [DigitGroup],
    digits: &'p [u8],
    start: usize,
    end: usize,
}

impl Number<'_, '_> {
    /// The context, if the number may stand here at all. Asked last: it is the costly part.
    fn context(&self) -> Option<Context> {
        self.page.is_free(self.start, self.end).then(|| self.page.context(self.start, self.end))
    }

    fn is_undelimited(&self) -> bool {
        self.groups.len() == 1
    }

    fn separators(&self) -> impl Iterator<Item = Separator> {
        self.groups.iter().skip(1).map(|group| group.before)
    }

    fn lengths(&self) -> impl Iterator<Item = usize> {
        self.groups.iter().map(DigitGroup::length)
    }

    /// `+46 70 174 06 05`, `+44 7700 900123`.
    fn after_plus(&self) -> Option<f32> {
        if is_nordic(self.digits) {
            return self.context().map(|_| 0.95);
        }
        let own_code = Country::ALL.into_iter().any(|country| self.digits.starts_with(country.calling_code().as_bytes()));
        if own_code || self.digits.starts_with(b"0") || self.digits.len() > 15 {
            return None;
        }
        let context = self.context()?;
        if context.is(Meaning::Telephone) {
            Some(0.9)
        } else if self.digits.len() >= 10 && context.meaning.is_none() {
            Some(0.7)
        } else {
            None
        }
    }

    /// `0046701740605`.
    fn after_zeros(&self) -> Option<f32> {
        let international = self.digits.strip_prefix(b"00")?;
        if !is_nordic(international) {
            return None;
        }
        let context = self.context()?;
        (!speaks_against(context)).then_some(0.9)
    }

    fn swedish(&self) -> Option<f32> {
        let area = swedish_area(self.digits)?;
        let mobile = is_swedish_mobile(&self.digits[1..]);
        let allowed = 8..=10;
        if !allowed.contains(&self.digits.len()) || (mobile && self.digits.len() != 10) {
            return None;
        }
        if self.is_undelimited() {
            return self.undelimited(mobile);
        }
        let mut lengths = self.lengths();
        let head = lengths.next()?;
        let tail: Vec<usize> = lengths.collect();
        let fits_area = head == area || (mobile && head == 4);
        let fits_tail = match tail.as_slice() {
            [single] => (5..=8).contains(single),
            several => several.iter().all(|length| (2..=3).contains(length)),
        };
        if !fits_area || !fits_tail {
            return None;
        }
        // "08 12 24 36" is as likely a row of quantities.
        let vague = area == 2 && tail.first() == Some(&2);
        self.delimited(mobile, vague)
    }

    fn finnish(&self) -> Option<f32> {
        let area = finnish_area(self.digits)?;
        let mobile = matches!(area, FinnishArea::Mobile);
        let allowed = if mobile { 9..=11 } else { 8..=11 };
        if !allowed.contains(&self.digits.len()) {
            return None;
        }
        if self.is_undelimited() {
            return self.undelimited(mobile && self.digits.len() == 10);
        }
        let mut lengths = self.lengths();
        let head = lengths.next()?;
        let tail: Vec<usize> = lengths.collect();
        let fits_area = match area {
            FinnishArea::Mobile | FinnishArea::Service => (3..=4).contains(&head),
            FinnishArea::Landline(length) => head == length,
        };
        let fits_tail = match tail.as_slice() {
            [single] => (5..=8).contains(single),
            [rest @ .., last] => {
                rest.iter().all(|length| (2..=3).contains(length)) && ((2..=3).contains(last) || (*last == 4 && rest.ends_with(&[3])))
            }
            [] => false,
        };
        if !fits_area || !fits_tail {
            return None;
        }
        let vague = matches!(area, FinnishArea::Landline(2)) && tail.first() == Some(&2);
        self.delimited(mobile, vague)
    }

    /// A national number with trunk zero, in one piece.
    fn undelimited(&self, mobile: bool) -> Option<f32> {
        let context = self.context()?;
        if context.is(Meaning::Telephone) {
            Some(0.9)
        } else if mobile && context.meaning.is_none() {
            Some(0.75)
        } else {
            None
        }
    }

    /// A national number with trunk zero, grouped; `vague` if the grouping alone says little.
    fn delimited(&self, mobile: bool, vague: bool) -> Option<f32> {
        let after_area = self.separators().next()?;
        let blanks_only = self.separators().all(|separator| separator == Separator::Space);
        let dotted = self.separators().any(|separator| separator == Separator::Dot);
        let context = self.context()?;
        if context.is(Meaning::Telephone) {
            return Some(0.95);
        }
        if dotted || (vague && blanks_only) {
            return None;
        }
        if mobile {
            return Some(0.92);
        }
        if speaks_against(context) {
            return None;
        }
        match after_area {
            Separator::Space => Some(0.6),
            _ => Some(0.8),
        }
    }

    /// Eight digits without trunk zero, as in Denmark and Norway.
    fn eight_digits(&self, country: Country) -> Option<f32> {
        // Neither plan gives numbers that begin with 0; 1 begins no subscriber's number either, but
        // what someone has called a telephone is taken for one.
        if self.digits.len() != 8 || self.digits.starts_with(b"0") {
            return None;
        }
        if self.lengths().any(|length| length < 2) {
            return None;
        }
        let context = self.context()?;
        if context.is(Meaning::Telephone) {
            let date = self.is_undelimited() && is_compact_date(self.digits);
            return (!date || context.immediate).then_some(0.9);
        }
        let customary = match country {
            Country::NO => {
                self.lengths().eq([2, 2, 2, 2]) || (self.lengths().eq([3, 2, 3]) && matches!(self.digits[0], b'4' | b'8' | b'9'))
            }
            _ => self.lengths().eq([2, 2, 2, 2]),
        };
        let by_shape = customary
            && context.meaning.is_none()
            && !self.digits.starts_with(b"1")
            && self.separators().all(|separator| separator == Separator::Space)
            && !self.page.is_part_of_row(self.first, self.groups.len());
        by_shape.then_some(0.65)
    }
}

fn speaks_against(context: Context) -> bool {
    matches!(context.meaning, Some(meaning) if meaning != Meaning::Telephone)
}

/// Whether digits after the international prefix are a number of one of the four countries.
fn is_nordic(digits: &[u8]) -> bool {
    let national = |code: &[u8]| {
        let rest = digits.strip_prefix(code)?;
        Some(rest.strip_prefix(b"0").unwrap_or(rest))
    };
    if let Some(national) = national(b"46") {
        let lengths = if is_swedish_mobile(national) { 9..=9 } else { 7..=9 };
        return lengths.contains(&national.len()) && !national.starts_with(b"0");
    }
    if let Some(national) = national(b"358") {
        return (6..=10).contains(&national.len()) && !national.starts_with(b"0");
    }
    [b"45", b"47"]
        .into_iter()
        .any(|code| digits.strip_prefix(code).is_some_and(|national| national.len() == 8 && !national.starts_with(b"0")))
}

/// Whether a national number without trunk zero lies in the Swedish mobile ranges.
fn is_swedish_mobile(national: &[u8]) -> bool {
    matches!(national, [b'7', b'0' | b'2' | b'3' | b'6' | b'9', ..])
}

/// Length of the Swedish area code, trunk zero included.
fn swedish_area(digits: &[u8]) -> Option<usize> {
    const TWO_DIGITS: [&[u8; 2]; 22] = [
        b"10", b"11", b"13", b"16", b"18", b"19", b"20", b"21", b"23", b"26", b"31", b"33", b"35", b"36", b"40", b"42", b"44", b"46",
        b"54", b"60", b"63", b"90",
    ];
    match digits {
        [b'0', b'0', ..] => None,
        [b'0', b'8', ..] => Some(2),
        [b'0', b'7', ..] => Some(3),
        [b'0', first, second, ..] if TWO_DIGITS.contains(&&[*first, *second]) => Some(3),
        [b'0', ..] => Some(4),
        _ => None,
    }
}

enum FinnishArea {
    /// 04x and 050, also written with four digits (0400, 0500).
    Mobile,
    /// One of the geographic areas, with its length.
    Landline(usize),
    /// Numbers for companies and services, without area.
    Service,
}

fn finnish_area(digits: &[u8]) -> Option<FinnishArea> {
    match digits {
        [b'0', b'4', ..] | [b'0', b'5', b'0', ..] => Some(FinnishArea::Mobile),
        [b'0', b'1', b'0', ..] | [b'0', b'2', b'0' | b'9', ..] | [b'0', b'3', b'0', ..] | [b'0', b'6' | b'7' | b'8', b'0', b'0', ..] => {
            Some(FinnishArea::Service)
        }
        [b'0', b'1', b'3'..=b'9', ..] => Some(FinnishArea::Landline(3)),
        [b'0', b'2' | b'3' | b'5' | b'6' | b'8' | b'9', ..] => Some(FinnishArea::Landline(2)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Scanner, examples};

    fn found<'t>(countries: &[Country], text: &'t str) -> Vec<&'t str> {
        Scanner::new(countries)
            .scan(text)
            .iter()
            .filter(|finding| finding.kind == Kind::Phone)
            .map(|finding| &text[finding.start..finding.end])
            .collect()
    }

    fn check(countries: &[Country], text: &str) {
        assert_eq!(found(countries, text), [text], "{text}");
    }

    fn check_none(text: &str) {
        assert_eq!(found(&Country::ALL, text), [""; 0], "{text}");
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("phone.rs"), &Country::ALL), 14);
    }

    #[test]
    fn swedish_spellings() {
        for text in [
            "070-1740605",
            "070-174 06 05",
            "070 174 06 05",
            "0701-74 06 05",
            "0701740605",
            "070/174 06 05",
            "070 1740605",
            "08-46500400",
            "08-465 004 00",
            "08-465 00 400",
            "08/46500400",
            "031-390 06 00",
            "031 390 06 00",
            "(031) 390 06 00",
            "(08)46500400",
            "070\u{a0}174\u{a0}06\u{a0}05",
            "070\u{2011}174 06 05",
        ] {
            check(&[Country::SE], text);
        }
    }

    #[test]
    fn every_number_of_the_fiction_ranges_is_found() {
        for last in 605..=699 {
            check(&[Country::SE], &format!("070-1740{last}"));
            check(&[], &format!("+46701740{last}"));
        }
        for last in 600..=699 {
            check(&[Country::SE], &format!("031-3900{last}"));
        }
        for last in 400..=499 {
            check(&[Country::SE], &format!("08-46500{last}"));
        }
    }

    #[test]
    fn international_spellings_need_no_country() {
        for text in [
            "+46 70 174 06 05",
            "+46701740605",
            "+46 (0)70-174 06 05",
            "(+46) 70 174 06 05",
            "+46-70-1740605",
            "0046 70 174 06 05",
            "0046701740605",
            "+46 8 465 004 00",
            "+45 12 34 56 78",
            "+4512345678",
            "0045 12345678",
            "+47 123 45 678",
            "+47 12345678",
            "+358 40 000 0000",
            "+358 (0)40 0000000",
            "+44 7700 900123",
            "+1 202-555-0123",
        ] {
            check(&[], text);
        }
    }

    #[test]
    fn danish_and_norwegian_numbers_need_a_word_or_their_grouping() {
        for country in [Country::DK, Country::NO] {
            for word in ["tlf", "Tlf.:", "tel", "Telefon:", "mobil", "Mob.nr.", "ring", "sms til"] {
                for number in ["12345678", "12 34 56 78", "1234 5678", "123 45 678"] {
                    let text = format!("{word} {number}");
                    assert_eq!(found(&[country], &text), [number], "{text}");
                }
            }
            assert!(found(&[country], "12345678").is_empty());
            assert!(found(&[country], "1234 5678").is_empty());
            check(&[country], "80 00 00 00");
        }
        check(&[Country::NO], "800 00 000");
        assert!(found(&[Country::DK], "800 00 000").is_empty());
        assert!(found(&[Country::SE], "80 00 00 00").is_empty());
    }

    #[test]
    fn finnish_spellings() {
        for text in ["040 000 0000", "040-0000000", "0400000000", "050 00 00 000", "0800 00 000"] {
            check(&[Country::FI], text);
        }
        assert_eq!(found(&[Country::FI], "puh. 09 000 0000"), ["09 000 0000"]);
    }

    #[test]
    fn several_numbers_stay_apart() {
        let both = ["070-174 06 05", "08-465 004 00"];
        for between in [" ", ",", ", ", "/", " / ", " eller ", "\n"] {
            let text = format!("{}{between}{}", both[0], both[1]);
            assert_eq!(found(&[Country::SE], &text), both, "{text}");
        }
    }

    #[test]
    fn dates_and_times_are_left() {
        for text in [
            "2024-01-15",
            "20240115",
            "15.01.2024",
            "2024-01-15T10:20:30.123+01:00",
            "2024-01-15 10:20:30",
            "20240115T102030",
            "15-01-2024",
            "08-12-2024",
            "08 12 2024",
            "09-12-2024 kl 10",
            "2024/01/15",
            "ring 3 dage efter 20240115",
            "0812-2024",
        ] {
            check_none(text);
        }
    }

    #[test]
    fn amounts_orders_and_references_are_left() {
        for text in [
            "1 234 567,89 kr",
            "12.345.678,00",
            "SEK 12 345 678",
            "12345678:-",
            "-12345678",
            "20 30 40 50 kr",
            "order 12345678",
            "Ordrenr. 12345678",
            "fakturanr 0317401234",
            "OCR 0701740605",
            "OCR: 0312345678",
            "KID 12345678",
            "ref 0123-456789",
            "EAN 7310865004703",
            "7310865004703",
            "5701234567899",
            "Kundnummer 0701740605",
            "CVR 12 34 56 78",
            "CVR-nr. 12345678",
            "DK12345678",
            "Bankgiro 123-4567",
            "pg 12 34 56-7",
            "konto 1234 5678",
            "+100 000 000 kr",
            "#0701740605",
        ] {
            check_none(text);
        }
    }

    #[test]
    fn accounts_addresses_and_versions_are_left() {
        for text in [
            "SE45 5000 0000 0583 9825 7466",
            "DK50 0040 0440 1162 43",
            "NO93 8601 1117 947",
            "192.168.100.200",
            "12.34.56.78",
            "v1.0701740605",
            "10.0.0701740605",
            "2001:db8::1",
            "1.2.3-0701740605",
            "550e8400-e29b-41d4-a716-446655440000",
            "4111 1111 1111 1111",
        ] {
            check_none(text);
        }
    }

    #[test]
    fn quantities_in_a_row_are_left() {
        for text in ["20 30 40 50 60", "10 20 30 40", "08 12 24 36", "1 2 3 4 5 6 7 8", "00 00 00 00"] {
            check_none(text);
        }
    }
}
