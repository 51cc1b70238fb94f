//! Finnish numbers: `040 123 4567`, `0400-123456`, `09 1234 5678`.
//!
//! Rule: a leading zero; mobile numbers begin with 04x or 050 and have nine to eleven digits, mostly ten; geographic area codes are 02,
//! 03, 05, 06, 08, 09 and 013 to 019; numbers of companies and services begin with 010, 020, 029, 030, 071, 073, 075, 0600, 0700 or 0800.
//!
//! Source: Traficom, regulation 32 on numbering in a public telephone network.

use super::written::{Form, Written};
use crate::detect::digits::Separator;

/// Where the first group of a number may end.
enum Area {
    /// 04x and 050, also written with four digits (0400, 0500).
    Mobile,
    /// A geographic area, with its length.
    Landline(usize),
    /// Companies and services, without area.
    Service,
}

/// What the digits are as a Finnish number with its leading zero.
pub(super) fn form(written: &Written<'_>) -> Option<Form> {
    let digits = written.digits;
    let area = area(digits)?;
    let is_mobile = matches!(area, Area::Mobile);
    let allowed = if is_mobile { 9..=11 } else { 8..=11 };
    if !allowed.contains(&digits.len()) {
        return None;
    }
    if written.is_undelimited() {
        return Some(if is_mobile && digits.len() == 10 { Form::likely(0.8) } else { Form::BARE });
    }
    let (head, tail) = (written.head(), written.tail());
    let fits_area = match area {
        Area::Mobile | Area::Service => (3..=4).contains(&head),
        Area::Landline(length) => head == length,
    };
    let fits_tail = match tail {
        [single] => (5..=8).contains(single),
        // "040 123 4567", "040 12 34 567", "09 1234 5678"; never ends in a year: "09 12 2024".
        // "0800 1 7723"
        [1, 4] => matches!(area, Area::Service),
        [first, .., last] => tail.iter().all(|length| (2..=4).contains(length)) && (*last < 4 || *first > 2),
        [] => false,
    };
    if !fits_area || !fits_tail || !written.is_even() {
        return None;
    }
    let after_area = written.separators().first()?;
    let dotted = written.separators().contains(&Separator::Dot);
    if is_mobile {
        // Nine digits end in two hardly ever: "040-4418-22" is an article, and so is "0400-22-118".
        let has_hyphens = tail.len() > 1 && written.separators().iter().all(|separator| *separator == Separator::Hyphen);
        if digits.len() == 9 && (matches!(tail, [4, 2]) || has_hyphens) {
            return Some(Form::BARE);
        }
        // "0457-344 19 02": the mobiles of Åland have eleven digits, and the first eight are a number in Sweden.
        if digits.len() == 11 && digits.starts_with(b"0457") {
            return Some(Form::likely(0.96));
        }
        return Some(if digits.len() == 10 { Form::unmistakable(0.96) } else { Form::likely(0.9) });
    }
    let vague = head == 2 && (tail.first() == Some(&2) || digits.len() < 9);
    Some(match after_area {
        _ if dotted => Form::BARE,
        Separator::CloseParenthesis => Form::likely(0.93),
        _ if vague => Form::BARE,
        Separator::Space => Form::lonely(if tail.len() > 1 { 0.85 } else { 0.7 }),
        _ => Form::likely(0.85),
    })
}

/// Whether digits with their leading zero are a whole number, however they are grouped.
pub(super) fn is_whole(digits: &[u8]) -> bool {
    match area(digits) {
        Some(Area::Mobile) => matches!(digits.len(), 9 | 10),
        Some(Area::Landline(length)) => (8..=11).contains(&digits.len()) && digits.get(length).is_some_and(|first| *first != b'0'),
        Some(Area::Service) => (8..=11).contains(&digits.len()),
        None => false,
    }
}

fn area(digits: &[u8]) -> Option<Area> {
    match digits {
        [b'0', b'4', ..] | [b'0', b'5', b'0', ..] => Some(Area::Mobile),
        [b'0', b'1', b'0', ..]
        | [b'0', b'2', b'0' | b'9', ..]
        | [b'0', b'3', b'0', ..]
        | [b'0', b'7', b'1' | b'3' | b'5', ..]
        | [b'0', b'6' | b'7' | b'8', b'0', b'0', ..] => Some(Area::Service),
        [b'0', b'1', b'3'..=b'9', ..] => Some(Area::Landline(3)),
        [b'0', b'2' | b'3' | b'5' | b'6' | b'8' | b'9', ..] => Some(Area::Landline(2)),
        _ => None,
    }
}
