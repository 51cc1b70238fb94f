//! National bank accounts of Sweden, Denmark, Norway and Iceland.
//!
//! Finds: a Swedish clearing number with its account (`5000-12 345 67`, `8327-9, 123 456 789-0`), a Danish
//! registration number with its account (`9570 0012884471`), both also with the word between (`clearing 6789 konto 123 456 789`), a
//! Norwegian kontonummer (`nnnn.nn.nnnnn`, with blanks, beside its word with hyphens, or eleven digits), an Icelandic one
//! (`nnnn-nn-nnnnnn`), a Finnish one of the time before IBAN (`nnnnnn-nnnnn`), and an account alone beside `kontonr`.
//!
//! In other pieces they are read by `pieces`.
//!
//! Rule: the groupings need a word such as `konto`, `clearing` or `reg.nr` among the few words before, a bank's name directly before, or a
//! check digit. Of the Swedish banks some check the account, some the clearing number with it (modulus 11 or
//! Luhn); since most ways of writing say little, the form alone is enough only for the grouping `nnnn-nn nnn nn`,
//! better with its check, and for `8nnn-n`, whose fifth digit checks the other four. Norway's check digit is modulus 11 over all eleven
//! digits; with dots it needs no word, with blanks or in one piece a word speaks for it. Danish accounts have no
//! check digit. Finnish national forms have been dead since 2010, but stand in old notes: beside their word alone, better with Luhn's
//! check over the fourteen digits that machines read. `3300-` and a date with four digits is the account that is its holder's personal
//! identity number, and needs no word.
//!
//! Source: Bankgirot, "Bankernas kontonummer" (ranges and checks); Finance Norway, "Kontonummer i Norge"
//! (weights 5 4 3 2 7 6 5 4 3 2 1); Finans Danmark, registreringsnumre; Seðlabanki Íslands, bankanúmer. The
//! examples are computed for this file. Finanssiala, "Suomalaiset tilinumerot" (the form for machines and its check).
//!
//! ```text
//! Löner: konto 3300-9811 44 207; clearing 9150-44 188 20 → Löner: konto [bank_account]; clearing [bank_account]
//! Sätt in på 8327-9, 904 112 733-1 → Sätt in på [bank_account]
//! Indsæt på reg.nr. og konto 9570 0012884471 → Indsæt på reg.nr. og konto [bank_account]
//! Til 1503.44.12798 eller konto 97132044825 → Til [bank_account] eller konto [bank_account]
//! Reikningur 0133-26-012345, lagt inn á 0133-26-012345 → Reikningur [bank_account], lagt inn á [bank_account]
//! Krafa 0133-66-012345 → Krafa 0133-66-012345
//! Kontonr. 123 456 789-0, konto 123456789-0 → Kontonr. [bank_account], konto [bank_account]
//! Handelsbanken 6112 123 456 789, Nordea: 1234 12 34567 → Handelsbanken [bank_account], Nordea: [bank_account]
//! Depositumskonto 1503-44-12798, 1503-44-12798 → Depositumskonto [bank_account], 1503-44-12798
//! Clearing 6789 konto 123 456 789, reg. 1234 konto 0012345678 → Clearing [bank_account], reg. [bank_account]
//! Tilinumero 123456-785, tuote 123456-785 → Tilinumero [bank_account], tuote 123456-785
//! Lön till 3300-690224-9918 → Lön till [bank_account]
//! Ordre 9570 0012884471, 1503.44.12793 → Ordre 9570 0012884471, 1503.44.12793
//! Konto 1930 debet 5000 kr, konto 2440 kredit → Konto 1930 debet 5000 kr, konto 2440 kredit
//! ```

use super::clearing::{self, CLEARING, Number};
use super::pieces;
use crate::detect::check_digit::{luhn, weighted_11};
use crate::detect::context::{Context, Meaning};
use crate::detect::digits::{DigitGroup, Page, Run, Separator};
use crate::detect::fold::Folded;
use crate::detect::resolve::Candidate;
use crate::detect::{Country, Kind};

/// Digits of an account, its clearing number aside.
const ACCOUNT: std::ops::RangeInclusive<usize> = 6..=10;
/// More groups than any way of writing an account has.
const MOST_GROUPS: usize = 7;

