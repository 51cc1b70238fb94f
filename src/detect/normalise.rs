//! One form for every way of writing the same identity.
//!
//! The results are keys for comparison (is this the same person, is anything of them left?), not
//! values for display. They are as personal as what they came from.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Country;
use super::national::personnummer;

/// A name without case, diacritics and punctuation.
///
/// NFKD with combining marks dropped; lower case; `ø` → `o`, `æ` → `ae`, `å` → `a`, `ß` → `ss`, and
/// for Icelandic and Polish names `ð` → `d`, `þ` → `th`, `ł` → `l`; every run of other characters
/// than letters and digits becomes one blank; no blanks at the ends.
///
/// ```text
/// "  Bjørn-Åke  O'Brien " → "bjorn ake o brien"
/// ```
pub fn name(name: &str) -> String {
    let mut normalised = String::with_capacity(name.len());
    let mut gap = false;
    for character in folded(name) {
        if character.is_alphanumeric() {
            if gap && !normalised.is_empty() {
                normalised.push(' ');
            }
            gap = false;
            normalised.push(character);
        } else {
            gap = true;
        }
    }
    normalised
}

/// A single word folded as in [`name`], everything but letters and digits dropped.
#[cfg(test)]
pub(super) fn fold_word(word: &str) -> String {
    if word.is_ascii() {
        return ascii_lower(word);
    }
    folded(word).filter(|character| character.is_alphanumeric()).collect()
}

/// Letters and digits of an ASCII text in lower case: what the Unicode way gives, without its cost.
fn ascii_lower(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.nfkd()
        .flat_map(char::to_lowercase)
        // Some lower-case forms decompose again.
        .nfkd()
        .filter(|character| !is_combining_mark(*character))
        .flat_map(|character| {
            let (first, second) = match character {
                'ø' => ('o', None),
                'æ' => ('a', Some('e')),
                'ß' => ('s', Some('s')),
                'ð' | 'đ' => ('d', None),
                'þ' => ('t', Some('h')),
                'ł' => ('l', None),
                other => (other, None),
            };
            std::iter::once(first).chain(second)
        })
}

/// An e-mail address in one case, without `mailto:`, angle brackets and surrounding blanks.
///
/// Local parts are case-sensitive by RFC 5321 section 2.4 and by no provider; they are lowered too.
/// NFKC, so that composed and decomposed letters are equal. Nothing is dropped from the local part:
/// whether `kim+order@` is `kim@` is the provider's business.
pub fn email(address: &str) -> String {
    let lowered: String = address.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    let mut bare = lowered.trim_matches(is_around_address);
    while let Some(rest) = bare.strip_prefix("mailto:") {
        bare = rest.trim_matches(is_around_address);
    }
    bare.to_owned()
}

fn is_around_address(character: char) -> bool {
    character.is_whitespace() || matches!(character, '<' | '>')
}

/// A telephone number as country code and national significant number, digits only.
///
/// `country` is where a number without international prefix is dialled.
///
/// ```text
/// 070-174 06 05        (SE) → 46701740605
/// +46 (0)70 174 06 05  (DK) → 46701740605
/// 0046701740605        (NO) → 46701740605
/// ```
///
/// A text without any digit gives an empty string. Digits beyond the number (an extension) are kept
/// as part of it. Source: ITU-T E.164 and its list of assigned country codes.
pub fn phone(number: &str, country: Country) -> String {
    let parsed = TelephoneNumber::parse(number);
    if parsed.national.is_empty() {
        return String::new();
    }
    let code = parsed.country_code.as_deref().unwrap_or(country.calling_code());
    // Denmark and Norway dial no trunk zero, so that a leading zero there is part of the number.
    let zero = if parsed.country_code.is_none() && !country.has_trunk_zero() { parsed.trunk_zero } else { "" };
    format!("{code}{zero}{}", parsed.national)
}

/// An identifier's letters and digits in lower case.
///
/// A Swedish personal identity number of twelve digits loses its century, so that it equals its
/// form of ten. That makes two people born exactly a hundred years apart equal: for finding what is
/// left of a person, that is the safe side.
pub fn identifier(identifier: &str) -> String {
    let mut normalised = if identifier.is_ascii() {
        ascii_lower(identifier)
    } else {
        let lowered = identifier.nfkc().flat_map(char::to_lowercase).nfkc();
        lowered.filter(|character| character.is_alphanumeric()).collect()
    };
    if personnummer::is_valid_with_century(normalised.as_bytes()) {
        normalised.drain(..2);
    }
    normalised
}

