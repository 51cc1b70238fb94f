//! Company numbers: recognised so that they are taken for nothing else.
//!
//! Finds nothing: what it recognises is nobody's, and takes its digits from telephones and persons that
//! they might be read as.
//!
//! Rule: where the form is unmistakable, no word is needed: a Swedish organisation number `nnnnnn-nnnn` whose
//! third digit is at least 2 (so that it is no month) with Luhn's check digit, also after `16`; `SE…01` around
//! one; a Finnish business ID `nnnnnnn-n` with its check digit; `FI`, `DK` or `NO … MVA` before or around a
//! number that passes its check. Elsewhere a word such as `org.nr`, `CVR` or `VAT` must stand beside it: eight
//! digits are a telephone as well. A sole trader's number is the owner's and is left to
//! [`personnummer`](super::personnummer); a company's kennitala is read with the persons', in
//! [`kennitala`](super::kennitala).
//!
//! Source: lag 1974:174 om identitetsbeteckning för juridiska personer; CVR-loven and Erhvervsstyrelsen on
//! modulus 11 (weights 2 7 6 5 4 3 2 1); enhetsregisterloven § 5 and Brønnøysundregistrene (weights 3 2 7 6 5 4 3
//! 2 1); yritys- ja yhteisötietolaki 244/2001 9 § (weights 7 9 10 5 8 4 2 1). The examples are published numbers
//! of authorities and listed companies.
//!
//! ```text
//! Org.nr 556016-0680, 16556016-0680, SE556016068001 → Org.nr 556016-0680, 16556016-0680, SE556016068001
//! CVR 24256790, cvr-nr. 24 25 67 90, DK24256790 → CVR 24256790, cvr-nr. 24 25 67 90, DK24256790
//! Org.nr. 974 760 673, NO 974760673 MVA → Org.nr. 974 760 673, NO 974760673 MVA
//! Y-tunnus 0112038-9, FI01120389 → Y-tunnus 0112038-9, FI01120389
//! tlf 24256790, CVR 24256790 → tlf [phone], CVR 24256790
//! ```

use crate::detect::check_digit::{luhn, weighted_11};
use crate::detect::context::Meaning;
use crate::detect::digits::{DigitGroup, Page, Run, Separator};
use crate::detect::resolve::{Candidate, Validity};

/// Offers what begins with this group of digits.
pub(in crate::detect) fn recognise(page: &Page<'_>, _first: usize, run: &Run<'_>, found: &mut Vec<Candidate>) {
    let Some(group) = run.groups.first() else { return };
    let candidate = match group.length() {
        2 => pairs(page, run),
        3 => threes(page, run),
        6 | 8 if follows(run, Separator::Hyphen, 4) => swedish(page, run),
        7 if follows(run, Separator::Hyphen, 1) => finnish(page, run),
        8 => eight(page, run),
        9 => nine(page, run, 1),
        10 | 12 => ten_or_twelve(page, run),
        _ => None,
    };
    found.extend(candidate);
}

fn follows(run: &Run<'_>, separator: Separator, length: usize) -> bool {
    run.groups.get(1).is_some_and(|group| group.before == separator && group.length() == length)
}

/// Whether ten digits are the number of a Swedish legal person.
fn is_swedish(digits: &[u8]) -> bool {
    digits.len() == 10 && digits.get(2).is_some_and(|third| *third >= b'2') && digits.first() != Some(&b'0') && luhn(digits)
}

fn is_norwegian(digits: &[u8]) -> bool {
    weighted_11(digits, &[3, 2, 7, 6, 5, 4, 3, 2, 1])
}

fn is_finnish(digits: &[u8]) -> bool {
    weighted_11(digits, &[7, 9, 10, 5, 8, 4, 2, 1])
}

fn is_danish(digits: &[u8]) -> bool {
    weighted_11(digits, &[2, 7, 6, 5, 4, 3, 2, 1])
}

