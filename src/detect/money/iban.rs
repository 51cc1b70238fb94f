//! Bank accounts (IBAN), found only so that their digits are not taken for something else.
//!
//! Rule: two letters, two check digits and as many characters as the country prescribes, in one
//! piece or in groups of four, with modulus 97 equal to one. Source: ISO 13616 and its registry.

use crate::detect::Kind;
use crate::detect::check_digit::modulus_97;
use crate::detect::digits::Page;
use crate::detect::resolve::Candidate;

const CONFIDENCE: f32 = 0.99;

/// Lengths of the registry for the countries whose accounts occur in Nordic trade.
const LENGTHS: [(&str, usize); 20] = [
    ("SE", 24),
    ("DK", 18),
    ("NO", 15),
    ("FI", 18),
    ("IS", 26),
    ("FO", 18),
    ("GL", 18),
    ("EE", 20),
    ("LV", 21),
    ("LT", 20),
    ("PL", 28),
    ("DE", 22),
    ("NL", 18),
    ("BE", 16),
    ("FR", 27),
    ("AT", 20),
    ("CH", 21),
    ("GB", 22),
    ("IE", 22),
    ("ES", 24),
];

/// Offers the account whose check digits are this group, or begin it.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    let Some(start) = page.groups.get(first).and_then(|group| group.start.checked_sub(2)) else { return };
    if let Some(end) = account_at(page.text, start, page.text.len()) {
        found.push(Candidate::proven(start, end, Kind::Iban, CONFIDENCE));
    }
}

/// The end of the account that begins at this byte.
fn account_at(text: &str, start: usize, limit: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (_, length) = LENGTHS.iter().find(|(country, _)| bytes[start..].starts_with(country.as_bytes()))?;
    if text[..start].chars().next_back().is_some_and(char::is_alphanumeric) {
        return None;
    }
    let mut account = Vec::with_capacity(*length);
    let mut position = start;
    while account.len() < *length {
        // A blank is only looked for where the grouping in fours puts it.
        if account.len().is_multiple_of(4) && !account.is_empty() && bytes.get(position) == Some(&b' ') {
            position += 1;
        }
        account.push(*bytes.get(position)?);
        position += 1;
    }
    let ends = position <= limit && text.is_char_boundary(position) && !text[position..].chars().next().is_some_and(char::is_alphanumeric);
    (ends && modulus_97(&account)).then_some(position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Scanner;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = Scanner::new(&[])
            .scan(text)
            .into_iter()
            .filter(|finding| finding.kind == Kind::Iban)
            .map(|finding| &text[finding.start..finding.end])
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn accounts_of_the_registry_are_found_in_both_spellings() {
        check("Till SE45 5000 0000 0583 9825 7466, tack", &["SE45 5000 0000 0583 9825 7466"]);
        check("SE4550000000058398257466", &["SE4550000000058398257466"]);
        check("konto:NO9386011117947.", &["NO9386011117947"]);
        check("DK50 0040 0440 1162 43 FI21 1234 5600 0007 85", &["DK50 0040 0440 1162 43", "FI21 1234 5600 0007 85"]);
    }

    #[test]
    fn wrong_check_digits_lengths_and_neighbours_are_no_account() {
        check("SE45 5000 0000 0583 9825 7467", &[]);
        check("SE45 5000 0000 0583 9825 746", &[]);
        check("xSE4550000000058398257466", &[]);
        check("SE45500000000583982574661", &[]);
        check("SE45 5000 0000 0583 9825 74å", &[]);
    }
}
