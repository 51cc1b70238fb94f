//! Numbers that another number before them makes telephones.
//!
//! Rule: behind a telephone number and `/`, `eller` or a comma the next one needs no word of its own; `31/32` and `2201 / -2202` are the
//! last digits of a second number; `0480-45 01 12, 45 01 13` leaves the area code out; `til ham 2872-4490, til hende 2872-4491` says only
//! who else is reached.

use super::Place;
use super::international;
use super::labels::is_label;
use super::surroundings::last_word;
use crate::detect::Kind;
use crate::detect::calendar::number;
use crate::detect::context::Meaning;
use crate::detect::digits::Page;
use crate::detect::fold::Folded;
use crate::detect::resolve::Candidate;

/// More candidates do not end at one place.
const RECENT: usize = 12;
/// How likely a number is before another is believed for its sake.
const SURE: f32 = 0.9;
/// What joins two numbers.
const JOINING: [&str; 16] = ["/", ",", ";", "&", "+", "eller", "el.", "el", "och", "og", "or", "and", "tai", "ja", "eða", "alt."];

/// The telephone number that ends with the group before this one.
fn previous<'c>(page: &Page<'_>, first: usize, found: &'c [Candidate]) -> Option<&'c Candidate> {
    let group = page.groups.get(first.checked_sub(1)?)?;
    let is_it = |other: &&Candidate| other.kind == Some(Kind::Phone) && other.end == group.end && other.confidence >= SURE;
    // Of several readings the longest.
    found.iter().rev().take(RECENT).filter(is_it).min_by_key(|other| other.start)
}

/// Whether a word or sign joins two numbers.
fn is_joining(word: &str) -> bool {
    JOINING.contains(&word) || word.strip_prefix([',', ';']).is_some_and(|rest| JOINING.contains(&rest.trim_start()))
}

/// Whether another telephone number stands right before this one: `tlf. 12345678 / 87654321`.
pub(super) fn follows_another(page: &Page<'_>, place: &Place<'_>, found: &[Candidate]) -> bool {
    let Some((other, group)) = previous(page, place.first, found).zip(page.groups.get(place.first)) else { return false };
    let Some(between) = page.text.get(other.end..group.start) else { return false };
    let between = between.strip_suffix('(').unwrap_or(between);
    let word = between.trim_matches(' ');
    // Behind a comma anything may come: it must be written alike.
    let is_alike = !matches!(word, "," | ";") || other.end - other.start == place.end - place.start;
    between.len() <= 10 && is_joining(word) && is_alike
}

/// Whether a telephone number stands before in the same sentence, and what is between says who or where is reached: `, til hende`.
pub(super) fn continues_list(page: &Page<'_>, place: &Place<'_>, found: &[Candidate]) -> bool {
    /// How far the other may be, in bytes.
    const NEAR: usize = 48;
    let Some(other) = previous(page, place.first, found) else { return false };
    let Some(between) = page.text.get(other.end..place.start).filter(|between| between.len() <= NEAR) else { return false };
    // "… 6 9 2 4 4 0 7? nei, rétt er 6 9 2 4 7 0 7", "det gamle 40000001 er lukket"
    if is_corrected(between) && !page.is_near(place.start, Meaning::Reference) {
        return true;
    }
    // "3548000001 [OK], 3548000002 [OK]": a list of mobiles with their country code.
    let is_code =
        |text: &str| text.len() == place.digits.len() && place.digits.get(..3).is_some_and(|code| text.as_bytes().starts_with(code));
    if place.country.is_none()
        && between.len() <= 16
        && international::is_nordic_mobile(place.digits)
        && page.text.get(other.start..other.end).is_some_and(is_code)
    {
        return true;
    }
    let is_one_sentence = !between.contains(['.', '\n', '\t', '[', ']', '@', '!', '?']);
    if !(is_one_sentence && between.starts_with([',', ';', ')', ' ']) && between.contains(' ')) {
        return false;
    }
    let mut rest = between;
    let says_who = (0..5).any(|_| {
        let (head, word) = last_word(rest.trim_end_matches(|character: char| !character.is_alphabetic()));
        rest = head;
        is_label(word) || matches!(word, "til" | "till")
    });
    let is_other = [Meaning::Reference, Meaning::Amount, Meaning::Account, Meaning::Giro, Meaning::Organisation, Meaning::CivilNumber]
        .into_iter()
        .any(|meaning| page.is_near(place.start, meaning));
    says_who && !is_other
}

