//! The chain of numbers and MACs that ties the entries together.

use super::check::Problem;
use super::entry::{Entry, NOTHING_BEFORE};
use super::{Digest, Mac};

/// What is expected of the next entry. After a break it takes up the thread again, so that one damage is one finding.
pub(super) struct Chain {
    /// The number that comes next if nothing unreadable stood in between.
    expected: u64,
    /// The MACs that may stand as `previous`: two after a failed MAC, since either the code or the rest may be original.
    previous: [Digest; 2],
    /// Unreadable lines since the last entry; each may have been one entry.
    unreadable: u64,
}

/// What the chain says of one entry.
pub(super) struct Judgement {
    /// The entry's number: as written if the MAC holds, else by its place.
    pub number: u64,
    /// What is wrong with it.
    pub problem: Option<Problem>,
}

impl Chain {
    pub fn new() -> Self {
        Self { expected: 0, previous: [NOTHING_BEFORE; 2], unreadable: 0 }
    }

    /// The number that an entry in the next line should have.
    pub fn next_number(&self) -> u64 {
        self.expected.saturating_add(self.unreadable)
    }

    /// Takes note of a line that is no entry, and tells which entry it stands in place of.
    pub fn unreadable(&mut self) -> u64 {
        let number = self.next_number();
        self.unreadable += 1;
        number
    }

    /// Judges an entry and moves on.
    pub fn step(&mut self, entry: &Entry<'_>, key: &dyn Mac) -> Judgement {
        let computed = entry.computed(key);
        let latest = self.next_number();
        if computed != entry.mac {
            self.move_on(latest, [entry.mac, computed]);
            return Judgement { number: latest, problem: Some(Problem::Tampered) };
        }
        let number = entry.seq;
        if number < self.expected {
            // An entry from elsewhere in the file: the thread goes on where it was.
            return Judgement { number, problem: Some(Problem::Reordered { expected: latest }) };
        }
        let problem = if number > latest {
            Some(Problem::Missing { expected: latest })
        } else if number == self.expected && !self.previous.contains(&entry.previous) {
            Some(Problem::Unchained)
        } else {
            None
        };
        self.move_on(number, [entry.mac; 2]);
        Judgement { number, problem }
    }

    fn move_on(&mut self, number: u64, previous: [Digest; 2]) {
        self.expected = number.saturating_add(1);
        self.previous = previous;
        self.unreadable = 0;
    }
}
