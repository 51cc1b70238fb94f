//! The check digits of identity numbers and bank accounts.

/// Luhn's sum (ISO/IEC 7812-1, annex B) of digits that end in the check digit.
///
/// Swedish personal identity numbers use it over their ten digits, the century left out
/// (folkbokföringslagen 1991:481, 18 §: kontrollsiffra).
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(position, digit)| {
            let value = u32::from(digit.wrapping_sub(b'0'));
            if position % 2 == 0 { value } else { value * 2 / 10 + value * 2 % 10 }
        })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

/// Whether ASCII digits, each times its weight, sum to a multiple of eleven. There must be as many digits as weights.
///
/// The check digit has its own weight, mostly 1. What the other digits sum to then asks for a check digit of 10, which no digit is, once
/// in eleven times: such numbers are not issued.
pub(super) fn weighted_11(digits: &[u8], weights: &[u32]) -> bool {
    digits.len() == weights.len() && weighted_sum(digits, weights).is_multiple_of(11)
}

/// The sum of ASCII digits, each times its weight.
pub(super) fn weighted_sum(digits: &[u8], weights: &[u32]) -> u32 {
    weights.iter().zip(digits).map(|(weight, digit)| weight * u32::from(digit.wrapping_sub(b'0'))).sum()
}

/// Modulus 11 of a Danish civil registration number: ten digits with the weights
/// 4 3 2 7 6 5 4 3 2 1 sum to a multiple of eleven.
///
/// Source: the CPR office's description of the number, "Personnummeret i CPR".
pub(super) fn modulus_11(digits: &[u8]) -> bool {
    weighted_11(digits, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1])
}

/// The check digit of the GS1 numbers (EAN, GTIN, ISBN-13) over digits that end in it: weights 3 and 1 in turn from the right.
///
/// Source: GS1 General Specifications, 7.9; ISO 2108 for ISBN.
pub(super) fn gs1(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(position, digit)| u32::from(digit.wrapping_sub(b'0')) * if position % 2 == 0 { 1 } else { 3 })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

/// Modulus 97 of ISO 7064 over an IBAN's characters, first four moved last (ISO 13616).
///
/// Characters other than `0`–`9` and `A`–`Z` make it false.
pub(super) fn modulus_97(account: &[u8]) -> bool {
    if account.len() < 5 {
        return false;
    }
    let (head, tail) = account.split_at(4);
    let mut remainder = 0;
    for character in tail.iter().chain(head) {
        remainder = match character {
            b'0'..=b'9' => (remainder * 10 + u32::from(character - b'0')) % 97,
            b'A'..=b'Z' => (remainder * 100 + u32::from(character - b'A') + 10) % 97,
            _ => return false,
        };
    }
    remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_accepts_published_numbers() {
        // Skatteverket's published test numbers, without century.
        for number in ["9001019802", "0312049802", "1901012391", "2601622380"] {
            assert!(luhn(number.as_bytes()), "{number}");
        }
        assert!(!luhn(b""));
    }

    #[test]
    fn luhn_has_exactly_one_check_digit_per_payload() {
        for payload in 0..1000 {
            let passing = (0..10).filter(|digit| luhn(format!("{payload:03}{digit}").as_bytes())).count();
            assert_eq!(passing, 1, "{payload}");
        }
    }

    #[test]
    fn modulus_11_accepts_the_published_example_and_sees_single_errors() {
        // The example of the CPR office's own description.
        assert!(modulus_11(b"0707614285"));
        for position in 0..10 {
            for digit in b'0'..=b'9' {
                let mut changed = *b"0707614285";
                if changed[position] != digit {
                    changed[position] = digit;
                    assert!(!modulus_11(&changed));
                }
            }
        }
        assert!(!modulus_11(b"070761428"));
    }

    #[test]
    fn gs1_accepts_published_numbers() {
        // The examples of the GS1 General Specifications and of ISO 2108, and a well-known ISBN.
        for number in ["6291041500213", "9783161484100", "9780306406157", "96385074", "4006381333931"] {
            assert!(gs1(number.as_bytes()), "{number}");
        }
        for number in ["6291041500214", "9783161484101", ""] {
            assert!(!gs1(number.as_bytes()), "{number}");
        }
    }

    #[test]
    fn modulus_97_accepts_registry_examples() {
        // The example accounts of the IBAN registry.
        for account in ["SE4550000000058398257466", "DK5000400440116243", "NO9386011117947", "FI2112345600000785", "GB29NWBK60161331926819"]
        {
            assert!(modulus_97(account.as_bytes()), "{account}");
        }
        assert!(!modulus_97(b"SE4550000000058398257467"));
        assert!(!modulus_97(b"SE45"));
        assert!(!modulus_97(b"SE45-5000"));
    }
}
