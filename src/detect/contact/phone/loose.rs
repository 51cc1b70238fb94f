//! Numbers in whatever grouping: `2 9 4 4 1 7 8 0`, `48·20·71·36`, `(0)70 174 06 58`, `+49 (0)461 / 50 28 71`.
//!
//! Rule: digits with few signs between them that together are a whole number of a plan, no more and no less, and no date, hour or
//! range. What begins with a `+` needs nothing else; what begins with a trunk zero or a country code needs a telephone's word before
//! it; eight or seven digits need that word right beside them, or right before the preposition that leads to them.
//!
//! Source: the numbering plans of the neighbouring files. Area codes of former plans are known by their shape alone, not from a list:
//! Iceland's 9x and five digits, Finland's 9, 90 and 9xx, Denmark's `(0xx)` and five digits.

use super::eight_digits::is_progression;
use super::written::Form;
use super::{finland, international, sweden};
use crate::detect::calendar::{is_compact_date, number};
use crate::detect::digits::{DigitGroup, Page, start_with_signs};
use crate::detect::{Country, Kind, placeholder};

/// As many digits as a number has, its prefix included.
const MOST_DIGITS: usize = 15;
/// As many groups as single digits make.
const MOST_GROUPS: usize = 14;

/// What stands between two groups of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joint {
    Blank,
    Dash,
    WideDash,
    Dot,
    Slash,
    WideSlash,
    Open,
    Close,
}

impl Joint {
    fn between(text: &str) -> Option<Self> {
        Some(match text {
            " " | "  " => Joint::Blank,
            "-" => Joint::Dash,
            " - " | "- " | " -" => Joint::WideDash,
            "." | "·" | " · " | "•" => Joint::Dot,
            "/" => Joint::Slash,
            " / " | "/ " | " /" => Joint::WideSlash,
            "(" | " (" | "-(" | " [" => Joint::Open,
            ")" | ") " | ")-" | ") - " | ")/" | ") / " | "]" | "] " | "]-" => Joint::Close,
            _ => return None,
        })
    }
}

/// Groups of digits that stand together, with all their digits.
pub(super) struct Loose {
    digits: [u8; MOST_DIGITS],
    /// How many digits the groups up to each hold.
    sums: [usize; MOST_GROUPS],
    joints: [Option<Joint>; MOST_GROUPS],
    count: usize,
}

impl Loose {
    /// The groups that stand together from this one on; none if they are too few for a number.
    pub(super) fn read(page: &Page<'_>, first: usize) -> Option<Self> {
        let mut loose = Self { digits: [0; MOST_DIGITS], sums: [0; MOST_GROUPS], joints: [None; MOST_GROUPS], count: 0 };
        let bytes = page.bytes();
        let (mut total, mut end_before) = (0_usize, None);
        for group in page.groups.get(first..)?.iter().take(MOST_GROUPS) {
            let joint = match end_before {
                None => None,
                Some(before) => {
                    let Some(joint) = page.text.get(before..group.start).filter(|text| text.len() <= 4).and_then(Joint::between) else {
                        break;
                    };
                    Some(joint)
                }
            };
            // Digits of an e-mail address are no part of a number, before and after it is replaced.
            if page.touches_address(group.start, group.end) {
                break;
            }
            let Some(place) = loose.digits.get_mut(total..total + group.length()) else { break };
            place.copy_from_slice(bytes.get(group.start..group.end)?);
            total += group.length();
            *loose.sums.get_mut(loose.count)? = total;
            *loose.joints.get_mut(loose.count)? = joint;
            loose.count += 1;
            end_before = Some(group.end);
        }
        (total >= super::FEWEST && loose.count > 1).then_some(loose)
    }

