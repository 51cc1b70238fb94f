//! Numbers with a country code: `+46 70 174 06 05`, `0045 12345678`, `+44 7700 900123`.
//!
//! Rule: of the five Nordic plans their own lengths, with or without `(0)`; of other countries the code and the shortest and longest
//! number that its plan knows.
//!
//! Source: ITU-T E.164 and its list of assigned country codes (Operational Bulletin No. 1114).

use super::sweden;
use super::written::{Form, Written};
use crate::detect::digits::Separator;

/// What digits behind a `+` are.
pub(super) fn after_plus(written: &Written<'_>) -> Option<Form> {
    if is_nordic(written.digits) {
        return Some(Form::unmistakable(if written.is_undelimited() { 0.96 } else { 0.98 }));
    }
    let (least, most) = lengths(written.digits)?;
    // "+44 (0)7700 900123"
    let trunk_zero = usize::from(written.separators().contains(&Separator::OpenParenthesis));
    let (total, most) = (written.digits.len(), most + trunk_zero);
    if total < 8 || total > most || written.separators().contains(&Separator::Slash) {
        return None;
    }
    // "+100 000 000" is an amount; a whole number of the plan is hardly one.
    let is_amount = written.head() <= 3 && written.is_spaced() && written.tail().iter().all(|length| *length == 3);
    Some(match total {
        _ if total < least => Form::BARE,
        _ if is_amount && total < 11 => Form::BARE,
        _ if total < 10 => Form::likely(0.75),
        _ if written.is_undelimited() => Form::likely(0.93),
        _ => Form::likely(0.95),
    })
}

/// What digits are whose first two may be the `00` of an international call.
pub(super) fn after_zeros(written: &Written<'_>) -> Option<Form> {
    let rest = written.digits.strip_prefix(b"00")?;
    if is_nordic(rest) {
        return Some(Form::likely(if written.is_undelimited() { 0.9 } else { 0.95 }));
    }
    let (least, most) = lengths(rest)?;
    // "00299 328814"
    let fits = (least..=most).contains(&rest.len()) && written.separators().iter().all(|separator| *separator != Separator::Slash);
    fits.then_some(if written.is_undelimited() { Form::BARE } else { Form::lonely(0.7) })
}

/// British numbers without their country code: `07700 900461`, `020 7946 0018`.
pub(super) fn british(written: &Written<'_>) -> Option<Form> {
    let is_mobile = matches!(written.digits, [b'0', b'7', b'3'..=b'9', ..]) && written.digits.len() == 11;
    let is_landline = matches!(written.digits, [b'0', b'1' | b'2', ..]) && matches!(written.digits.len(), 10 | 11);
    if !is_mobile && !is_landline || written.separators().iter().any(|separator| matches!(separator, Separator::Dot | Separator::Slash)) {
        return None;
    }
    match written.lengths() {
        [5, 6] | [5, 3, 3] if is_mobile && written.is_spaced() => Some(Form::likely(0.85)),
        [11] | [5, 6] | [5, 3, 3] => Some(Form::BARE),
        [3, 4, 4] | [4, 3, 4] | [5, 5] if is_landline => Some(Form::BARE),
        _ => None,
    }
}

/// What digits are that begin with a Nordic country code and nothing before it.
pub(super) fn without_prefix(written: &Written<'_>) -> Option<Form> {
    // "298 22 71 40", the Faroes and Greenland: nine digits say less.
    if written.digits.len() == 9 && (written.digits.starts_with(b"298") || written.digits.starts_with(b"299")) {
        return Some(Form::NEAR);
    }
    (written.digits.len() >= 10 && is_nordic(written.digits)).then_some(Form::BARE)
}

/// A Nordic mobile number with its country code in a group of its own, and no sign before it: `358 50 338 7194`.
pub(super) fn mobile_behind_code(written: &Written<'_>) -> Option<Form> {
    let [code, area, ..] = written.lengths() else { return None };
    let is_joined = written.separators().iter().all(|separator| matches!(separator, Separator::Space | Separator::Hyphen));
    let is_split = is_joined && matches!((written.digits, code), ([b'4', ..], 2) | ([b'3', ..], 3)) && *area >= 2;
    // "45 22 33 44 55" may be a row of pairs.
    let is_row = written.lengths().iter().all(|length| length == code) || written.digits.starts_with(b"45");
    (is_split && !is_row && is_nordic_mobile(written.digits)).then_some(Form::lonely(0.7))
}

