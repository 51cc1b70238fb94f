//! Swedish giro numbers: bankgiro and plusgiro.
//!
//! Finds: beside `bankgiro` or `bg`: `nnn-nnnn`, `nnnn-nnnn`, or seven or eight digits in one piece;
//! beside `plusgiro`, `postgiro` or `pg`: up to seven digits, in pairs or in one piece, and `-n`, or all
//! in one piece. A number in pairs with its hyphen is a plusgiro without the word.
//!
//! Rule: Luhn's check digit. Where it fails, a number in the right form beside the word is a giro all
//! the same: a slip of the finger.
//!
//! Source: Bankgirot, "Bankgironumrets uppbyggnad"; Nordea, "Plusgirokonto, 10-modul". The examples are
//! computed for this file.
//!
//! ```text
//! Betala till bg 991-2346 senast 30/4 → Betala till bg [bank_account] senast 30/4
//! Bankgironr: 5050-1055, BG 50501055 → Bankgironr: [bank_account], BG [bank_account]
//! plusgiro 41 20 77-0, pg 412077-0 → plusgiro [bank_account], pg [bank_account]
//! Sätt in på 41 20 77-0 → Sätt in på [bank_account]
//! 991-2346, 991-2346 (bg) → 991-2346, [bank_account] (bg)
//! Artikel 991-2346, hylla 12-6 → Artikel 991-2346, hylla 12-6
//! ```

use crate::detect::check_digit::luhn;
use crate::detect::context::Meaning;
use crate::detect::digits::{Page, Run, Separator};
use crate::detect::resolve::Candidate;
use crate::detect::{Country, Kind};

/// Digits of the longest giro number.
const LONGEST: usize = 8;

/// How the digits are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `nnn-nnnn`, `nnnn-nnnn`.
    Bankgiro,
    /// `nnnnnn-n`.
    Plusgiro,
    /// `nn nn nn-n`: three groups or more.
    Pairs,
    /// Seven or eight digits.
    Whole,
}

fn form(run: &Run<'_>, count: usize, length: usize) -> Option<Form> {
    let groups = run.groups.get(..count)?;
    let [head, rest @ ..] = groups else { return None };
    match rest {
        [] => (7..=LONGEST).contains(&length).then_some(Form::Whole),
        [last] if last.before == Separator::Hyphen && last.length() == 4 && matches!(head.length(), 3 | 4) => Some(Form::Bankgiro),
        [last] if last.before == Separator::Hyphen && last.length() == 1 => Some(Form::Plusgiro),
        [middle @ .., last] if last.before == Separator::Hyphen && last.length() == 1 => {
            let pairs = middle.iter().all(|group| group.before == Separator::Space && matches!(group.length(), 2 | 3));
            (pairs && head.length() <= 3).then_some(Form::Pairs)
        }
        _ => None,
    }
}

/// Offers what begins with this group of digits.
pub(in crate::detect) fn recognise(page: &Page<'_>, _first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    if run.groups.first().is_none_or(|group| group.length() > LONGEST) {
        return;
    }
    for (count, length) in run.prefixes().take_while(|(_, length)| *length <= LONGEST) {
        if length < 2 {
            continue;
        }
        let Some(form) = form(run, count, length) else { continue };
        let (Some(digits), Some(first), Some(last)) = (run.digits().get(..length), run.groups.first(), run.groups.get(count - 1)) else {
            continue;
        };
        let (start, end) = (first.start, last.end);
        let is_checked = luhn(digits);
        if (!is_checked && form == Form::Whole) || !page.is_free(start, end) {
            continue;
        }
        let is_named = page.is_near(start, Meaning::Giro) || page.context(start, end).is(Meaning::Giro);
        let candidate = match (is_named, is_checked, form) {
            (true, true, Form::Whole) => Candidate::proven(start, end, Kind::BankAccount, 0.93),
            (true, true, _) => Candidate::proven(start, end, Kind::BankAccount, 0.97),
            (true, false, _) => Candidate::shape(start, end, Kind::BankAccount, 0.75),
            (false, true, Form::Pairs) if page.countries.contains(Country::SE) && is_plain(page, start, end) => {
                Candidate::shape(start, end, Kind::BankAccount, 0.6)
            }
            _ => continue,
        };
        found.push(candidate);
    }
}

/// Whether no word says what the number is.
fn is_plain(page: &Page<'_>, start: usize, end: usize) -> bool {
    page.context(start, end).meaning.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::examples;

    fn found(text: &str) -> Vec<&str> {
        let found = crate::detect::examples::scanner(&[Country::SE]).scan(text);
        found.iter().filter(|finding| finding.kind == Kind::BankAccount).map(|finding| &text[finding.start..finding.end]).collect()
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("giro.rs"), &[Country::SE]), 6);
    }

    #[test]
    fn giro_numbers_of_companies_are_found_beside_their_word() {
        // Printed on invoices of authorities: the tax account, the vehicle tax, Bankgirot itself; and charities' plusgiro numbers.
        for number in ["5050-1055", "5051-6905", "160-9908"] {
            for word in ["bg", "Bankgiro:", "BG-nr", "bankgironummer"] {
                assert_eq!(found(&format!("{word} {number}")), [number]);
            }
            assert_eq!(found(number), [""; 0]);
            assert_eq!(found(&format!("order {number}")), [""; 0]);
        }
        for number in ["90 20 03-3", "902003-3", "9020033"] {
            assert_eq!(found(&format!("pg {number}")), [number]);
        }
    }

    #[test]
    fn quantities_dates_and_telephones_are_left() {
        for text in ["12 34-5", "2024-01-15", "10 20 30-4 st", "rum 12-4", "031-390 06 00", "s. 123-4567", "bg 5 st", "1234-5678"] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
