//! One pass over a text that says of every byte what it may begin: a digit, a letter, a capital, a sign.
//!
//! The answers are bits, 64 bytes to a word, so that all that comes later walks over set bits instead of over bytes. Blocks are compared
//! in vectors of the `wide` crate: SSE2, NEON or plain integers, with the same bits.

use wide::u8x16;

/// Bits for each byte of a text, the first byte in the lowest bit of the first block.
#[derive(Debug, Default)]
pub(super) struct Marks {
    blocks: Vec<Block>,
}

/// The bits of 64 bytes.
#[derive(Clone, Copy, Debug)]
struct Block {
    /// `0`–`9`.
    digits: u64,
    /// `A`–`Z`, `a`–`z` and every byte of a character beyond ASCII.
    letters: u64,
    /// What may be a capital: `A`–`Z` and the bytes that begin a character beyond ASCII.
    capitals: u64,
    /// `@`, `:` and `=`; `.` and `_` right before a letter.
    signs: u64,
    /// `.` and `_`: of the last one the next block decides.
    joining: u64,
}

/// Bytes to a block.
pub(super) const BLOCK: usize = 64;
/// Bytes to a vector.
const LANE: usize = 16;

impl Marks {
    /// Reads a text, and says whether any character may have to be read in another spelling: one that is neither ASCII nor a letter of
    /// Latin-1 or Latin Extended-A. What was read before is forgotten, its memory used again.
    pub(super) fn read(&mut self, bytes: &[u8]) -> bool {
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        let mut strange = u8x16::splat(0);
        self.blocks.clear();
        self.blocks.extend(blocks.iter().map(|block| Block::of(block, &mut strange)));
        if !rest.is_empty() {
            let mut block = [0; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            self.blocks.push(Block::of(&block, &mut strange));
        }
        // "kim.lind", not "Kim. Lind": the letter may stand in the next block.
        let mut next = 0;
        for block in self.blocks.iter_mut().rev() {
            block.signs |= block.joining & (block.letters >> 1 | next << (BLOCK - 1));
            next = block.letters;
        }
        strange.to_bitmask() != 0
    }

    /// What is marked as a letter, where there is such a block.
    #[inline(always)]
    fn letters(&self, block: usize) -> Option<u64> {
        self.blocks.get(block).map(|block| block.letters)
    }

    /// The runs of digits, as byte ranges in order.
    pub(super) fn digit_runs(&self) -> Runs<'_> {
        Runs { blocks: &self.blocks, block: 0, flips: self.blocks.first().map_or(0, |block| block.digits ^ (block.digits << 1)) }
    }