/// Whether the few words between two numbers say that the other is the right one, the old one or the new one.
fn is_corrected(between: &str) -> bool {
    #[rustfmt::skip]
    const CORRECTING: [&str; 36] = [
        "gamle", "gamla", "gammelt", "gammalt", "gammal", "gammel", "gomlu", "gamalt", "gamla", "gamli", "vanha", "old", "tidligere", "tidigare",
        "nye", "nya", "nytt", "nyt", "ny", "uusi", "new", "nuna", "rett", "ratt", "riktig", "riktigt", "rigtigt", "rigtige", "oikea", "correct",
        "nei", "nej", "ei", "ellers", "annars", "muuten",
    ];
    let is_near = between.len() <= 28 && !between.contains(['[', ']', '@', '\n', '\t']) && between.contains(' ');
    let mut words = between.split(|sign: char| !sign.is_alphabetic()).filter(|word| !word.is_empty());
    is_near && words.clone().count() <= 4 && words.any(|word| CORRECTING.contains(&Folded::of(word).as_str()))
}

/// Where the last digits of a second number end that stand behind a first one: `30 54 11 87/88`, `044 718 2201 / -2202`.
pub(super) fn short_second(page: &Page<'_>, start: usize, next: usize) -> Option<usize> {
    let last = page.groups.get(next.checked_sub(1)?)?;
    let group = page.groups.get(next)?;
    let (is_dashed, is_apart) = match page.text.get(last.end..group.start)? {
        "/" => (false, false),
        "/-" | " / -" | "/ -" | ", -" => (true, false),
        " / " | " el. " | " eller " | " or " | " tai " | " eða " => (false, true),
        _ => return None,
    };
    let bytes = page.bytes();
    let (before, digits) = (bytes.get(last.start..last.end)?, bytes.get(group.start..group.end)?);
    let fits = digits.len() < before.len() || digits.len() == before.len() && (digits.len() == 2 || is_dashed);
    // The second is the higher of two neighbours.
    let is_higher = before.len().checked_sub(digits.len()).and_then(|from| before.get(from..)).is_some_and(|tail| digits > tail);
    // "93 eller 94": neighbours.
    let is_next = !is_apart || digits.len() == 2 && before.len() == 2 && number(digits).wrapping_sub(number(before)) <= 3;
    let is_glued = |text: &str| if is_apart { text.len() <= 3 } else { is_glued(text) };
    let is_closed = page.groups.get(next + 1).is_none_or(|after| page.text.get(group.end..after.start).is_none_or(|text| !is_glued(text)));
    (digits.len() <= 4 && fits && is_higher && is_next && is_closed && page.is_free(start, group.end)).then_some(group.end)
}

/// Whether only signs stand between two groups.
fn is_glued(text: &str) -> bool {
    matches!(text, "/" | "-" | "." | ":" | "," | " - " | " / ")
}

/// Where a number without its area code ends that stands behind one with it: `0480-45 01 12, 45 01 13`.
pub(super) fn local_second(page: &Page<'_>, first: usize, found: &[Candidate]) -> Option<usize> {
    let group = page.groups.get(first)?;
    let other = previous(page, first, found)?;
    let whole = page.text.get(other.start..other.end)?;
    let joint = page.text.get(other.end..group.start).filter(|joint| joint.len() <= 10 && is_joining(joint.trim_matches(' ')))?;
    // What is left of the first behind its area code must look like the second.
    let (area, local) = whole.split_once(['-', '/', ')'])?;
    let local = local.trim_start_matches(' ');
    if !area.trim_start_matches('(').starts_with('0') || !(5..=11).contains(&local.len()) {
        return None;
    }
    let digits = local.bytes().filter(u8::is_ascii_digit).count();
    let end = group.start + local.len();
    let second = page.text.get(group.start..end)?;
    let is_alike = second.bytes().zip(local.bytes()).all(|(one, two)| one == two || one.is_ascii_digit() && two.is_ascii_digit());
    let shares = |length: usize| second.get(..length) == local.get(..length);
    let is_listed = joint.trim_matches(' ').len() > 1 || shares(2);
    ((5..=8).contains(&digits) && is_alike && !second.starts_with('0') && is_listed && page.is_free(group.start, end)).then_some(end)
}
