//! Swedish numbers: `070-174 06 05`, `08-465 004 00`.
//!
//! Rule: a leading zero, an area code of the plan's list and five to eight digits, eight to ten together; mobile numbers begin with 070,
//! 072, 073, 076 or 079 and have ten. A hyphen stands behind the area code and nowhere else, so a date or a number range is none.
//!
//! Source: Post- och telestyrelsen, "Den svenska telefoninummerplanen" (telephone numbers after ITU-T E.164), list of area codes.

use super::written::{Form, Written};
use crate::detect::calendar::number;
use crate::detect::digits::Separator;

/// What the digits are as a Swedish number with its leading zero.
pub(super) fn form(written: &Written<'_>) -> Option<Form> {
    let digits = written.digits;
    if !(8..=10).contains(&digits.len()) || digits[0] != b'0' || digits[1] == b'0' {
        return None;
    }
    if is_mobile(&digits[1..]) {
        return if digits.len() == 10 { mobile(written) } else { None };
    }
    landline(written)
}

/// Whether digits are a mobile number that has lost its leading zero: `70 174 06 05`.
pub(super) fn is_mobile_without_zero(digits: &[u8]) -> bool {
    digits.len() == 9 && is_mobile(digits)
}

/// Whether digits with their leading zero are a whole number, however they are grouped.
pub(super) fn is_whole(digits: &[u8]) -> bool {
    if !(8..=10).contains(&digits.len()) {
        return false;
    }
    if digits.get(1..).is_some_and(is_mobile) {
        return digits.len() == 10;
    }
    area(digits).is_some_and(|area| {
        let subscriber = digits.get(area..).unwrap_or_default();
        (5..=8).contains(&subscriber.len()) && !subscriber.starts_with(b"0") && (area < 4 || subscriber.len() <= 6)
    })
}

/// Whether a national number without its leading zero lies in the mobile ranges.
pub(super) fn is_mobile(national: &[u8]) -> bool {
    matches!(national, [b'7', b'0' | b'2' | b'3' | b'6' | b'9', ..])
}

fn mobile(written: &Written<'_>) -> Option<Form> {
    if written.is_undelimited() {
        return Some(Form::likely(0.8));
    }
    // "070 17 40 60 5"
    if written.head() == 3 && written.tail().contains(&1) && written.is_even() {
        return Some(Form::lonely(0.75));
    }
    if written.lengths().iter().any(|length| *length < 2) || !written.is_even() {
        return None;
    }
    // Two fours and a pair are how articles are numbered: "0701-7406-33".
    if written.lengths() == [4, 4, 2] {
        return Some(Form::likely(0.9));
    }
    // "07 30 08 30 09" may be times of day.
    if !(3..=5).contains(&written.head()) {
        return Some(Form::BARE);
    }
    Some(Form::unmistakable(0.96))
}

fn landline(written: &Written<'_>) -> Option<Form> {
    let digits = written.digits;
    let Some(area) = area(digits) else {
        // A new or unlisted code: believed beside a word.
        return (digits.len() >= 9 && (written.is_undelimited() || written.head() == 4)).then_some(Form::BARE);
    };
    let subscriber = digits.len() - area;
    if subscriber < 5 || (area == 4 && subscriber > 6) {
        return None;
    }
    if written.is_undelimited() {
        return Some(Form::BARE);
    }
    let tail = written.tail();
    if written.head() != area || !written.is_even() {
        return None;
    }
    let customary = match tail {
        [_] => true,
        // "0490-3 17 28"
        [1, 2, 2] => area > 2,
        several => several.iter().all(|length| (2..=3).contains(length)),
    };
    if !customary {
        // "042-18 40 3 0": a hyphen behind the area code and blanks alone.
        let separators = written.separators();
        let is_blank = separators.iter().skip(1).all(|separator| *separator == Separator::Space);
        let is_parted = match separators.first() {
            Some(Separator::Hyphen) => true,
            // "0370 691 14 0"
            Some(Separator::Space) => area > 2 && tail.len() > 2,
            _ => false,
        };
        if digits.len() >= 9 && is_parted && is_blank && digits.get(area) != Some(&b'0') {
            return Some(Form::lonely(0.7));
        }
        let plausible = tail.iter().all(|length| (2..=4).contains(length)) && tail.first().is_some_and(|first| *first > 2);
        return plausible.then_some(Form::BARE);
    }
    let after_area = written.separators().first()?;
    let dotted = written.separators().contains(&Separator::Dot);
    let dashed = written.separators().get(1..).is_some_and(|inner| inner.contains(&Separator::Hyphen));
    // "08 12 24 36" may be quantities, "08-12-24 10" a date and an hour.
    let vague = area == 2 && tail.first() == Some(&2);
    Some(match after_area {
        _ if dotted => Form::BARE,
        // "08-465-005" is an article as well.
        _ if dashed && digits.len() < 9 => Form::BARE,
        Separator::Space if vague => Form::BARE,
        _ if vague && dashed => Form::BARE,
        _ if vague => Form::lonely(0.7),
        Separator::Space => Form::lonely(if tail.len() > 1 { 0.85 } else { 0.7 }),
        _ if tail.len() > 1 => Form::likely(0.95),
        _ => Form::likely(0.85),
    })
}