/// Offers what begins with this group of digits.
pub(in crate::detect) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = page.groups.get(first) else { return };
    pieces::recognise(page, first, found);
    match group.length() {
        4 => {
            if page.countries.contains(Country::NO) || page.countries.contains(Country::IS) || page.countries.contains(Country::DK) {
                grouped(page, run, found);
            }
            if page.countries.contains(Country::SE) {
                swedish(page, first, found);
            }
            if page.countries.contains(Country::SE) || page.countries.contains(Country::DK) {
                with_word_between(page, first, found);
            }
        }
        6 if page.countries.contains(Country::FI) => finnish(page, run, found),
        7..=15 => whole(page, run, found),
        _ => {}
    }
    // `123 456 789-0`, `123456789-0`: an account alone, without its clearing number.
    if (group.length() <= 3 || group.length() == 9) && page.countries.contains(Country::SE) {
        alone(page, run, found);
    }
}

/// The forms of four digits and others in fixed groups.
fn grouped(page: &Page<'_>, run: &Run<'_>, found: &mut Vec<Candidate>) {
    let [_, second, rest @ ..] = run.groups else { return };
    let third = rest.first().filter(|third| second.length() == 2 && third.before == second.before).map_or(0, DigitGroup::length);
    let has = |country| page.countries.contains(country);
    let (count, reading): (usize, Reading) = match (second.before, third) {
        (Separator::Dot, 5) if has(Country::NO) => (3, |spoken, digits| norwegian(spoken, digits, 0.96)),
        (Separator::Space, 5) if has(Country::NO) => (3, |spoken, digits| norwegian(spoken, digits, 0.8)),
        (Separator::Hyphen, 5) if has(Country::NO) => (3, |spoken, digits| norwegian(spoken, digits, 0.0).filter(|_| spoken.account)),
        (Separator::Hyphen, 6) if has(Country::IS) => (3, |spoken, digits| icelandic(spoken, digits, true)),
        (Separator::Space, 6) if has(Country::IS) => (3, |spoken, digits| icelandic(spoken, digits, false)),
        // Registration number and account.
        (Separator::Space | Separator::Hyphen, _) if has(Country::DK) && (6..=10).contains(&second.length()) => {
            (2, |spoken, digits| (spoken.account && !clearing::is_of_year(digits)).then_some((false, 0.9)))
        }
        _ => return,
    };
    let Some((start, end, digits)) = extent(run, count) else { return };
    if !page.is_free(start, end) {
        return;
    }
    if let Some((is_proven, confidence)) = reading(&Spoken::of(page, start, end), digits) {
        found.push(candidate(start, end, is_proven, confidence));
    }
}

/// From what the words say and the digits: whether the number proves itself, and how likely it is.
type Reading = fn(&Spoken, &[u8]) -> Option<(bool, f32)>;

fn norwegian(spoken: &Spoken, digits: &[u8], without_word: f32) -> Option<(bool, f32)> {
    match (is_norwegian(digits), spoken.account) {
        (true, true) => Some((true, 0.98)),
        (false, true) => Some((false, 0.75)),
        (true, false) if !spoken.against => Some((true, without_word)),
        _ => None,
    }
}

/// `123456-785`: the bank's six digits and those of the account, as before IBAN; beside its word alone.
fn finnish(page: &Page<'_>, run: &Run<'_>, found: &mut Vec<Candidate>) {
    let is_form = run.groups.get(1).is_some_and(|group| group.before == Separator::Hyphen && (2..=8).contains(&group.length()));
    let Some((start, end, digits)) = extent(run, 2).filter(|_| is_form) else { return };
    if !page.is_free(start, end) || !page.context(start, end).is(Meaning::Account) {
        return;
    }
    let is_checked = is_finnish(digits);
    found.push(candidate(start, end, is_checked, if is_checked { 0.95 } else { 0.7 }));
}

/// Luhn's check over fourteen digits: zeros fill the account up, behind the sixth digit or, of the groups 4 and 5, the seventh.
fn is_finnish(digits: &[u8]) -> bool {
    let mut machine = [b'0'; 14];
    let head = if matches!(digits.first(), Some(b'4' | b'5')) { 7 } else { 6 };
    let Some((bank, account)) = digits.split_at_checked(head).filter(|(_, account)| account.len() + head <= machine.len()) else {
        return false;
    };
    let filled = machine.len() - account.len();
    let (front, back) = machine.split_at_mut(filled);
    front.iter_mut().zip(bank).for_each(|(place, digit)| *place = *digit);
    back.copy_from_slice(account);
    luhn(&machine)
}