/// `556016-0680`, `16556016-0680`.
fn swedish(page: &Page<'_>, run: &Run<'_>) -> Option<Candidate> {
    let (start, end, digits) = extent(run, 2)?;
    let (digits, has_century) = match digits.strip_prefix(b"16") {
        Some(rest) if digits.len() == 12 => (rest, true),
        _ => (digits, false),
    };
    if is_swedish(digits) {
        return nobody(page, start, end, Validity::Proven);
    }
    let has_form = has_century || (digits.len() == 10 && digits.get(2).is_some_and(|third| *third >= b'2'));
    if has_form && is_named(page, start, end) { nobody(page, start, end, Validity::Shape) } else { None }
}

/// `0112038-9`.
fn finnish(page: &Page<'_>, run: &Run<'_>) -> Option<Candidate> {
    let (start, end, digits) = extent(run, 2)?;
    if is_finnish(digits) {
        nobody(page, start, end, Validity::Proven)
    } else if is_named(page, start, end) {
        nobody(page, start, end, Validity::Shape)
    } else {
        None
    }
}

/// `24256790`, `DK24256790`, `FI01120389`.
fn eight(page: &Page<'_>, run: &Run<'_>) -> Option<Candidate> {
    let (start, end, digits) = extent(run, 1)?;
    for (country, passes) in [(b"DK", is_danish(digits)), (b"FI", is_finnish(digits))] {
        if let Some(prefix) = prefix(page.bytes(), start, country) {
            return nobody(page, prefix, end, if passes { Validity::Proven } else { Validity::Shape });
        }
    }
    if is_named(page, start, end) { nobody(page, start, end, Validity::Shape) } else { None }
}

/// `24 25 67 90` beside its word.
fn pairs(page: &Page<'_>, run: &Run<'_>) -> Option<Candidate> {
    let groups = run.groups.get(..4)?;
    let paired = groups.iter().all(|group| group.length() == 2) && groups.iter().skip(1).all(|group| group.before == Separator::Space);
    let (start, end, _) = extent(run, 4).filter(|_| paired)?;
    if is_named(page, start, end) { nobody(page, start, end, Validity::Shape) } else { None }
}

/// `974 760 673`.
fn threes(page: &Page<'_>, run: &Run<'_>) -> Option<Candidate> {
    let groups = run.groups.get(..3)?;
    let joined = groups.iter().skip(1).all(|group| matches!(group.before, Separator::Space | Separator::Dot));
    if joined && groups.iter().all(|group| group.length() == 3) { nine(page, run, 3) } else { None }
}

/// Nine digits, a Norwegian number where `NO` or `MVA` stands beside it, or a word.
fn nine(page: &Page<'_>, run: &Run<'_>, count: usize) -> Option<Candidate> {
    let (start, end, digits) = extent(run, count)?;
    let bytes = page.bytes();
    let after = bytes.get(end..).unwrap_or_default();
    let after = after.strip_prefix(b" ").unwrap_or(after);
    let is_taxed = after.get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"mva"));
    let prefix = prefix(bytes, start, b"NO");
    let passes = is_norwegian(digits);
    if is_taxed {
        // The tax letters belong to the number.
        let end = bytes.len() - after.len() + 3;
        return nobody(page, prefix.unwrap_or(start), end, if passes { Validity::Proven } else { Validity::Shape });
    }
    match prefix {
        Some(start) if passes => nobody(page, start, end, Validity::Proven),
        _ if is_named(page, start, end) => nobody(page, start, end, if passes { Validity::Proven } else { Validity::Shape }),
        _ => None,
    }
}

/// `5560160680` beside its word, `165560160680`, `SE556016068001`.
fn ten_or_twelve(page: &Page<'_>, run: &Run<'_>) -> Option<Candidate> {
    let (start, end, digits) = extent(run, 1)?;
    if digits.len() == 10 {
        return if is_swedish(digits) && is_named(page, start, end) { nobody(page, start, end, Validity::Proven) } else { None };
    }
    if digits.strip_prefix(b"16").is_some_and(is_swedish) {
        return nobody(page, start, end, Validity::Proven);
    }
    let vat = digits.strip_suffix(b"01").is_some_and(is_swedish);
    let prefix = prefix(page.bytes(), start, b"SE").filter(|_| vat)?;
    nobody(page, prefix, end, Validity::Proven)
}

