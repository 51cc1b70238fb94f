//! Clearing numbers of Swedish banks, and accounts with them as they are read group by group.
//!
//! Source: Bankgirot, "Bankernas kontonummer" (ranges and checks).

use crate::detect::calendar::number;
use crate::detect::check_digit::{luhn, weighted_11};
use crate::detect::digits::{Page, Separator};
use crate::detect::national::personnummer;

/// How a Swedish bank checks its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    /// Modulus 11 over the last three digits of the clearing number and seven of the account.
    WithoutFirst,
    /// Modulus 11 over the clearing number and seven digits of the account.
    WithClearing,
    /// Modulus 11 over the account.
    Account,
    /// Luhn over the account.
    Luhn,
    /// None is known.
    Unknown,
}

/// Clearing numbers of Swedish banks: first, last, fewest and most digits of an account, and its check.
pub(super) const CLEARING: [(u32, u32, usize, usize, Check); 30] = [
    (1100, 1199, 7, 7, Check::WithoutFirst),
    (1200, 1399, 7, 7, Check::WithoutFirst),
    (1400, 2099, 7, 7, Check::WithoutFirst),
    (2300, 2399, 7, 7, Check::WithClearing),
    (2400, 2499, 7, 7, Check::WithoutFirst),
    (3000, 3299, 7, 7, Check::WithoutFirst),
    // Personal accounts: the holder's personal identity number.
    (3300, 3300, 10, 10, Check::Luhn),
    (3301, 3781, 7, 7, Check::WithoutFirst),
    (3782, 3782, 10, 10, Check::Luhn),
    (3783, 3999, 7, 7, Check::WithoutFirst),
    (4000, 4999, 7, 7, Check::WithClearing),
    (5000, 5999, 7, 7, Check::WithoutFirst),
    (6000, 6999, 8, 9, Check::Account),
    (7000, 7999, 7, 7, Check::WithoutFirst),
    (8000, 8999, 6, 10, Check::Luhn),
    (9020, 9059, 7, 7, Check::WithClearing),
    (9060, 9069, 7, 7, Check::WithoutFirst),
    (9070, 9109, 7, 7, Check::WithClearing),
    (9120, 9149, 7, 7, Check::WithoutFirst),
    (9150, 9169, 7, 7, Check::WithClearing),
    (9170, 9179, 7, 7, Check::WithoutFirst),
    (9180, 9189, 10, 10, Check::Account),
    (9190, 9199, 7, 7, Check::WithClearing),
    (9230, 9299, 7, 7, Check::WithoutFirst),
    (9300, 9349, 10, 10, Check::Account),
    (9390, 9399, 7, 10, Check::Unknown),
    (9400, 9489, 7, 7, Check::WithoutFirst),
    (9500, 9549, 7, 10, Check::Luhn),
    (9550, 9799, 7, 10, Check::Unknown),
    (9880, 9969, 7, 10, Check::Unknown),
];

/// Clearing number and account of the longest kind: five and ten digits.
const LONGEST: usize = 15;
/// A Swedish account as it is read group by group: clearing number, its fifth digit, account.
pub(super) struct Number {
    digits: [u8; LONGEST],
    length: usize,
    /// How many of the digits are the clearing number.
    clearing: usize,
    /// The group that comes next.
    pub(super) next: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) hyphen_after_clearing: bool,
}

impl Number {
    pub(super) fn begin(page: &Page<'_>, first: usize) -> Option<Self> {
        let group = page.groups.get(first)?;
        let mut number = Self {
            digits: [0; LONGEST],
            length: 0,
            clearing: 4,
            next: first,
            start: group.start,
            end: group.end,
            hyphen_after_clearing: false,
        };
        number.take(page).then_some(number)
    }

    pub(super) fn take(&mut self, page: &Page<'_>) -> bool {
        let Some(group) = page.groups.get(self.next) else { return false };
        let Some(digits) = page.bytes().get(group.start..group.end) else { return false };
        let Some(place) = self.digits.get_mut(self.length..self.length + digits.len()) else { return false };
        place.copy_from_slice(digits);
        self.length += digits.len();
        self.end = group.end;
        self.next += 1;
        true
    }

    pub(super) fn clearing(&self) -> u32 {
        self.digits.iter().take(4).fold(0, |sum, digit| sum * 10 + u32::from(digit.wrapping_sub(b'0')))
    }

    /// `8327-9`: the digit that checks the other four.
    pub(super) fn take_fifth(&mut self, page: &Page<'_>) -> bool {
        let follows = page.groups.get(self.next).is_some_and(|group| group.length() == 1 && group.before == Separator::Hyphen);
        if !follows || self.digits.first() != Some(&b'8') || !self.take(page) {
            return false;
        }
        self.clearing = 5;
        self.digits.get(..5).is_some_and(luhn)
    }

    /// Takes the next group if it may belong to the account. Behind the clearing number a comma may stand.
    pub(super) fn take_account(&mut self, page: &Page<'_>, is_first: bool) -> bool {
        let Some(group) = page.groups.get(self.next) else { return false };
        let joined = match group.before {
            Separator::Space | Separator::Hyphen => true,
            _ => is_first && matches!(page.text.get(self.end..group.start), Some("," | ", " | " , " | "/" | ". " | "." | " / ")),
        };
        if is_first {
            self.hyphen_after_clearing = group.before == Separator::Hyphen;
        }
        joined && self.take(page)
    }

    /// `3300-690224-9918`: the account is its holder's personal identity number.
    pub(super) fn is_holders_own(&self) -> bool {
        let account = self.digits.get(self.clearing..self.length).unwrap_or_default();
        matches!(self.clearing(), 3300 | 3782)
            && self.hyphen_after_clearing
            && account.len() == 10
            && account.get(..6).is_some_and(personnummer::has_birth_date)
    }

    /// Whether the digits are an invoice that is numbered by its year.
    pub(super) fn is_of_year(&self) -> bool {
        self.hyphen_after_clearing && self.digits.get(..self.length).is_some_and(is_of_year)
    }

    pub(super) fn account_length(&self) -> usize {
        self.length - self.clearing
    }

    pub(super) fn is_checked(&self, check: Check) -> bool {
        const WEIGHTS: [u32; 11] = [1, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
        let (Some(clearing), Some(account)) = (self.digits.get(..4), self.digits.get(self.clearing..self.length)) else { return false };
        let mut all = [b'0'; 11];
        let (head, tail) = all.split_at_mut(4);
        head.copy_from_slice(clearing);
        let joined = match account.try_into() {
            Ok(account) => {
                let account: [u8; 7] = account;
                tail.copy_from_slice(&account);
                true
            }
            Err(_) => false,
        };
        match check {
            Check::WithClearing => joined && weighted_11(&all, &WEIGHTS),
            Check::WithoutFirst => joined && weighted_11(&all[1..], &WEIGHTS[1..]),
            Check::Account => WEIGHTS.get(WEIGHTS.len() - account.len()..).is_some_and(|weights| weighted_11(account, weights)),
            Check::Luhn => luhn(account),
            Check::Unknown => false,
        }
    }
}

/// `2024-001187`: an invoice that is numbered by its year.
pub(super) fn is_of_year(digits: &[u8]) -> bool {
    digits.len() == 10 && digits.get(..4).is_some_and(|year| (1990..2040).contains(&number(year))) && digits.get(4) == Some(&b'0')
}
