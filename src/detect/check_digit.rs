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

/// Modulus 11 of a Danish civil registration number: ten digits with the weights
/// 4 3 2 7 6 5 4 3 2 1 sum to a multiple of eleven.
///
/// Source: the CPR office's description of the number, "Personnummeret i CPR".
pub(super) fn modulus_11(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 10] = [4, 3, 2, 7, 6, 5, 4, 3, 2, 1];
    digits.len() == WEIGHTS.len()
        && WEIGHTS.iter().zip(digits).map(|(weight, digit)| weight * u32::from(digit.wrapping_sub(b'0'))).sum::<u32>().is_multiple_of(11)
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