/// Where a country's letters before the number begin, with or without a blank.
fn prefix(bytes: &[u8], start: usize, country: &[u8; 2]) -> Option<usize> {
    let before = bytes.get(..start)?;
    let before = before.strip_suffix(b" ").unwrap_or(before);
    let letters = before.len().checked_sub(2)?;
    before.get(letters..)?.eq_ignore_ascii_case(country).then_some(letters)
}

fn is_named(page: &Page<'_>, start: usize, end: usize) -> bool {
    let context = page.context(start, end);
    context.is(Meaning::Organisation) && context.immediate
}

fn nobody(page: &Page<'_>, start: usize, end: usize, validity: Validity) -> Option<Candidate> {
    stands_alone(page, start, end).then(|| Candidate::nobody(start, end, 0.9, validity))
}

/// Whether neither letter nor digit touches the bytes.
///
/// Less than [`Page::is_free`] asks for: what takes digits away must not vanish when its neighbour becomes a placeholder.
pub(in crate::detect) fn stands_alone(page: &Page<'_>, start: usize, end: usize) -> bool {
    let is_apart = |character: Option<char>| !character.is_some_and(char::is_alphanumeric);
    page.text.get(..start).is_some_and(|before| is_apart(before.chars().next_back()))
        && page.text.get(end..).is_some_and(|after| is_apart(after.chars().next()))
}

/// The bytes and the digits of leading groups.
fn extent<'r>(run: &'r Run<'_>, count: usize) -> Option<(usize, usize, &'r [u8])> {
    let groups = run.groups.get(..count)?;
    let length = groups.iter().map(DigitGroup::length).sum();
    Some((groups.first()?.start, groups.last()?.end, run.digits().get(..length)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Country, Kind, examples};

    fn found(text: &str) -> Vec<Kind> {
        crate::detect::examples::scanner(&Country::ALL).scan(text).iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn documented_examples_hold() {
        assert_eq!(examples::check(include_str!("company.rs"), &Country::ALL), 5);
    }

    #[test]
    fn published_numbers_pass_and_no_other_check_digit_does() {
        let one = |published: &str, passes: fn(&[u8]) -> bool| {
            let mut digits: Vec<u8> = published.bytes().collect();
            let last = digits.len() - 1;
            for digit in b'0'..=b'9' {
                digits[last] = digit;
                assert_eq!(passes(&digits), digit == published.as_bytes()[last], "{published}");
            }
        };
        // Listed companies and authorities, as they print their numbers.
        for number in ["5560160680", "2021005448", "5560125790"] {
            one(number, is_swedish);
        }
        for number in ["24256790", "61126228"] {
            one(number, is_danish);
        }
        for number in ["974760673", "923609016"] {
            one(number, is_norwegian);
        }
        for number in ["01120389", "15728600"] {
            one(number, is_finnish);
        }
    }

    #[test]
    fn companies_are_nobodys() {
        for text in [
            "556016-0680",
            "556016\u{2013}0680",
            "organisationsnummer 5560160680",
            "165560160680",
            "SE 556016068001",
            "CVR-nr.: 24256790",
            "CVR 24 25 67 90",
            "VAT DK 24256790",
            "Org.nr 974 760 673 MVA",
            "NO974760673MVA",
            "Foretaksnr. 974760673",
            "0112038-9",
            "Y-tunnus: 01120389",
            "kt. 520160-3389",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn sole_traders_and_telephones_are_found() {
        assert_eq!(found("Org.nr 190101-2391"), [Kind::NationalId]);
        assert_eq!(found("Momsnr SE190101239101"), [Kind::NationalId]);
        assert_eq!(found("tlf 24256790"), [Kind::Phone]);
        assert_eq!(found("tlf. 24 25 67 90"), [Kind::Phone]);
    }
}