/// `6789 konto 123 456 789`, behind a word for the number of the bank.
fn with_word_between(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    /// More bytes never stand between the two numbers.
    const GAP: usize = 24;
    let (Some(bank), Some(head)) = (page.groups.get(first), page.groups.get(first + 1)) else { return };
    let has_fifth = head.before == Separator::Hyphen && head.length() == 1;
    let bank_end = if has_fifth { head.end } else { bank.end };
    let rest = page.groups.get(first + 1 + usize::from(has_fifth)..).unwrap_or_default();
    let Some(head) = rest.first() else { return };
    let is_between = page.text.get(bank_end..head.start).filter(|between| (5..=GAP).contains(&between.len())).is_some_and(says_account);
    if !is_between || !follows_bank_number(page.text, bank.start) {
        return;
    }
    let mut length = 0;
    for (index, group) in rest.iter().take(MOST_GROUPS).enumerate() {
        length += group.length();
        if length > *ACCOUNT.end() || (index > 0 && !matches!(group.before, Separator::Space | Separator::Hyphen)) {
            break;
        }
        if ACCOUNT.contains(&length) && page.is_free(bank.start, group.end) {
            found.push(Candidate::shape(bank.start, group.end, Kind::BankAccount, 0.92));
        }
    }
}

/// Whether nothing but a word for an account, and its sign, stands here: ` konto `, `, kontonr.: `, ` og kontonummer `.
fn says_account(between: &str) -> bool {
    const ACCOUNTS: [&str; 9] = ["konto", "kontonr", "kontonummer", "kontonummeret", "kto", "ktonr", "account", "accountno", "kontnr"];
    let mut words = between.split(|character: char| !character.is_alphabetic()).filter(|word| !word.is_empty());
    let mut word = words.next().unwrap_or_default();
    if matches!(word, "og" | "och" | "and") {
        word = words.next().unwrap_or_default();
    }
    let is_filler = |word: &str| matches!(word, "nr" | "no" | "nummer" | "number");
    ACCOUNTS.contains(&Folded::of(word).as_str())
        && words.all(is_filler)
        && between.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b' ' | b':' | b'.' | b',' | b';' | b'/' | b'-'))
}

