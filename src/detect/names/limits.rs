//! Where among joined words a name may begin, and how far it may go on.

use super::Reader;
use super::beside::Beside;
use super::tokens::{Gap, Shape, Token};

impl Reader<'_, '_> {
    /// Whether a name may begin with this token.
    pub(super) fn may_begin(&self, at: usize, last: usize) -> bool {
        let token = &self.tokens[at];
        let entry = token.entry;
        if token.shape == Shape::Mixed {
            return false;
        }
        if token.shape == Shape::Initial {
            // `U-Alb`, `P-Na` of a laboratory, but `J-P Lind`, `O'Brien`.
            let is_prefix = || self.tokens.get(at + 1).is_none_or(|next| next.shape != Shape::Initial);
            return !(self.page.bytes().get(token.end) == Some(&b'-') && is_prefix());
        }
        // `Pat. Virtanen`, `Dr. Lind`: abbreviated titles, though some are given names too.
        if entry.opens_name() >= 7 && self.page.bytes().get(token.end) == Some(&b'.') && at + 1 < last {
            return false;
        }
        let next = self.tokens.get(at + 1).filter(|_| at + 1 < last);
        // `ajan Oulussa`, but `kalle Lindqvist`: a word before a capital begins a name only where it is one itself.
        if token.shape == Shape::Lower && next.is_some_and(|next| next.shape == Shape::Capital) {
            return entry.is_name_in_lower_case() && !token.is_inflected && next.is_some_and(|next| next.family >= 4);
        }
        let names = entry.given().max(entry.family());
        let next_is_name =
            next.is_some_and(|next| next.entry.given().max(next.family) >= 4 || next.shape == Shape::Initial && next.entry.is_unknown());
        if next.is_some_and(|next| next.gap == Gap::Hyphen) {
            // `Marja-Leena`, `Isä-Matti`: one word of two, a name where either is.
            return names > 0 || next_is_name || entry.is_unknown();
        }
        // `Oppositionsrådet Mehmet Karasu`: an unknown word before a given name is a title.
        let precedes_given = next.is_some_and(|next| {
            next.gap == Gap::Blank && next.entry.given() >= 5 && (next.entry.family() < 4 || at + 2 < last) && next.entry.word() < 7
        });
        if entry.is_unknown() && token.family < 5 && precedes_given {
            return false;
        }
        // `Kund Anna`, `Ring Per`, `Dr Lind`: the word speaks for the name behind it and is none itself.
        if names < 6 && (entry.opens_name() >= 5 || entry.is_common() && (token.opens_sentence || token.shape != Shape::Capital)) {
            return entry.given() >= 2 && next_is_name && entry.opens_name() < 5;
        }
        // `Ring Anna Lindqvist`: a usual opener before a given name opens, though it is a family's name too.
        let is_given = |next: &Token| next.entry.given() >= 5 || next.shape == Shape::Initial;
        if entry.opens_name() >= 7 && entry.given() < 7 && next.is_some_and(is_given) {
            return false;
        }
        if entry.is_common() && token.opens_sentence {
            // `Per Lind ringde`, but `Per pall`, `Hans bil`, `Till Anna`.
            // `Will Smith`: a usual family's name that is nothing else.
            let next_is_family = || next.is_some_and(|next| next.family >= 7 && next.entry.given() < 5 && next.entry.word() <= 3);
            return if entry.word() >= 9 {
                next_is_name && (names >= 8 || names >= 6 && next_is_family())
            } else {
                next_is_name || names >= 7
            };
        }
        if (entry.is_brand() || entry.is_people()) && names < 5 {
            return false;
        }
        names > 0 || entry.is_unknown() || self.is_addressed(at)
    }

    /// Whether a capitalised word stands directly behind a title, where an ordinary word is a name: `Dr Pound`, `Herr By`.
    fn is_addressed(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        let before = Beside::before(self.page, self.words, token.start);
        token.shape == Shape::Capital
            && !token.opens_sentence
            && before.word.entry.opens_name() == 9
            && !before.word.entry.bears_name()
            && matches!(&self.page.bytes()[before.last..token.start], b" " | b". ")
    }

    pub(super) fn may_continue(&self, at: usize) -> bool {
        let token = &self.tokens[at];
        let entry = token.entry;
        if token.is_capital_particle && self.tokens.get(at + 1).is_some_and(Token::is_joined) {
            return true;
        }
        if token.gap == Gap::Hyphen && token.shape == Shape::Capital {
            return true;
        }
        let names = entry.given().max(entry.family());
        match token.shape {
            Shape::Mixed => false,
            Shape::Lower => !entry.is_common() && entry.word() < 6,
            // `Peter Larsen A/S`.
            Shape::Initial => !self.page.bytes()[token.end..].starts_with(b"/S"),
            // `Matti Sukunimi`, a label; `Niinistön Helsingissä`, a place.
            _ if entry.opens_name() >= 8 && names < 4 => false,
            _ if self.tokens[at - 1].family > self.tokens[at - 1].entry.given().max(2) && self.is_locative(token) => false,
            // `Clark IV`, `Anna Lind RN`.
            Shape::Upper if token.end - token.start <= 3 && names == 0 && self.tokens[at - 1].shape == Shape::Capital => false,
            _ if entry.is_organisation_after() && names < 4 => false,
            // `Anderson Park`, `Karl Johans Gate`, but `Frida Backe`.
            _ if entry.unmakes_name() => {
                let before = self.tokens[at - 1].entry;
                before.given() >= 5 && before.family() < before.given() && entry.family() >= 3
            }
            // What stands with a capital behind a given name is nearly always the family's name, whatever else it means.
            _ if self.tokens[at - 1].entry.given() >= 4 && names > 0 => true,
            _ if self.tokens[at - 1].entry.given() >= 6 && !entry.is_brand() => true,
            _ => names >= 4 || (names > 0 && !entry.is_common() && !entry.is_brand()) || entry.is_unknown(),
        }
    }

    /// Whether a word has an ending of the Finnish cases of place.
    fn is_locative(&self, token: &Token) -> bool {
        const LOCATIVES: [&str; 9] = ["ssa", "ssä", "sta", "stä", "lla", "llä", "lta", "ltä", "lle"];
        let word = &self.page.text[token.start..token.end];
        LOCATIVES.iter().any(|ending| word.ends_with(ending))
    }
}
