//! Arithmetic modulo the prime 2^61 - 1, in which sums neither overflow nor round.

/// The field's size.
pub(super) const PRIME: u64 = (1 << 61) - 1;

/// The sum of two numbers of the field.
pub(super) fn sum(one: u64, other: u64) -> u64 {
    (one + other) % PRIME
}

/// The product of two numbers of the field.
pub(super) fn product(one: u64, other: u64) -> u64 {
    (u128::from(one) * u128::from(other) % u128::from(PRIME)) as u64
}

/// What makes zero together with a number of the field.
pub(super) fn negative(of: u64) -> u64 {
    (PRIME - of) % PRIME
}

/// The inverse of a number that is not zero, by Fermat's little theorem.
pub(super) fn inverse(of: u64) -> u64 {
    let (mut result, mut power, mut exponent) = (1, of, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = product(result, power);
        }
        power = product(power, power);
        exponent >>= 1;
    }
    result
}

/// A number of the field that is not zero and looks like any other: the output step of SplitMix64.
pub(super) fn spread(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % (PRIME - 1) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_that_of_the_field() {
        for one in [1, 2, PRIME - 1, spread(7), spread(8)] {
            assert_eq!(product(one, inverse(one)), 1);
            assert_eq!(sum(one, negative(one)), 0);
        }
        assert_eq!(product(PRIME - 1, PRIME - 1), 1);
        assert_eq!(negative(0), 0);
    }
}
