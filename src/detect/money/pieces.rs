//! National bank accounts in other pieces than the banks print: beside their word alone.
//!
//! Finds: a Danish registration number and an account of ten digits in groups (`9570 0012 884 471`), or parted by a slash
//! (`9570 / 0012 884 471`); the eleven digits of a Norwegian account in any groups (`15034 412 798`); an Icelandic account without its
//! leading zeros (`133-26-12345`, `133/26/12345`), and in words (`banki 0133 hb 26 reikn. 12345`).
//!
//! Rule: a word for an account nearby, of which none says order or amount; Danish accounts have ten digits in all or end where the digits
//! end, Norwegian ones must pass modulus 11, Icelandic ones have a ledger of two digits. A claim's ledger (66) is none.
//!
//! Source: as for [`account`](super::account).

use super::account::{Spoken, follows_bank_number, is_norwegian};
use crate::detect::digits::{DigitGroup, Page};
use crate::detect::fold::Folded;
use crate::detect::resolve::Candidate;
use crate::detect::{Country, Kind};

/// More digits has no account.
const MOST: usize = 14;
/// More groups has no way of writing one.
const MOST_GROUPS: usize = 7;

/// Offers the accounts that begin with this group.
pub(super) fn recognise(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first).filter(|group| group.length() <= 7) else { return };
    let Some(next) = page.groups.get(first + 1).filter(|next| next.start - group.end <= 24) else { return };
    let has = |country| page.countries.contains(country);
    if matches!(group.length(), 3 | 4) && has(Country::IS) {
        icelandic(page, first, found);
    }
    if next.start - group.end > 3 {
        return;
    }
    if group.length() == 4 && has(Country::DK) {
        danish(page, first, found);
    }
    if has(Country::NO) {
        norwegian(page, first, found);
    }
}

/// What stands between two groups.
fn between<'t>(page: &Page<'t>, one: &DigitGroup, two: &DigitGroup) -> &'t str {
    page.text.get(one.end..two.start).unwrap_or_default()
}

/// `9070 4512 337 801`, `5479 / 0002 113 774`
fn danish(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    let Some([bank, rest @ ..]) = page.groups.get(first..) else { return };
    let Some(head) = rest.first() else { return };
    let joint = between(page, bank, head);
    let is_parted = matches!(joint, "/" | " / " | " /" | "/ ");
    if !is_parted && !matches!(joint, " " | "-" | " - " | "  " | ", ") {
        return;
    }
    let (mut length, mut count, mut end) = (head.length(), 1, head.end);
    for pair in rest.windows(2).take(MOST_GROUPS - 2) {
        let [one, two] = pair else { return };
        if !matches!(between(page, one, two), " " | "-") || length + two.length() > 10 {
            break;
        }
        (length, count, end) = (length + two.length(), count + 1, two.end);
    }
    let is_whole = length == 10 && count > 1 || is_parted && (6..=10).contains(&length);
    if !is_whole || !page.is_free(bank.start, end) {
        return;
    }
    if Spoken::of(page, bank.start, end).account {
        // The first seven digits may pass a Swedish bank's check: a word for the registration number decides.
        let is_named = follows_bank_number(page.text, bank.start);
        let candidate = if is_named { Candidate::proven } else { Candidate::shape };
        found.push(candidate(bank.start, end, Kind::BankAccount, 0.96));
    }
}

/// `15034 412 798`
fn norwegian(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    let mut digits = [0; MOST];
    let mut length = 0;
    let mut before: Option<&DigitGroup> = None;
    for group in page.groups.get(first..).unwrap_or_default().iter().take(MOST_GROUPS) {
        if before.is_some_and(|before| !matches!(between(page, before, group), " " | "-" | ".")) {
            return;
        }
        let Some((place, source)) = digits.get_mut(length..length + group.length()).zip(page.bytes().get(group.start..group.end)) else {
            return;
        };
        place.copy_from_slice(source);
        length += group.length();
        before = Some(group);
        if length >= 11 {
            break;
        }
    }
    let Some((start, end)) = page.groups.get(first).map(|group| group.start).zip(before.map(|group| group.end)) else { return };
    if length != 11 || !digits.get(..11).is_some_and(is_norwegian) || !page.is_free(start, end) {
        return;
    }
    if Spoken::of(page, start, end).account {
        found.push(Candidate::proven(start, end, Kind::BankAccount, 0.93));
    }
}

