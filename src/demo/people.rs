//! Synthetic people and companies: names, mail addresses, telephone and identity numbers that belong to no one.

use super::names::{AREA, FAMILY, GIVEN, STREET, TRADE};
use super::random::Random;

/// How many telephone numbers are reserved for fiction by PTS (070-1740605…699, 031-3900600…699, 08-46500400…499).
const FICTION_PHONES: u32 = 295;

/// Who a customer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A private person.
    Private,
    /// A sole trader (enskild firma): a natural person whose company number is a personal identity number.
    SoleTrader,
    /// A juridical person.
    Company,
}

impl Kind {
    /// As the column `customer.type` says it.
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::SoleTrader => "sole_trader",
            Self::Company => "company",
        }
    }
}

/// A synthetic party.
#[derive(Debug, Clone)]
pub(super) struct Person {
    /// Given and family name, or the company's name.
    pub(super) name: String,
    /// The name in lower case without accents, as a search box keeps it.
    pub(super) search_name: String,
    /// At example.com or example.org.
    pub(super) email: String,
    /// Of a range reserved for fiction.
    pub(super) phone: String,
    /// Street and number.
    pub(super) address: String,
    /// `223 50`.
    pub(super) postcode: String,
    /// The city of the postcode.
    pub(super) city: &'static str,
    /// The part before the `@`: unique where `number` is.
    pub(super) login: String,
}

impl Person {
    /// A party; `number` makes its mail address unique.
    pub(super) fn new(kind: Kind, number: i64, random: &mut Random) -> Self {
        let given = random.pick(GIVEN);
        let family = random.pick(FAMILY);
        let name = match kind {
            Kind::Private => format!("{given} {family}"),
            Kind::SoleTrader => format!("{given} {family} {}", random.pick(TRADE)),
            Kind::Company => format!("{family} {} AB", random.pick(TRADE)),
        };
        let login = format!("{number}.{}.{}", plain(given), plain(family));
        let domain = if random.per_mille(700) { "example.com" } else { "example.org" };
        let (digits, city) = area(random);
        Self {
            search_name: plain(&name),
            email: format!("{login}@{domain}"),
            phone: fiction_phone(random.below(FICTION_PHONES)),
            address: format!("{} {}", random.pick(STREET), random.between(1, 99)),
            postcode: format!("{digits} {:02}", random.between(10, 99)),
            city,
            login,
            name,
        }
    }
}

/// A postal area, as often as people live there.
fn area(random: &mut Random) -> (&'static str, &'static str) {
    let mut left = random.below(100);
    for (digits, city, share) in AREA {
        if left < *share {
            return (digits, city);
        }
        left -= share;
    }
    ("111", "Stockholm")
}

/// The `index`-th telephone number of the ranges reserved for fiction; they begin again after 295.
pub(super) fn fiction_phone(index: u32) -> String {
    match index % FICTION_PHONES {
        index @ 0..=94 => format!("070-1740{}", 605 + index),
        index @ 95..=194 => format!("031-3900{}", 600 + index - 95),
        index => format!("08-46500{}", 400 + index - 195),
    }
}

/// Lower case, without the accents of Swedish names.
fn plain(name: &str) -> String {
    name.chars()
        .map(|letter| match letter {
            'å' | 'ä' | 'Å' | 'Ä' => 'a',
            'ö' | 'Ö' => 'o',
            'é' | 'É' => 'e',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

/// Personal identity numbers that belong to no one alive: births of 1891 to 1899 with the birth numbers 980 to 999, the form of
/// Skatteverket's published test numbers, with a right check digit. The fixture has those of 1890.
#[derive(Debug, Default)]
pub(super) struct IdentityNumbers {
    used: u32,
}

impl IdentityNumbers {
    /// The next number as `YYYYMMDD-NNNC`; `None` when all 60,480 are used.
    pub(super) fn next(&mut self) -> Option<String> {
        let index = self.used;
        // 28 days of every month: no date of these can be wrong.
        let (day, month, year, birth) = (index % 28 + 1, index / 28 % 12 + 1, index / 28 / 12 % 9 + 91, index / 28 / 12 / 9 + 980);
        if birth > 999 {
            return None;
        }
        self.used += 1;
        let nine = format!("{year}{month:02}{day:02}{birth}");
        Some(format!("18{year}{month:02}{day:02}-{birth}{}", check_digit(&nine)))
    }
}

/// The `index`-th company number of the unassigned series 559900 to 559999, as `NNNNNN-NNNC`.
pub(super) fn company_number(index: u32) -> String {
    let nine = format!("5599{:05}", index % 99_990);
    format!("{}-{}{}", &nine[..6], &nine[6..], check_digit(&nine))
}

/// The Luhn check digit: every second digit doubled from the last one backwards, the digit sums made full to a ten.
pub(super) fn check_digit(digits: &str) -> u32 {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        })
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{IdentityNumbers, Kind, Person, check_digit, company_number, fiction_phone};
    use crate::demo::random::Random;

    /// Skatteverket's published test numbers 18900101-9802, 19900602-2397, 19910717-2380 and the textbook 7992739871-3.
    #[test]
    fn check_digits_are_those_of_published_numbers() {
        assert_eq!(check_digit("900101980"), 2);
        assert_eq!(check_digit("900602239"), 7);
        assert_eq!(check_digit("910717238"), 0);
        assert_eq!(check_digit("7992739871"), 3);
    }

    #[test]
    fn identity_numbers_are_distinct_and_end() {
        let mut numbers = IdentityNumbers::default();
        let mut seen = HashSet::new();
        while let Some(number) = numbers.next() {
            assert!(number.starts_with("189") && !number.starts_with("1890") && number.len() == 13, "{number}");
            assert!(seen.insert(number));
        }
        assert_eq!(seen.len(), 60_480);
        assert!(numbers.next().is_none());
    }

    #[test]
    fn telephone_numbers_stay_in_the_ranges_for_fiction() {
        let all: HashSet<String> = (0..295).map(fiction_phone).collect();
        assert_eq!(all.len(), 295);
        for (first, last) in [("070-1740605", "070-1740699"), ("031-3900600", "031-3900699"), ("08-46500400", "08-46500499")] {
            assert!(all.contains(first) && all.contains(last));
        }
        assert!(all.iter().all(|phone| {
            ("070-1740605"..="070-1740699").contains(&phone.as_str())
                || ("031-3900600"..="031-3900699").contains(&phone.as_str())
                || ("08-46500400"..="08-46500499").contains(&phone.as_str())
        }));
        assert_eq!(fiction_phone(295), fiction_phone(0));
    }

    #[test]
    fn people_get_mail_at_reserved_domains_only() {
        let mut random = Random::new(7);
        for number in 0..500 {
            let person = Person::new(Kind::Private, number, &mut random);
            assert!(person.email.ends_with("@example.com") || person.email.ends_with("@example.org"));
            assert!(person.email.is_ascii() && person.search_name.is_ascii());
            assert_eq!(person.postcode.len(), 6);
        }
    }

    #[test]
    fn company_numbers_can_not_be_read_as_birth_dates() {
        assert_eq!(company_number(0), "559900-0006");
        assert!((0..200).map(company_number).all(|number| number.len() == 11 && number.starts_with("5599")));
    }
}