    /// Each number of leading groups that is a whole number: how many they are, its form and its country.
    pub(super) fn numbers(&self, page: &Page<'_>, first: usize, plus: bool) -> impl Iterator<Item = (usize, Form, Option<Country>)> {
        let group = move |place: usize| page.groups.get(first + place);
        (2..=self.count).filter_map(move |count| {
            let length = *self.sums.get(count - 1)?;
            let digits = self.digits.get(..length).filter(|digits| digits.len() >= super::FEWEST)?;
            let joints = self.joints.get(1..count)?;
            let end = group(count - 1)?.end;
            if !self.ends(count) || is_before_placeholder(page.text.get(end..)?) || self.is_other(count, digits, joints) {
                return None;
            }
            let opened = matches!(joints.first(), Some(Some(Joint::Close))) && group(0).is_some_and(|group| is_opened(page, group));
            let (mut form, country) = plan(page, digits, self.length(0), plus, opened)?;
            if form.near {
                form = self.short_form(count, digits)?;
            }
            Some((count, form, country))
        })
    }

    /// The digits of some leading groups, joined.
    pub(super) fn digits(&self, count: usize) -> &[u8] {
        let length = count.checked_sub(1).and_then(|last| self.sums.get(last)).copied().unwrap_or(0);
        self.digits.get(..length).unwrap_or_default()
    }

    /// The length of a group.
    fn length(&self, place: usize) -> usize {
        let sum = |place: Option<usize>| place.and_then(|place| self.sums.get(place)).copied().unwrap_or(0);
        sum(Some(place)) - sum(place.checked_sub(1))
    }

    /// Whether what follows these groups begins something else: nothing may follow but another number or a bracket.
    fn ends(&self, count: usize) -> bool {
        let Some(next) = self.joints.get(count).copied().flatten().filter(|_| count < self.count) else { return true };
        let inside = self.joints.get(1..count).unwrap_or_default();
        matches!(next, Joint::Slash | Joint::WideSlash | Joint::WideDash | Joint::Open) && !inside.contains(&Some(next))
    }

    /// What eight or seven digits are by their grouping: four pairs, or three groups of two and more, are written with a purpose.
    fn short_form(&self, count: usize, digits: &[u8]) -> Option<Form> {
        let lengths = || (0..count).map(|place| self.length(place));
        let joints = self.joints.get(1..count)?;
        // "40628-12" is a label's; "91-13884" an old area and its number.
        let is_old = digits.starts_with(b"9") && matches!(self.length(0), 2 | 3);
        // "8-912345"
        let is_split = self.length(0) == 1 && digits.len() == 7 && joints == [Some(Joint::Dash)];
        if lengths().any(|length| length > 4) && !is_old && !is_split {
            return None;
        }
        let are_dashes = joints.iter().all(|joint| *joint == Some(Joint::WideDash));
        let is_even = lengths().all(|length| length == 2) && joints.windows(2).all(|pair| pair[0] == pair[1]);
        Some(match () {
            // "24 - 88 - 10 - 36"
            () if is_even && count == 4 && are_dashes && !is_progression(digits) => Form::lonely(0.6),
            () if is_even || lengths().all(|length| length >= 2) && digits.len() == 8 => Form::BARE,
            // "451 - 27 80", "59 10 447", "6 9 2 4 4 0 7"
            () if digits.len() == 7 && (lengths().all(|length| length >= 2) || count == 7) => Form::BARE,
            () => Form::NEAR,
        })
    }

    /// A date, hours of a day or a sum.
    fn is_other(&self, count: usize, digits: &[u8], joints: &[Option<Joint>]) -> bool {
        let is_year = |digits: &[u8]| digits.len() == 4 && (1900..2100).contains(&number(digits));
        let lengths = |from: usize, to: usize| (from..to).map(|place| self.length(place));
        let small = |from: usize, to: usize| lengths(from, to).all(|length| length <= 2);
        // "5.12.2024", "2024-5-12".
        if count == 3 && (small(0, 2) && digits.get(digits.len() - 4..).is_some_and(is_year) || small(1, 3) && is_year(&digits[..4])) {
            return self.length(0) + self.length(1) + self.length(2) == digits.len() && (small(0, 2) || self.length(0) == 4);
        }
        if count == 4 && small(0, 4) {
            // "8.30-16.30", "8-12 13-17": two things and what stands between them.
            let [Some(one), Some(middle), Some(two)] = joints else { return true };
            if one == two && one != middle && *one != Joint::Blank {
                return true;
            }
        }
        if count == 2 && joints == [Some(Joint::Dash)] && self.length(0) == self.length(1) && is_year(&digits[..4]) {
            return true;
        }
        // "12 500 000" and "20240115" in pieces.
        !digits.starts_with(b"0") && lengths(1, count).all(|length| length == 3) && digits.ends_with(b"000") || is_compact_date(digits)
    }
}