/// The length of the area code, its zero included.
fn area(digits: &[u8]) -> Option<usize> {
    if digits.starts_with(b"08") {
        return Some(2);
    }
    let three = digits.get(..3)?;
    if THREE.contains(&number(three)) {
        return Some(3);
    }
    FOUR.binary_search(&u16::try_from(number(digits.get(..4)?)).ok()?).ok().map(|_| 4)
}

/// Area codes of three digits with their zero, and freephone.
static THREE: [u32; 22] = [10, 11, 13, 16, 18, 19, 20, 21, 23, 26, 31, 33, 35, 36, 40, 42, 44, 46, 54, 60, 63, 90];

/// Area codes of four digits with their zero, and those of services.
#[rustfmt::skip]
static FOUR: [u16; 244] = [
    120, 121, 122, 123, 125, 140, 141, 142, 143, 144, 150, 151, 152, 155, 156, 157, 158, 159, 171, 173, 174, 175, 176,
    220, 221, 222, 223, 224, 225, 226, 227, 240, 241, 243, 246, 247, 248, 250, 251, 253, 258, 270, 271, 278, 280, 281, 290, 291, 292, 293,
    294, 295, 297, 300, 301, 302, 303, 304, 320, 321, 322, 325, 340, 345, 346, 370, 371, 372, 380, 381, 382, 383, 390, 392, 393,
    410, 411, 413, 414, 415, 416, 417, 418, 430, 431, 433, 435, 451, 454, 455, 456, 457, 459, 470, 471, 472, 474, 476, 477, 478, 479,
    480, 481, 485, 486, 490, 491, 492, 493, 494, 495, 496, 498, 499, 500, 501, 502, 503, 504, 505, 506, 510, 511, 512, 513, 514, 515,
    520, 521, 522, 523, 524, 525, 526, 528, 530, 531, 532, 533, 534, 550, 551, 552, 553, 554, 555, 560, 563, 564, 565, 570, 571, 573,
    580, 581, 582, 583, 584, 585, 586, 587, 589, 590, 591, 611, 612, 613, 620, 621, 622, 623, 624, 640, 642, 643, 644, 645, 647,
    650, 651, 652, 653, 657, 660, 661, 662, 663, 670, 671, 672, 680, 682, 684, 687, 690, 691, 692, 693, 695, 696,
    771, 910, 911, 912, 913, 914, 915, 916, 918, 920, 921, 922, 923, 924, 925, 926, 927, 928, 929, 930, 932, 933, 934, 935,
    940, 941, 942, 943, 950, 951, 952, 953, 954, 960, 961, 970, 971, 973, 975, 976, 977, 978, 980, 981,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn area_codes_are_sorted_and_begin_no_other() {
        assert!(FOUR.is_sorted());
        for code in FOUR {
            assert!(!THREE.contains(&u32::from(code / 10)) && code / 100 != 8, "{code}");
        }
    }

    #[test]
    fn area_codes_of_known_towns_have_their_length() {
        // Stockholm, Malmö, Göteborg, Umeå, Kiruna, Norrtälje, Visby.
        for (digits, length) in [
            ("0846500400", 2),
            ("0406280400", 3),
            ("0313900600", 3),
            ("090123456", 3),
            ("0980319200", 4),
            ("0176123456", 4),
            ("0498123456", 4),
        ] {
            assert_eq!(area(digits.as_bytes()), Some(length), "{digits}");
        }
    }
}