/// A telephone number taken apart as far as it says itself.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct TelephoneNumber {
    /// The country code, if the number has an international prefix.
    pub(super) country_code: Option<String>,
    /// `"0"` if a trunk zero was written before the national number.
    trunk_zero: &'static str,
    /// The national significant number: no prefix, no trunk zero.
    pub(super) national: String,
}

impl TelephoneNumber {
    pub(super) fn parse(number: &str) -> Self {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        let plus = number.find(|character: char| character.is_ascii_digit()).is_some_and(|first| number[..first].contains('+'));
        Self::from_digits(&digits, plus)
    }

    /// `digits` holds only `0`–`9`; `plus` says that a `+` stands before them.
    pub(super) fn from_digits(digits: &str, plus: bool) -> Self {
        let dialled = Dialled::from_digits(digits, plus);
        Self {
            country_code: dialled.country_code.map(str::to_owned),
            trunk_zero: dialled.trunk_zero,
            national: dialled.national.to_owned(),
        }
    }

    /// Whether both can be the same connection: equal national numbers and no contradiction between
    /// the country codes.
    pub(super) fn agrees_with(&self, other: &Dialled<'_>) -> bool {
        self.national == other.national && !self.contradicts(other)
    }

    /// Whether the country codes say that these are two connections.
    pub(super) fn contradicts(&self, other: &Dialled<'_>) -> bool {
        matches!((&self.country_code, other.country_code), (Some(left), Some(right)) if left != right)
    }
}

/// A telephone number taken apart where its digits lie.
#[derive(Clone, Copy)]
pub(super) struct Dialled<'d> {
    /// The country code, if the number has an international prefix.
    pub(super) country_code: Option<&'d str>,
    /// `"0"` if a trunk zero was written before the national number.
    pub(super) trunk_zero: &'static str,
    /// The national significant number: no prefix, no trunk zero.
    pub(super) national: &'d str,
}

impl<'d> Dialled<'d> {
    /// `digits` holds only `0`–`9`; `plus` says that a `+` stands before them.
    pub(super) fn from_digits(digits: &'d str, plus: bool) -> Self {
        let international =
            if plus { Some(digits) } else { digits.strip_prefix("00").or_else(|| starts_with_own_code(digits).then_some(digits)) };
        if let Some(international) = international {
            let (code, national) = international.split_at(country_code_length(international));
            // "(0)" within an international number; only Italy keeps a leading zero abroad.
            let national = match national.strip_prefix('0') {
                Some(rest) if code != "39" => rest,
                _ => national,
            };
            return Self { country_code: Some(code), trunk_zero: "", national };
        }
        let (trunk_zero, national) = match digits.strip_prefix('0') {
            Some(rest) => ("0", rest),
            None => ("", digits),
        };
        Self { country_code: None, trunk_zero, national }
    }
}

/// Whether digits without prefix begin with a Nordic country code nonetheless, as many systems store
/// them.
///
/// Domestic numbers of ten digits and more begin with a trunk zero in Sweden and Finland and do not
/// exist in Denmark and Norway; so the code can not be mistaken.
fn starts_with_own_code(digits: &str) -> bool {
    digits.len() >= 10 && Country::ALL.into_iter().any(|country| digits.starts_with(country.calling_code()))
}