/// Whether a placeholder stands where a further group would: it may have been one.
fn is_before_placeholder(after: &str) -> bool {
    let rest = after.trim_start_matches([' ', '-', '.', '/', '(', ')', ']', '·', '•']);
    let kind = placeholder::at_start(rest).or_else(|| placeholder::at_start(rest.strip_prefix('[')?));
    after.len() - rest.len() <= 5 && kind.is_some_and(|kind| !matches!(kind, Kind::Email | Kind::Name))
}

/// Where a number begins with a `+` and an opening bracket that is closed within it.
pub(super) fn start(text: &str, start: usize, end: usize) -> usize {
    let (with_signs, _) = start_with_signs(text, start, end);
    let before = text.get(..with_signs).unwrap_or_default();
    let is_bracketed = before.ends_with('[') && text.get(start..end).is_some_and(|inside| inside.contains(']'));
    let is_plus = with_signs < start && before.ends_with('+');
    if is_bracketed || is_plus { with_signs - 1 } else { with_signs }
}

/// Whether a parenthesis or a bracket stands right before.
fn is_opened(page: &Page<'_>, group: &DigitGroup) -> bool {
    matches!(group.start.checked_sub(1).and_then(|before| page.bytes().get(before)), Some(b'(' | b'['))
}

/// What digits are that are a whole number of a plan.
fn plan(page: &Page<'_>, digits: &[u8], head: usize, plus: bool, opened: bool) -> Option<(Form, Option<Country>)> {
    let reads = |country| page.countries.contains(country);
    if plus {
        return international::is_whole(digits).then_some((Form::likely(0.93), None));
    }
    if let Some(rest) = digits.strip_prefix(b"00") {
        return international::is_whole(rest).then_some((if opened { Form::likely(0.8) } else { Form::BARE }, None));
    }
    if digits.starts_with(b"0") {
        let is_swedish = reads(Country::SE) && sweden::is_whole(digits);
        if is_swedish || reads(Country::FI) && finland::is_whole(digits) {
            // "[070] 174 06 21", "070 / 174 06 47", "070·174·06·47"
            let is_mobile = is_swedish && digits.get(1..).is_some_and(sweden::is_mobile);
            let form = if (opened && head == 2) || matches!(head, 3 | 4) && (opened || is_mobile) { Form::lonely(0.8) } else { Form::BARE };
            return Some((form, Some(if is_swedish { Country::SE } else { Country::FI })));
        }
        // "(079) 5 13 82"
        let is_old = reads(Country::DK) && opened && head == 3 && digits.len() == 8;
        return is_old.then_some((Form::NEAR, Some(Country::DK)));
    }
    // "(354) 421-7735"
    if opened && head <= 3 && digits.len() >= 10 && international::is_nordic(digits) {
        return Some((Form::lonely(0.8), None));
    }
    if digits.len() >= 10 && international::is_nordic(digits) {
        return Some((Form::BARE, None));
    }
    let first = *digits.first()?;
    let country = match digits.len() {
        8 if matches!(first, b'2'..=b'9') && reads(Country::NO) => Country::NO,
        8 if matches!(first, b'2'..=b'9') && reads(Country::DK) => Country::DK,
        7 if matches!(first, b'4'..=b'8') && reads(Country::IS) => Country::IS,
        // "91-13 884", "90-714 228"
        9 if reads(Country::SE) && sweden::is_mobile_without_zero(digits) => Country::SE,
        7 if first == b'9' && head == 2 && reads(Country::IS) => Country::IS,
        8 | 9 if first == b'9' && matches!(head, 2 | 3) && reads(Country::FI) => Country::FI,
        // What a lift or a meter calls with.
        12 if digits.starts_with(b"58") || digits.starts_with(b"59") => Country::NO,
        _ => return None,
    };
    (!digits.ends_with(b"00000")).then_some((Form::NEAR, Some(country)))
}