/// `133-26-12345`, `133/26/12345`, `0133 hb 26 reikn. 12345`
fn icelandic(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    let Some([bank, ledger, account, ..]) = page.groups.get(first..) else { return };
    let is_form = ledger.length() == 2 && (2..=6).contains(&account.length());
    if !is_form || page.bytes().get(ledger.start..ledger.end) == Some(b"66") || !page.is_free(bank.start, account.end) {
        return;
    }
    let (one, two) = (between(page, bank, ledger), between(page, ledger, account));
    let is_signed = one == two && matches!(one, "-" | "/" | " - " | " / ");
    let is_worded = is_ledger(one) && is_account(two);
    if !is_signed && !is_worded {
        return;
    }
    let spoken = Spoken::of(page, bank.start, account.end);
    if spoken.account || is_worded && !spoken.against || is_paid_into(page, bank.start) && !spoken.against {
        found.push(Candidate::shape(bank.start, account.end, Kind::BankAccount, 0.92));
    }
}

/// ` hb `, `, hb. `, ` höfuðbók `
fn is_ledger(between: &str) -> bool {
    let word = between.trim_matches([' ', '.', ',', ':', '-']);
    matches!(Folded::of(word).as_str(), "hb" | "hofudbok") && between.len() <= 16
}

/// ` reikn. `, `, nr. `, ` reikningsnr. `
fn is_account(between: &str) -> bool {
    let word = between.trim_matches([' ', '.', ',', ':', '-']);
    let folded = Folded::of(word);
    folded.as_str().starts_with("reikn") || matches!(folded.as_str(), "nr" | "rn" | "reik")
}

/// `fær styrkinn inn á 565/26/4410`, `reikningur 133-26-12345`
fn is_paid_into(page: &Page<'_>, start: usize) -> bool {
    let before = page.text.get(..start).unwrap_or_default();
    let window = before.get(before.ceil_char_boundary(before.len().saturating_sub(24))..).unwrap_or_default();
    let word = window.trim_end_matches([' ', ':', '.']).rsplit(|sign: char| !sign.is_alphabetic()).next().unwrap_or_default();
    before.ends_with("inn á ")
        || before.ends_with("inná ")
        || word.len() < window.len() && Folded::of(word).as_str().starts_with("reikning")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let found = crate::detect::examples::scanner(&Country::ALL).scan(text);
        found.iter().filter(|finding| finding.kind == Kind::BankAccount).map(|finding| &text[finding.start..finding.end]).collect()
    }

    #[test]
    fn accounts_in_other_pieces_are_found_beside_their_word() {
        for (text, account) in [
            ("Betales til reg. 9070 4512 337 801 senest 14.03.", "9070 4512 337 801"),
            ("Nemkonto 5479 / 0002 113 774. Godkendt", "5479 / 0002 113 774"),
            ("konto 9570/0012884471", "9570/0012884471"),
            ("Betal til 15034 4127 98 innan 20.4.", "15034 4127 98"),
            ("kontonr. 150344 12798", "150344 12798"),
            ("Leggist inn á banka 0111 hb 26 reikn. 90318.", "0111 hb 26 reikn. 90318"),
            ("reikningur 133-26-12345", "133-26-12345"),
            ("fær styrkinn inn á 565/26/4410.", "565/26/4410"),
        ] {
            assert_eq!(found(text), [account], "{text}");
        }
    }

    #[test]
    fn what_no_word_calls_an_account_is_left() {
        for text in [
            "ordre 9070 4512 337 801",
            "9570/0012884471",
            "Betal til 15034 4127 99 innan 20.4.",
            "15034 4127 98",
            "Krafa 133-66-12345, reikningur 133-66-12345",
            "565/26/4410",
            "den 12/26/4410",
            "Reikn. 2024-001187, gjalddagi 15.02.",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