/// Length of the country code at the head of an international number (ITU-T E.164, list of assigned
/// codes): one digit for zones 1 and 7, two where listed, else three; never more than there are.
fn country_code_length(digits: &str) -> usize {
    const TWO_DIGITS: [&str; 42] = [
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49", "51", "52", "53", "54",
        "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94",
    ];
    const ALSO_TWO_DIGITS: [&str; 2] = ["95", "98"];
    let length = if digits.starts_with(['1', '7']) {
        1
    } else if TWO_DIGITS.iter().chain(&ALSO_TWO_DIGITS).any(|code| digits.starts_with(code)) {
        2
    } else {
        3
    };
    length.min(digits.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_lose_case_diacritics_and_punctuation() {
        for (written, expected) in [
            ("  Bjørn-Åke  O'Brien ", "bjorn ake o brien"),
            ("Bjo\u{308}rn", "bjorn"),
            ("Strauß, Ægir", "strauss aegir"),
            ("STRAUSS", "strauss"),
            ("Guðrún Þórsdóttir", "gudrun thorsdottir"),
            ("Łukasz", "lukasz"),
            ("A/S Låsen & Co.", "a s lasen co"),
            ("Ｌｉｎｄ", "lind"),
            ("--", ""),
            ("", ""),
        ] {
            assert_eq!(name(written), expected, "{written}");
        }
    }

    #[test]
    fn addresses_are_equal_in_every_case() {
        assert_eq!(email(" Kim.Lind@Example.ORG "), "kim.lind@example.org");
        assert_eq!(email("<mailto:KIM@example.org>"), "kim@example.org");
        assert_eq!(email("BJO\u{308}RN@example.org"), "björn@example.org");
        assert_ne!(email("kim+a@example.org"), email("kim@example.org"));
    }

    #[test]
    fn swedish_spellings_are_one_number() {
        for written in [
            "070-174 06 05",
            "0701740605",
            "+46 70 174 06 05",
            "+46 (0)70-174 06 05",
            "(+46) 70 174 06 05",
            "0046701740605",
            "00 46 70 174 06 05",
            "46701740605",
            "701740605",
        ] {
            assert_eq!(phone(written, Country::SE), "46701740605", "{written}");
        }
    }

    #[test]
    fn the_default_country_only_speaks_for_domestic_numbers() {
        assert_eq!(phone("12 34 56 78", Country::DK), "4512345678");
        assert_eq!(phone("12345678", Country::NO), "4712345678");
        assert_eq!(phone("+45 12 34 56 78", Country::NO), "4512345678");
        assert_eq!(phone("4512345678", Country::SE), "4512345678");
        assert_eq!(phone("040 000 0000", Country::FI), "358400000000");
        assert_eq!(phone("+358 (0)40 000 0000", Country::SE), "358400000000");
        assert_eq!(phone("00123", Country::NO), "123");
        assert_eq!(phone("01234", Country::NO), "4701234");
    }

    #[test]
    fn foreign_codes_are_taken_off_by_their_length() {
        for (written, code, national) in [
            ("+44 7700 900123", "44", "7700900123"),
            ("+44 (0)7700 900123", "44", "7700900123"),
            ("+1 202-555-0123", "1", "2025550123"),
            ("+354 555 0123", "354", "5550123"),
            ("+39 06 555 0123", "39", "065550123"),
        ] {
            let parsed = TelephoneNumber::parse(written);
            assert_eq!(parsed.country_code.as_deref(), Some(code), "{written}");
            assert_eq!(parsed.national, national, "{written}");
        }
    }

    #[test]
    fn nothing_to_dial_is_empty() {
        for written in ["", "-", "saknas", "0", "+", "+46"] {
            assert_eq!(phone(written, Country::SE), "", "{written}");
        }
    }

    #[test]
    fn identifiers_keep_letters_and_digits() {
        assert_eq!(identifier(" K-100 23/a "), "k10023a");
        assert_eq!(identifier("ÅÄ-1"), "åä1");
        assert_eq!(identifier("A\u{30a}1"), "å1");
    }

    #[test]
    fn a_personal_identity_number_equals_itself_with_century() {
        // Skatteverket's published test numbers.
        for (long, short) in [("19031204-9802", "031204+9802"), ("201901012391", "190101-2391"), ("20260162-2380", "2601622380")] {
            assert_eq!(identifier(long), identifier(short), "{long}");
        }
        // Twelve digits that are none keep them all.
        assert_eq!(identifier("201901012392"), "201901012392");
        assert_eq!(identifier("123456789012"), "123456789012");
    }

    proptest! {
        #[test]
        fn the_short_way_for_ascii_is_the_long_way(text in "[ -~]{0,30}") {
            let long: String = folded(&text).filter(|character| character.is_alphanumeric()).collect();
            prop_assert_eq!(fold_word(&text), long);
        }

        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = name(&text);
            prop_assert_eq!(name(&once), once.clone());
            let once = email(&text);
            prop_assert_eq!(email(&once), once);
        }

        #[test]
        fn spacing_never_changes_a_telephone_number(
            digits in "0[1-9][0-9]{6,8}",
            gaps in prop::collection::vec(prop::sample::select(vec!["", " ", "-", "\u{a0}", "/"]), 12),
        ) {
            let spaced: String = digits
                .chars()
                .zip(gaps)
                .flat_map(|(digit, gap)| std::iter::once(digit).chain(gap.chars()))
                .collect();
            prop_assert_eq!(phone(&spaced, Country::SE), phone(&digits, Country::SE));
            let abroad = format!("+46{}", &digits[1..]);
            prop_assert_eq!(phone(&abroad, Country::DK), phone(&digits, Country::SE));
        }
    }
}
