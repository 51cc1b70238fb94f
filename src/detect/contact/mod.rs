//! How somebody is reached: telephone, e-mail and street addresses, accounts, devices, vehicles.

pub(in crate::detect) mod address;
pub(in crate::detect) mod email;
pub(in crate::detect) mod handle;
pub(in crate::detect) mod imei;
pub(in crate::detect) mod log;
pub(in crate::detect) mod network;
pub(in crate::detect) mod path;
pub(in crate::detect) mod phone;
pub(in crate::detect) mod plate;
pub(in crate::detect) mod spelled;
pub(in crate::detect) mod url;
pub(in crate::detect) mod user;
mod vehicle;

use super::digits::{Page, Run};
use super::resolve::Candidate;

/// Offers what begins with this group of digits.
pub(super) fn recognise(page: &Page<'_>, first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = run.groups.first() else { return };
    let length = group.length();
    phone::recognise(page, first, run, found);
    if run.digits().len() >= phone::FEWEST && matches!(length, 2 | 6 | 8 | 15..=17) {
        imei::recognise(page, first, run, found);
    }
    let bytes = page.bytes();
    if group.start.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphabetic() || matches!(bytes[before], b'_' | b'.')) {
        user::recognise_digits(page, first, found);
    }
    // What is left begins with few digits, and letters or signs stand beside them.
    if length > 5 {
        return;
    }
    let before = |back: usize| group.start.checked_sub(back).and_then(|at| bytes.get(at)).copied().unwrap_or(b'\n');
    let after = bytes.get(group.end).copied().unwrap_or(b'\n');
    let is_sign = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'-' | b'.');
    if length <= 4 && (is_sign(after) || is_sign(before(1))) {
        network::recognise(page, first, run, found);
    }
    // The letters of a plate, or a street, stand before the digits, or a blank and digits behind them.
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || byte >= 0x80;
    let spaced = matches!(before(1), b' ' | b'-' | b'.');
    let lettered = is_letter(before(1)) || (spaced && (is_letter(before(2)) || matches!(before(2), b' ' | b'.')));
    if lettered {
        plate::recognise(page, first, run, found);
    }
    if lettered || after == b' ' || after == b'-' || is_letter(after) {
        address::recognise(page, first, run, found);
    }
}

/// Offers what stands around an `@`, `:` or `=`, or a `.` or `_` before a letter; e-mail addresses aside.
pub(super) fn recognise_sign(page: &Page<'_>, position: usize, found: &mut Vec<Candidate>) {
    match page.bytes()[position] {
        b'@' => handle::recognise(page, position, found),
        b':' => {
            url::recognise(page, position, found);
            handle::recognise_label(page, position, found);
            log::recognise_colon(page, position, found);
        }
        b'=' => {
            url::recognise_query(page, position, found);
            user::recognise_value(page, position, found);
            log::recognise_equals(page, position, found);
        }
        _ => {
            url::recognise_host(page, position, found);
            user::recognise(page, position, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::detect::{Country, examples, scrub};

    /// Pieces of log lines, of addresses that are spelled out and of profiles, whole and broken.
    const LOGS: [&str; 42] = [
        "Accepted publickey for larsmo from",
        "Failed password for",
        "invalid user perolov",
        "session opened for user",
        "annab",
        "root",
        "by annab(uid=0)",
        "su: (to root) annab on",
        "sudo: annab : TTY=pts/0",
        "Account Name:\tannab",
        "VPN-bruger hfl042",
        "for bruker",
        "för användare larsmo",
        "user",
        "KONTOR\\annab",
        "'annab'",
        "anna (at) example.se",
        "anna[at]example[dot]se",
        "mail anna at example dot com",
        "(at)",
        " at ",
        "[dot]",
        "(a)",
        "kim@example.org",
        "kim@example.se.Tack",
        ".Tack",
        "example.no",
        "linkedin.com/in/kim-lind",
        "wa.me/46701740605",
        "github.com/klindqvist",
        "t.me/anna_ost",
        "x.com/",
        "https://example.org/petronella",
        "https://kim:x@example.org",
        "www.example.org/users/kim",
        ":",
        "=",
        ", ",
        ".",
        "-",
        "\n",
        "Bj&ouml;rn&nbsp;",
    ];

    /// Pieces of such addresses and profiles, and of numbers right behind the words that say what they are: what a word from afar says of a
    /// number is lost with a name or an address between.
    const NUMBERS: [&str; 47] = [
        "anna (at) example.se",
        "anna[at]example[dot]se",
        "mail anna at example dot com",
        "(at)",
        " at ",
        "[dot]",
        "(a)",
        "kim@example.org",
        "kim@example.se.Tack",
        ".Tack",
        "example.no",
        "linkedin.com/in/kim-lind",
        "wa.me/46701740605",
        "github.com/klindqvist",
        "t.me/anna_ost",
        "x.com/",
        "https://example.org/petronella",
        "https://kim:x@example.org",
        "www.example.org/users/kim",
        "clearing 6789 konto 123 456 789",
        "reg. 1234 konto 0012345678",
        "6789",
        "123 456 789",
        "8327-9, 123 456 789-0",
        "3300-690224-9918",
        "123930-10459",
        "3624-88-04178",
        "fnr 15858 598181",
        "hetu 131052 -308T",
        "131052 308T",
        "290201A937T",
        "kt. 1201 603389",
        "25 12 48 9996",
        "Yaris ABC 123",
        "Leasingauto",
        "PB-231",
        "ritning ABC-123",
        "SX 40 21",
        "070-174 06 05",
        "12345678",
        ":",
        "=",
        ", ",
        ".",
        "-",
        "\n",
        "Bj&ouml;rn&nbsp;",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

        #[test]
        fn scrubbing_ways_to_reach_somebody_is_a_fixed_point(
            pieces in prop_oneof![
                prop::collection::vec(prop::sample::select(LOGS.to_vec()), 0..9),
                prop::collection::vec(prop::sample::select(NUMBERS.to_vec()), 0..9),
            ],
            countries in prop::sample::subsequence(Country::ALL.to_vec(), 1..=5),
        ) {
            let text = pieces.join(" ");
            let scanner = examples::scanner(&countries);
            let scrubbed = scrub(&text, &scanner.scan(&text)).into_owned();
            let left = scanner.scan(&scrubbed);
            prop_assert!(left.is_empty(), "{text:?} -> {scrubbed:?}: {left:?}");
        }
    }
}
