//! North American numbers: `(212) 555-0147`, `312.555.0188`, `1-312-555-0190`.
//!
//! Rule: an area and an exchange of three digits, neither of which begins with 0 or 1 or ends in 11, and four digits, with or without a 1
//! before them; the area in parentheses, or the same sign everywhere. A hyphen or dot everywhere may be an article number: a word that
//! says so is believed.
//!
//! Source: NANPA, "NANP Numbering"; ITU-T E.164.

use super::written::{Form, Written};
use crate::detect::digits::Separator::{CloseParenthesis, Dot, Hyphen, OpenParenthesis, Space};

/// What the digits are as a North American number without `+`.
pub(super) fn form(written: &Written<'_>) -> Option<Form> {
    let (digits, has_one) = match written.digits {
        [b'1', rest @ ..] if rest.len() == 10 => (rest, true),
        digits if digits.len() == 10 => (digits, false),
        _ => return None,
    };
    let is_office = |three: &[u8]| matches!(three, [b'2'..=b'9', second, third] if (*second, *third) != (b'1', b'1'));
    if !is_office(digits.get(..3)?) || !is_office(digits.get(3..6)?) {
        return None;
    }
    let customary = match written.lengths() {
        [1, 3, 3, 4] => has_one,
        [3, 3, 4] => !has_one,
        _ => return None,
    };
    if !customary {
        return None;
    }
    match written.separators() {
        [CloseParenthesis, Hyphen | Dot] | [OpenParenthesis, CloseParenthesis, Hyphen | Dot] => Some(Form::likely(0.93)),
        [CloseParenthesis, Space] => Some(Form::likely(0.75)),
        [Hyphen, Hyphen, Hyphen] | [Dot, Dot, Dot] | [Space, Hyphen, Hyphen] => Some(Form::lonely(0.85)),
        [Hyphen, Hyphen] | [Dot, Dot] | [Space, Hyphen] => Some(Form::lonely(0.7)),
        _ => Some(Form::BARE),
    }
}