    /// Where `@`, `:` and `=` stand, and `.` and `_` right before a letter, in order.
    pub(super) fn signs(&self) -> Positions<'_> {
        Positions { blocks: &self.blocks, block: 0, left: self.blocks.first().map_or(0, |block| block.signs) }
    }

    /// Calls with the beginning of every word, whether a capital may stand there, and how long it is, 8 or more where it is at least 8.
    ///
    /// A word is a run of letters.
    #[inline(always)]
    pub(super) fn words(&self, mut each: impl FnMut(usize, bool, u32)) {
        let mut carry = 0;
        for (block, Block { letters, capitals, .. }) in self.blocks.iter().enumerate() {
            let next = self.letters(block + 1).unwrap_or(0);
            let mut starts = letters & !(letters << 1 | carry);
            carry = letters >> (BLOCK - 1);
            let first = block * BLOCK;
            while starts != 0 {
                let bit = starts.trailing_zeros();
                // Beyond the block's end the next one goes on.
                let window = letters >> bit | next << 1 << (BLOCK as u32 - 1 - bit);
                each(first | bit as usize, capitals >> bit & 1 == 1, (!window).trailing_zeros());
                starts &= starts - 1;
            }
        }
    }

    /// Calls with the beginning of every word of four bytes and more, and of every word of three.
    #[inline(always)]
    pub(super) fn longer_words<C>(&self, context: &mut C, mut longer: impl FnMut(&mut C, usize), mut of_three: impl FnMut(&mut C, usize)) {
        let mut carry = 0;
        for (block, &Block { letters, .. }) in self.blocks.iter().enumerate() {
            let next = self.letters(block + 1).unwrap_or(0);
            let two = letters & (letters >> 1 | next << (BLOCK - 1));
            let three = two & (letters >> 2 | next << (BLOCK - 2));
            let four = three & (letters >> 3 | next << (BLOCK - 3));
            let starts = !(letters << 1 | carry);
            carry = letters >> (BLOCK - 1);
            let first = block * BLOCK;
            let (mut long, mut short) = (four & starts, three & !four & starts);
            while long != 0 {
                longer(context, first | long.trailing_zeros() as usize);
                long &= long - 1;
            }
            while short != 0 {
                of_three(context, first | short.trailing_zeros() as usize);
                short &= short - 1;
            }
        }
    }

    /// Where the run of letters that ends at this byte begins; the byte itself where no letter stands before it.
    #[inline]
    pub(super) fn word_start(&self, end: usize) -> usize {
        let (mut block, bit) = (end / BLOCK, end % BLOCK);
        // What is no letter, of the bytes before the end.
        let mut others = self.letters(block).map_or(u64::MAX, |letters| !letters) & ((1 << bit) - 1);
        while others == 0 {
            let Some(before) = block.checked_sub(1) else { return 0 };
            block = before;
            others = self.letters(block).map_or(u64::MAX, |letters| !letters);
        }
        block * BLOCK + BLOCK - others.leading_zeros() as usize
    }

    /// How long the run of letters is that goes on at this byte, 8 or more where it is at least 8.
    #[inline(always)]
    pub(super) fn word_length(&self, position: usize) -> u32 {
        let (block, bit) = (position / BLOCK, position % BLOCK);
        let here = self.letters(block).map_or(0, |letters| letters >> bit);
        // Beyond the block's end the next one goes on.
        let next = if bit > BLOCK - 8 { self.letters(block + 1).map_or(0, |letters| letters << (BLOCK - bit)) } else { 0 };
        (!(here | next)).trailing_zeros()
    }

    /// Where the run of letters that goes on at this byte ends.
    #[inline]
    pub(super) fn word_end(&self, position: usize) -> usize {
        let mut block = position / BLOCK;
        let mut others = self.letters(block).map_or(u64::MAX, |letters| !letters >> (position % BLOCK) << (position % BLOCK));
        while others == 0 {
            block += 1;
            others = self.letters(block).map_or(u64::MAX, |letters| !letters);
        }
        block * BLOCK + others.trailing_zeros() as usize
    }
}

/// Four vectors: a block.
type Lanes = [u8x16; BLOCK / LANE];

impl Block {
    /// The bits of a block; into `strange` goes what may have to be read in another spelling, see [`Marks::read`].
    #[inline(always)]
    fn of(bytes: &[u8; BLOCK], strange: &mut u8x16) -> Self {
        let lanes: Lanes = std::array::from_fn(|lane| u8x16::new(bytes[lane * LANE..].first_chunk().copied().unwrap_or_default()));
        // Of an unsigned x, min(x, n) == x says x <= n: SSE2 has no unsigned comparison.
        let within = |low: u8, width: u8, of: u8x16| {
            let offset = of - u8x16::splat(low);
            offset.min(u8x16::splat(width)).simd_eq(offset)
        };
        let is = |byte: u8, of: u8x16| of.simd_eq(u8x16::splat(byte));
        let at_least = |byte: u8, of: u8x16| of.max(u8x16::splat(byte)).simd_eq(of);
        for lane in lanes {
            *strange |= at_least(0xc6, lane) | is(0xc2, lane);
        }
        Self {
            digits: bits(lanes, |lane| within(b'0', 9, lane)),
            // Of each lane the highest bit counts, which only bytes beyond ASCII have themselves.
            letters: bits(lanes, |lane| within(b'a', 25, lane | u8x16::splat(0x20)) | lane),
            capitals: bits(lanes, |lane| within(b'A', 25, lane) | at_least(0xc3, lane)),
            signs: bits(lanes, |lane| is(b'@', lane) | is(b':', lane) | is(b'=', lane)),
            joining: bits(lanes, |lane| is(b'.', lane) | is(b'_', lane)),
        }
    }
}

/// The highest bit of each byte, the first byte's in the lowest bit.
#[inline(always)]
fn bits(lanes: Lanes, of_lane: impl Fn(u8x16) -> u8x16) -> u64 {
    let [one, two, three, four] = lanes.map(|lane| u64::from(of_lane(lane).to_bitmask()));
    one | two << LANE | three << (2 * LANE) | four << (3 * LANE)
}