/// Whether digits are a mobile number of one of the five countries with its country code.
pub(super) fn is_nordic_mobile(digits: &[u8]) -> bool {
    is_nordic(digits)
        && match digits {
            [b'4', b'6', rest @ ..] => sweden::is_mobile(rest),
            [b'4', b'7', rest @ ..] => matches!(rest, [b'4' | b'9', ..]),
            [b'3', b'5', b'8', rest @ ..] => matches!(rest, [b'4', ..] | [b'5', b'0', ..]) && rest.len() >= 9,
            [b'3', b'5', b'4', rest @ ..] => matches!(rest, [b'6'..=b'8', ..]),
            [b'4', b'5', rest @ ..] => matches!(rest, [b'2'..=b'9', ..]),
            _ => false,
        }
}

/// Whether digits with their country code are a number of any country, with or without a trunk zero, whatever their grouping.
pub(super) fn is_whole(digits: &[u8]) -> bool {
    // "+49 (0)461"
    let without_zero = |code: usize| digits.get(code) == Some(&b'0');
    is_nordic(digits)
        || lengths(digits).is_some_and(|(least, most)| {
            let most = most + usize::from(without_zero(1) || without_zero(2) || without_zero(3));
            (least.max(9)..=most).contains(&digits.len())
        })
}

/// Whether digits with their country code are a number of one of the five countries.
pub(super) fn is_nordic(digits: &[u8]) -> bool {
    let national = |code: &[u8]| {
        let rest = digits.strip_prefix(code)?;
        Some(rest.strip_prefix(b"0").unwrap_or(rest))
    };
    if let Some(national) = national(b"46") {
        let lengths = if sweden::is_mobile(national) { 9..=9 } else { 7..=9 };
        return lengths.contains(&national.len()) && !national.starts_with(b"0");
    }
    if let Some(national) = national(b"358") {
        return (6..=10).contains(&national.len()) && !national.starts_with(b"0");
    }
    if let Some(national) = digits.strip_prefix(b"354") {
        return national.len() == 7 && matches!(national[0], b'3'..=b'9');
    }
    // What a lift, a meter or an alarm calls with has twelve digits.
    if digits.len() == 14 && (digits.starts_with(b"4537") || digits.starts_with(b"4758") || digits.starts_with(b"4759")) {
        return true;
    }
    // Neither country dials a zero, but forms of others print one: "+45 (0)40128837".
    [b"45", b"47"].into_iter().any(|code| national(code).is_some_and(|national| national.len() == 8 && !national.starts_with(b"0")))
}

/// The shortest and the longest number of a country, its code included.
fn lengths(digits: &[u8]) -> Option<(usize, usize)> {
    const KNOWN: [(&[u8], usize, usize); 42] = [
        (b"1", 11, 11),
        (b"7", 11, 11),
        (b"20", 11, 12),
        (b"27", 11, 11),
        (b"30", 12, 12),
        (b"31", 11, 11),
        (b"32", 10, 11),
        (b"33", 11, 11),
        (b"34", 11, 11),
        (b"36", 10, 11),
        (b"39", 10, 13),
        (b"40", 11, 11),
        (b"41", 11, 11),
        (b"43", 10, 13),
        (b"44", 12, 12),
        (b"48", 11, 11),
        (b"49", 10, 13),
        (b"60", 10, 12),
        (b"61", 11, 11),
        (b"63", 11, 12),
        (b"66", 10, 11),
        (b"81", 11, 12),
        (b"82", 10, 12),
        (b"84", 11, 12),
        (b"86", 12, 13),
        (b"90", 12, 12),
        (b"91", 12, 12),
        (b"92", 11, 12),
        (b"93", 11, 11),
        (b"98", 12, 12),
        (b"251", 12, 12),
        (b"252", 10, 12),
        (b"291", 10, 10),
        (b"298", 9, 9),
        (b"299", 9, 9),
        (b"353", 10, 12),
        (b"370", 11, 11),
        (b"371", 11, 11),
        (b"372", 10, 11),
        (b"380", 12, 12),
        (b"963", 11, 12),
        (b"964", 11, 13),
    ];
    // Nordic numbers have been read; codes of no country begin so.
    if matches!(
        digits,
        [b'0', ..] | [b'4', b'5' | b'6' | b'7', ..] | [b'3', b'5', b'4' | b'8', ..] | [b'2', b'8', ..] | [b'8', b'3' | b'9', ..]
    ) {
        return None;
    }
    // In North America neither the area nor the exchange begins with 0 or 1.
    if let [b'1', area, _, _, exchange, ..] = digits
        && (*area < b'2' || *exchange < b'2')
    {
        return None;
    }
    let known = KNOWN.iter().find(|(code, ..)| digits.starts_with(code)).map(|(_, least, most)| (*least, *most));
    Some(known.unwrap_or((10, 14)))
}