/// Whether a word for the number of a bank stands right before: `clearing`, `cl.nr`, `reg.`, `regnr`.
pub(super) fn follows_bank_number(text: &str, start: usize) -> bool {
    let before = text.get(..start).unwrap_or_default();
    let window = &before[before.ceil_char_boundary(before.len().saturating_sub(32))..];
    let mut words = window.rsplit(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    let word = words.find(|word| !matches!(*word, "nr" | "Nr" | "no" | "nummer")).map(Folded::of);
    word.is_some_and(|word| {
        let word = word.as_str();
        let is_bank = matches!(word, "reg" | "regnr" | "clnr" | "cl") || word.starts_with("clearing") || word.starts_with("registreringsn");
        is_bank && window.ends_with([' ', ':', '.', '('])
    })
}

/// A bank's claim (`krafa`) is numbered as accounts are, in the ledger 66.
fn icelandic(spoken: &Spoken, digits: &[u8], has_hyphens: bool) -> Option<(bool, f32)> {
    let is_claim = digits.get(4..6) == Some(b"66".as_slice());
    if spoken.account { Some((false, 0.95)) } else { (has_hyphens && !spoken.against && !is_claim).then_some((false, 0.7)) }
}

fn candidate(start: usize, end: usize, is_proven: bool, confidence: f32) -> Candidate {
    if is_proven {
        Candidate::proven(start, end, Kind::BankAccount, confidence)
    } else {
        Candidate::shape(start, end, Kind::BankAccount, confidence)
    }
}

/// Digits in one piece beside their word.
fn whole(page: &Page<'_>, run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some((start, end, digits)) = extent(run, 1) else { return };
    let has = |country| page.countries.contains(country);
    let is_norwegian = digits.len() == 11 && has(Country::NO) && is_norwegian(digits);
    let known = match digits.len() {
        7..=10 => has(Country::SE) || has(Country::DK) || has(Country::IS),
        11 => has(Country::NO) || has(Country::SE),
        12 => has(Country::IS) || has(Country::SE),
        13 | 15 => has(Country::SE),
        14 => has(Country::DK) || has(Country::SE),
        _ => false,
    };
    if !known || !page.is_free(start, end) {
        return;
    }
    let context = page.context(start, end);
    if is_norwegian && (context.is(Meaning::Account) || (context.meaning.is_none() && page.is_near(start, Meaning::Account))) {
        found.push(Candidate::proven(start, end, Kind::BankAccount, 0.95));
    } else if context.is(Meaning::Account) {
        found.push(Candidate::shape(start, end, Kind::BankAccount, 0.65));
    }
}

/// Two groups of three digits and more, as Swedish banks print an account: beside its word alone.
fn alone(page: &Page<'_>, run: &Run<'_>, found: &mut Vec<Candidate>) {
    for (count, length) in run.prefixes().skip(1) {
        let joined = run
            .groups
            .get(count - 1)
            .is_some_and(|group| group.length() <= 4 && matches!(group.before, Separator::Space | Separator::Hyphen));
        if !joined {
            break;
        }
        let Some((start, end, _)) = extent(run, count).filter(|_| (7..=10).contains(&length)) else { continue };
        if page.is_free(start, end) && page.context(start, end).is(Meaning::Account) {
            found.push(Candidate::shape(start, end, Kind::BankAccount, 0.65));
        }
    }
}

/// A Swedish clearing number and its account.
fn swedish(page: &Page<'_>, first: usize, found: &mut Vec<Candidate>) {
    /// More bytes never stand between a clearing number and what follows.
    const GAP: usize = 8;
    let (Some(group), Some(next)) = (page.groups.get(first), page.groups.get(first + 1)) else { return };
    if next.start - group.end > GAP {
        return;
    }
    let Some(mut number) = Number::begin(page, first) else { return };
    let Some((_, _, fewest, most, check)) = CLEARING.iter().find(|(low, high, ..)| (*low..=*high).contains(&number.clearing())).copied()
    else {
        return;
    };
    let start = number.start;
    let has_fifth = number.take_fifth(page);
    let mut count = 0;
    while number.account_length() < *ACCOUNT.end() && count < MOST_GROUPS && number.take_account(page, count == 0) {
        count += 1;
        let length = number.account_length();
        // Every reading is offered: the groups behind may belong to something else.
        if !ACCOUNT.contains(&length) || !page.is_free(start, number.end) {
            continue;
        }
        let spoken = Spoken::of(page, start, number.end);
        let has_its_length = (fewest..=most).contains(&length);
        // "Reikn. 2024-001187"
        if !has_its_length && number.is_of_year() {
            continue;
        }
        // `nnnn-nn nnn nn`, as the banks print it.
        let is_printed = count == 3 && number.hyphen_after_clearing && length == 7;
        let reading = match (spoken.account, has_its_length && number.is_checked(check)) {
            (true, true) => Some((true, 0.95)),
            (true, false) => Some((false, if has_its_length { 0.85 } else { 0.7 })),
            _ if spoken.against || !has_its_length => None,
            (false, is_checked) if count == 2 && number.is_holders_own() => Some((is_checked, if is_checked { 0.98 } else { 0.75 })),
            (false, _) if has_fifth => Some((false, 0.75)),
            (false, true) if is_printed => Some((false, 0.65)),
            (false, false) if is_printed && number.clearing() >= 3000 => Some((false, 0.5)),
            (false, _) => None,
        };
        if let Some((is_proven, confidence)) = reading {
            found.push(candidate(start, number.end, is_proven, confidence));
        }
    }
}

/// What the words say of a number that may be an account.
pub(super) struct Spoken {
    pub(super) account: bool,
    pub(super) against: bool,
}

impl Spoken {
    pub(super) fn of(page: &Page<'_>, start: usize, end: usize) -> Self {
        let context = page.context(start, end);
        let speaks = |meaning| context.is(meaning);
        let other = is_something_else(context);
        Self {
            account: !other && (speaks(Meaning::Account) || page.is_near(start, Meaning::Account) || follows_bank(page, start)),
            against: other || (speaks(Meaning::Telephone) && context.immediate),
        }
    }
}

/// Whether a bank's name stands directly before a number: `Handelsbanken 6112 123 456 789`.
fn follows_bank(page: &Page<'_>, start: usize) -> bool {
    /// By the beginning of the name's last word, without marks on letters.
    const BANKS: [&str; 22] = [
        "swedbank",
        "handelsbank",
        "nordea",
        "seb",
        "lansforsakringar",
        "danske",
        "sparbank",
        "sparebank",
        "sparekasse",
        "skandiabank",
        "icabank",
        "bank",
        "banken",
        "dnb",
        "sbanken",
        "jyske",
        "sydbank",
        "nykredit",
        "landsbank",
        "islandsbank",
        "arion",
        "avanza",
    ];
    let before = page.text[..start].trim_end_matches([' ', ':', ',']);
    let window = &before[before.ceil_char_boundary(before.len().saturating_sub(24))..];
    let word = &window[window.trim_end_matches(char::is_alphabetic).len()..];
    start - before.len() <= 2 && word.len() >= 3 && {
        let folded = Folded::of(word);
        BANKS.iter().any(|bank| folded.as_str().strip_prefix(bank).is_some_and(|rest| matches!(rest, "" | "en" | "inn" | "i" | "ar" | "s")))
    }
}

fn is_something_else(context: Context) -> bool {
    matches!(
        context.meaning,
        Some(Meaning::Reference | Meaning::Amount | Meaning::CivilNumber | Meaning::Organisation | Meaning::Card | Meaning::Device)
    )
}

/// Modulus 11 over the eleven digits of a Norwegian account.
pub(super) fn is_norwegian(digits: &[u8]) -> bool {
    weighted_11(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1])
}