/// Set bits, in order.
pub(super) struct Positions<'m> {
    blocks: &'m [Block],
    block: usize,
    left: u64,
}

impl Iterator for Positions<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.left == 0 {
            self.block += 1;
            self.left = self.blocks.get(self.block)?.signs;
        }
        let bit = self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(self.block * BLOCK + bit)
    }
}

/// Runs of set bits, in order.
pub(super) struct Runs<'m> {
    blocks: &'m [Block],
    block: usize,
    /// Where runs of this block begin or end, and have not been told yet.
    flips: u64,
}

impl Runs<'_> {
    #[inline]
    fn next_flip(&mut self) -> Option<usize> {
        while self.flips == 0 {
            let carry = self.blocks.get(self.block)?.digits >> 63;
            self.block += 1;
            let bits = self.blocks.get(self.block).map_or(0, |block| block.digits);
            self.flips = bits ^ (bits << 1 | carry);
            if self.flips == 0 && self.block >= self.blocks.len() {
                return None;
            }
        }
        let bit = self.flips.trailing_zeros() as usize;
        self.flips &= self.flips - 1;
        Some(self.block * BLOCK + bit)
    }
}

impl Iterator for Runs<'_> {
    type Item = (usize, usize);

    #[inline]
    fn next(&mut self) -> Option<(usize, usize)> {
        Some((self.next_flip()?, self.next_flip()?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Runs of bytes, found one byte at a time.
    fn runs(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> Vec<(usize, usize)> {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for (position, byte) in bytes.iter().enumerate() {
            match runs.last_mut() {
                Some(last) if belongs(*byte) && last.1 == position => last.1 += 1,
                _ if belongs(*byte) => runs.push((position, position + 1)),
                _ => {}
            }
        }
        runs
    }

    fn check(bytes: &[u8]) {
        let mut marks = Marks::default();
        marks.read(b"something before, 12 @ : _");
        assert_eq!(marks.read(bytes), bytes.iter().any(|byte| *byte == 0xc2 || *byte >= 0xc6));
        assert_eq!(marks.digit_runs().collect::<Vec<_>>(), runs(bytes, |byte| byte.is_ascii_digit()));
        let signs: Vec<usize> = (0..bytes.len())
            .filter(|position| match bytes[*position] {
                b'.' | b'_' => bytes.get(position + 1).is_some_and(|next| next.is_ascii_alphabetic() || *next >= 0x80),
                other => b"@:=".contains(&other),
            })
            .collect();
        assert_eq!(marks.signs().collect::<Vec<_>>(), signs);
        let mut words = Vec::new();
        marks.words(|start, capital, length| {
            let end = marks.word_end(start);
            assert_eq!(length.min(8), (end - start).min(8) as u32);
            words.push((start, end, capital));
        });
        let expected: Vec<(usize, usize, bool)> = runs(bytes, |byte| byte.is_ascii_alphabetic() || byte >= 0x80)
            .into_iter()
            .map(|(start, end)| (start, end, bytes[start].is_ascii_uppercase() || bytes[start] >= 0xc3))
            .collect();
        assert_eq!(words, expected);
        let mut longer = Vec::new();
        marks.longer_words(&mut longer, |longer, start| longer.push((start, false)), |longer, start| longer.push((start, true)));
        longer.sort_unstable();
        let expected: Vec<(usize, bool)> =
            words.iter().filter(|(start, end, _)| end - start >= 3).map(|(start, end, _)| (*start, end - start == 3)).collect();
        assert_eq!(longer, expected);
        for (start, end, _) in words {
            assert_eq!((marks.word_start(end), marks.word_length(start).min(8)), (start, (end - start).min(8) as u32));
        }
    }

    #[test]
    fn runs_cross_blocks_and_end_with_the_text() {
        for length in [0, 1, 63, 64, 65, 127, 128, 129, 200] {
            check(&vec![b'7'; length]);
            check(&vec![b'x'; length]);
            check(&vec![b' '; length]);
            check("._=".repeat(length).as_bytes());
            check(format!("{}.kim", "x".repeat(length)).as_bytes());
        }
        check("Åsa ringde 070-174 06 05, se https://x.example/ö @åsa".repeat(5).as_bytes());
    }

    proptest! {
        #[test]
        fn blocks_say_what_single_bytes_say(bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"019 aZz@:=._A-\xc3\xa5".to_vec())], 0..300)) {
            check(&bytes);
        }
    }
}