/// The bytes and the digits of leading groups.
fn extent<'r>(run: &'r Run<'_>, count: usize) -> Option<(usize, usize, &'r [u8])> {
    let groups = run.groups.get(..count)?;
    let length = groups.iter().map(DigitGroup::length).sum();
    Some((groups.first()?.start, groups.last()?.end, run.digits().get(..length)?))
}

#[cfg(test)]
mod tests {
    use super::super::clearing::Check;
    use super::*;
    use crate::detect::examples;

    fn found(country: Country, text: &str) -> Vec<&str> {
        let found = crate::detect::examples::scanner(&[country]).scan(text);
        found.iter().filter(|finding| finding.kind == Kind::BankAccount).map(|finding| &text[finding.start..finding.end]).collect()
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("account.rs"), &Country::ALL), 14);
    }

    #[test]
    fn swedish_accounts_are_found_beside_their_word() {
        for text in [
            "5000-1234567",
            "5000-12 345 67",
            "5000 1234567",
            "6112-984 217 065",
            "6789 123 456 789",
            "8327-9, 123 456 789-0",
            "8327-9 123 456 789-0",
            "8327-9,1234567890",
            "3300-850315 2381",
            "3300-8503152381",
            "3300-9811 44 207",
            "9150-44 188 20",
        ] {
            for word in ["konto", "Kontonr:", "clearing/konto", "kontot hos min bank"] {
                assert_eq!(found(Country::SE, &format!("{word} {text}")), [text], "{word}");
            }
            assert_eq!(found(Country::SE, &format!("faktura {text}")), [""; 0], "{text}");
        }
    }

    #[test]
    fn checks_are_those_of_the_banks() {
        // Test accounts that Bankgirot's manual and validators after it work through.
        let checked = |text: &str, check: Check| {
            let groups = crate::detect::digits::groups(text);
            let mut marks = crate::detect::marks::Marks::default();
            marks.read(text.as_bytes());
            let countries = crate::detect::country::Countries::from_iter(&[Country::SE]);
            let page = Page { text, marks: &marks, groups: &groups, addresses: &[], countries, heard: Default::default() };
            let mut number = Number::begin(&page, 0).unwrap();
            while number.take(&page) {}
            number.is_checked(check)
        };
        // By hand: 5000-1234563: 10·0+9·0+8·0+7·1+6·2+5·3+4·4+3·5+2·6+1·3 = 80; with 0: 77 = 7·11.
        assert!(checked("5000-1234560", Check::WithoutFirst));
        assert!(!checked("5000-1234561", Check::WithoutFirst));
        // 4000-…: 4·1 more than above makes 81; 81 + 7 = 88.
        assert!(checked("4000-1234567", Check::WithClearing));
        assert!(!checked("4000-1234566", Check::WithClearing));
        // 9·1+8·2+7·3+6·4+5·5+4·6+3·7+2·8 = 156; 156 + 9 = 165.
        assert!(checked("6000-123456789", Check::Account));
        // A published personal identity number, as in accounts that are one.
        assert!(checked("3300-9001019802", Check::Luhn));
        assert!(!checked("3300-9001019803", Check::Luhn));
    }

    #[test]
    fn clearing_ranges_are_in_order() {
        for pair in CLEARING.windows(2) {
            assert!(pair[0].1 < pair[1].0);
        }
    }

    #[test]
    fn norwegian_accounts_pass_their_check() {
        // The example account of the IBAN registry: NO93 8601 1117 947.
        for text in ["8601.11.17947", "8601 11 17947"] {
            assert_eq!(found(Country::NO, text), [text]);
            assert_eq!(found(Country::NO, &format!("konto {text}")), [text]);
            assert_eq!(found(Country::NO, &format!("KID {text}")), [""; 0]);
        }
        assert_eq!(found(Country::NO, "kontonr 86011117947"), ["86011117947"]);
        assert_eq!(found(Country::NO, "86011117947"), [""; 0]);
        for text in ["8601.11.17948", "8601 11 17948", "8601-11-17947", "18601.11.17947", "8601.11.179471"] {
            assert_eq!(found(Country::NO, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn danish_accounts_need_their_word() {
        for text in ["9570 0012884471", "5321-0000448172", "1234 123456"] {
            for word in ["konto", "Reg.nr./konto:", "reg. og kontonr."] {
                assert_eq!(found(Country::DK, &format!("{word} {text}")), [text], "{word}");
            }
            assert_eq!(found(Country::DK, text), [""; 0]);
            assert_eq!(found(Country::DK, &format!("ordre {text}")), [""; 0]);
        }
    }

    #[test]
    fn a_word_may_stand_between_the_bank_and_the_account() {
        for (text, account) in [
            ("clearing 6789 konto 123 456 789", "6789 konto 123 456 789"),
            ("Clearingnr: 6789, kontonr: 123456789.", "6789, kontonr: 123456789"),
            ("clearing 8327-9 konto 123 456 789-0", "8327-9 konto 123 456 789-0"),
            ("reg. 1234 konto 0012345678", "1234 konto 0012345678"),
            ("Reg.nr. 1234 og kontonr. 12345678, ok", "1234 og kontonr. 12345678"),
        ] {
            for countries in [&[Country::SE, Country::DK][..], &Country::ALL] {
                let found = crate::detect::examples::scanner(countries).scan(text);
                let found: Vec<&str> = found.iter().map(|finding| &text[finding.start..finding.end]).collect();
                assert_eq!(found, [account], "{text}");
            }
        }
        for text in ["konto 1930 konto 2440", "reg. 1234 order 0012345678", "2023 reg. 4567 konto", "konto 1930 konto 2440 1500 kr"] {
            assert_eq!(found(Country::SE, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn old_finnish_accounts_and_hyphens_need_their_word() {
        // By hand: 123456-785 is 12345600000785 for machines; doubled from the second last on, the digits' sum is 40.
        assert!(is_finnish(b"123456785") && !is_finnish(b"123456786"));
        for (country, text) in [
            (Country::FI, "123456-785"),
            (Country::FI, "123930-10459"),
            (Country::FI, "500015-20000256"),
            (Country::NO, "8601-11-17947"),
            (Country::NO, "3624-88-04178"),
        ] {
            for word in ["tilinumero", "konto", "Tili:", "depositumskonto"] {
                assert_eq!(found(country, &format!("{word} {text}")), [text], "{word}");
            }
            for word in ["", "tuote", "order", "Kim"] {
                assert_eq!(found(country, &format!("{word} {text}")), [""; 0], "{word} {text}");
            }
        }
    }

    #[test]
    fn bookkeeping_accounts_and_rows_are_left() {
        for country in Country::ALL {
            for text in [
                "konto 1930",
                "konto 1930 1234,50 kr",
                "Konto 3001, 3002, 3003",
                "konto 2024-01-15",
                "5000-1234567",
                "1234 5678 9012 3456",
                "1234 12 12345",
                "2024-01-15 12:30",
                "konto 1234 5678",
            ] {
                assert_eq!(found(country, text), [""; 0], "{text}");
            }
        }
    }
}
