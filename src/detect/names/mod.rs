//! Names of people who are in no record that is linked.
//!
//! Finds: given and family names together (`Anna-Lisa von Berg`, `A. Lind`, `Lind, Anna`), a usual given name alone, a family name where
//! something around it speaks for a person, any of these in the genitive or another case, in lower case where nothing else is written
//! with capitals, and whoever was named in full before, by one name (`säger Lind`). The span holds all parts and no title.
//!
//! Rule: runs of capitalised words are read against tables of names, ordinary words, towns, companies and titles (`lexicon`). What a word
//! says for a name and against it, and what the words around it say, is added up as log odds (`weigh.rs`). What stands before `AB`, `Oy`
//! or `Rör & Bygg` is a company, before `sjukdom` an illness, before a street's word a street: nobody.
//!
//! Source: name frequencies of the statistics offices and of permissively licensed packages, see `lexicon/LICENCES.md`.
//!
//! ```text
//! Ring Anna Lindqvist imorgon. → Ring [name] imorgon.
//! Mvh Per → Mvh [name]
//! Kund: Lindqvist, Anna. Annas faktura är betald. → Kund: [name]. [name] faktura är betald.
//! Möte med A. Virtanen och Jón Jónsson → Möte med [name] och [name]
//! Enligt Mikael Grönroos är det klart. Grönroos ringer. → Enligt [name] är det klart. [name] ringer.
//! Svensson Bygg AB i Lund → Svensson Bygg AB i Lund
//! Betalas per faktura, se Berg och Dal → Betalas per faktura, se Berg och Dal
//! Parkinsons sjukdom, Karl Johans gate → Parkinsons sjukdom, Karl Johans gate
//! ```

mod again;
mod beside;
mod endings;
#[cfg(test)]
mod fit;
mod limits;
mod memory;
mod odds;
mod sieve;
mod span;
mod surroundings;
mod tokens;
mod traits;
mod weigh;
mod weights;
mod words;

use again::{Offer, Room, Whole, likelihood};
use beside::Beside;
use memory::Memory;
use tokens::Token;

use super::Kind;
use super::dictionary::Dictionary;
use super::digits::Page;
use super::resolve::{Candidate, Validity};
use odds::{Odds, odds};
use surroundings::Surroundings;
use tokens::{Gap, Shape};
use words::Words;

/// Less likely than this is not worth offering.
const LEAST: f32 = 0.2;

/// What is this likely is remembered though no table knows it.
const SURE: f32 = 0.9;

/// How likely a given and a family name are a person who bears both in the tenant's own records.
const KNOWN_PAIR: f32 = 0.97;

/// Log odds that a word adds which somebody of the tenant bears: no labelled note has a tenant that could tell.
const KNOWN_PART: f32 = 2.0;

/// How likely `Lind, Anna` is one person; more than either name alone can be, so that both go as one.
const REVERSED: f32 = 0.985;

/// Log odds below which a run is read without one of its parts too.
const DOUBTFUL: f32 = 0.0;

/// The least odds of a usual given and a usual family name, before the rest of the text is looked at.
const USUAL_PAIR: f32 = 0.7;

/// The least odds of whoever says how they are called.
const TOLD: f32 = 1.5;

/// Nothing is surer than this.
const SUREST: f32 = 0.98;

/// The memory of one text's names, used again for the next.
#[derive(Debug, Default)]
pub(super) struct Runs {
    tokens: Vec<Token>,
    offers: Vec<Offer>,
    room: Room,
    words: Words,
}

/// Offers the names of a text.
///
/// `dictionary`: the names of the tenant's people, if they are known.
pub(super) fn recognise(page: &Page<'_>, dictionary: Option<&Dictionary>, runs: &mut Runs, found: &mut Vec<Candidate>) {
    let Runs { tokens, offers, room, words } = runs;
    tokens.clear();
    offers.clear();
    words.grow();
    tokens::collect(page, words, tokens);
    if tokens.is_empty() {
        return;
    }
    if let Some(dictionary) = dictionary {
        tokens::know(page, dictionary, tokens);
    }
    let is_uncased = tokens.iter().all(|token| token.shape == Shape::Lower || token.opens_sentence);
    if !is_uncased {
        tokens::leave_words(page, tokens);
    }
    let memory = Memory::default();
    let mut reader = Reader { page, words, odds: odds(), dictionary, tokens, is_uncased, memory, offers, found };
    let mut first = 0;
    while first < tokens.len() {
        let mut last = first + 1;
        while tokens.get(last).is_some_and(Token::is_joined) {
            last += 1;
        }
        reader.read(first, last);
        first = last;
    }
    let offered = reader.found.len();
    reader.read_again(room);
    let accepted = reader.found.len();
    reader.read_reversed();
    if !reader.memory.is_empty() {
        reader.read_remembered(offered, accepted);
    }
}

struct Reader<'a, 'p> {
    page: &'a Page<'p>,
    words: &'a Words,
    odds: &'static Odds,
    dictionary: Option<&'a Dictionary>,
    tokens: &'a [Token],
    /// Whether nothing but sentences begins with a capital.
    is_uncased: bool,
    memory: Memory,
    /// The runs as they are read for the first time, in order.
    offers: &'a mut Vec<Offer>,
    found: &'a mut Vec<Candidate>,
}

impl Reader<'_, '_> {
    /// Reads a run of joined tokens: splits it where a word is no part of a name.
    fn read(&mut self, first: usize, last: usize) {
        let mut at = first;
        while at < last {
            if !self.may_begin(at, last) {
                at += 1;
                continue;
            }
            let mut end = at + 1;
            while end < last && end - at < weigh::MOST_PARTS && self.may_continue(end) {
                end += 1;
            }
            // Whatever stands before a patronymic or the like belongs to it: `Hildigunnur Ösp Barkardóttir`.
            let reach = last.min(at + 4);
            if let Some(far) = (end..reach).rev().find(|far| self.tokens[*far].family >= 8 && self.tokens[*far].entry.given() < 5) {
                let plain =
                    |token: &Token| token.shape == Shape::Capital && !token.entry.is_brand() && !token.entry.is_organisation_after();
                if self.tokens[at..far].iter().all(plain) {
                    end = far + 1;
                }
            }
            self.offer(at, end);
            at = end;
        }
    }

    /// Keeps a run of parts that may be a name; where that is unlikely, what is left without its first or last part.
    fn offer(&mut self, first: usize, last: usize) {
        #[cfg(test)]
        fit::note(self, first, last);
        let mut best = (first, last, self.weigh(first, last));
        if let (_, _, Some(whole)) = best
            && last - first > 1
            && whole < DOUBTFUL
        {
            for (first, last) in [(first + 1, last), (first, last - 1)] {
                let odds = self.weigh(first, last);
                if odds > Some(DOUBTFUL) && odds > best.2 {
                    best = (first, last, odds);
                }
            }
        }
        let (first, last, odds) = best;
        let (start, end) = self.span(&self.tokens[first..last]);
        self.offers.push(Offer { start, end, first, last, odds });
    }

    /// Offers every run, in the light of all of them.
    fn read_again(&mut self, room: &mut Room) {
        let whole = Whole::of(self.page.text, self.tokens, self.offers, room);
        for (index, offer) in self.offers.iter().enumerate() {
            let Offer { start, end, first, last, .. } = *offer;
            let Some(odds) = whole.odds(index, self.odds) else {
                // A company's, street's or illness's name takes its words away from other readings.
                self.found.push(Candidate::nobody(start, end, 0.9, Validity::Shape));
                continue;
            };
            let is_known = self.tokens[first..last].iter().any(|token| token.is_known);
            let confidence = likelihood(odds + if is_known { KNOWN_PART } else { 0.0 }).min(SUREST);
            let confidence = if self.is_known_pair(first, last) { confidence.max(KNOWN_PAIR) } else { confidence };
            if confidence < LEAST {
                continue;
            }
            if self.is_sure(first, last, confidence) {
                self.memory.remember_all(self.page.text, &self.tokens[first..last]);
            }
            self.found.push(Candidate::shape(start, end, Kind::Name, confidence));
        }
    }

    /// Whether a run names somebody so surely that one of its words alone does too.
    fn is_sure(&self, first: usize, last: usize, confidence: f32) -> bool {
        let is_named = |token: &Token| token.entry.given().max(token.family) >= 3;
        confidence >= 0.75
            && match &self.tokens[first..last] {
                [single] => single.entry.given() >= 4 || confidence >= SURE && single.shape != Shape::Lower && !single.entry.is_place(),
                several => several.iter().any(is_named) || confidence >= SURE,
            }
    }

    /// Whether somebody of the tenant bears the first and last part as given and family name, in either order.
    fn is_known_pair(&self, first: usize, last: usize) -> bool {
        let Some(dictionary) = self.dictionary else { return false };
        let word = |at: usize| &self.page.text[self.tokens[at].start..self.tokens[at].end];
        let (one, other) = (word(first), word(last - 1));
        last - first > 1 && (dictionary.contains_pair(one, other) || dictionary.contains_pair(other, one))
    }

    /// What speaks for and against a run of parts as somebody's name, in log odds; `None` where it is the name of a company, street,
    /// illness or ship.
    fn weigh(&self, first: usize, last: usize) -> Option<f32> {
        let (span, beside) = self.beside(first, last);
        let around = Surroundings::of_beside(self.page, self.words, span, &beside);
        if around.is_nobody || self.begins_compound(first, last) {
            return None;
        }
        let odds = self.run(first, last, &around).odds();
        let mut pairs = 0.0;
        let put = |key| pairs += self.odds.of_trait(key);
        let single = traits::read(&beside, self.beyond(&beside), &self.tokens[first..last], self.is_uncased, put);
        Some((odds + single + pairs).max(self.least(first, last, &around)))
    }

    /// The least odds of a run: a usual given name and a usual family name are somebody in nineteen cases of twenty, whatever the words
    /// around them usually stand beside, and so is whoever says their name.
    fn least(&self, first: usize, last: usize, around: &Surroundings) -> f32 {
        let is_plain = |token: &Token| {
            let entry = token.entry;
            let is_organisation = entry.is_brand() || entry.is_organisation_before() || entry.is_organisation_after();
            !(entry.is_common() || is_organisation) && token.shape == Shape::Capital
        };
        match &self.tokens[first..last] {
            [given, ..] if tokens::is_told(self.page.bytes(), given.start) => TOLD,
            [given, family]
                if given.entry.given() >= 7
                    && family.family >= 6
                    && given.entry.word().max(family.entry.word()) <= 5
                    && !(given.entry.is_place() || given.entry.is_people())
                    && [given, family].into_iter().all(is_plain)
                    && !(around.follows_organisation || around.is_quoted || around.beside_ampersand) =>
            {
                USUAL_PAIR
            }
            _ => f32::NEG_INFINITY,
        }
    }

    /// Whether it is one word that is no given name, and goes on in lower case: `Lindberg-radar`, but `Sirkka-täti`.
    fn begins_compound(&self, first: usize, last: usize) -> bool {
        /// Letters of the shortest word behind a hyphen that is no syllable of a name.
        const SHORTEST: usize = 4;
        let token = &self.tokens[first];
        let behind = &self.page.bytes()[token.end..];
        let letters = behind.iter().skip(1).take_while(|byte| byte.is_ascii_lowercase() || **byte >= 0x80);
        last - first == 1 && token.entry.given() < 5 && behind.first() == Some(&b'-') && letters.take(SHORTEST).count() == SHORTEST
    }

    /// The span of a run, and the words on either side.
    fn beside(&self, first: usize, last: usize) -> ((usize, usize), [Beside; 2]) {
        let (start, end) = self.span(&self.tokens[first..last]);
        ((start, end), [Beside::before(self.page, self.words, start), Beside::behind(self.page, self.words, end)])
    }

    /// The words beyond those, by their hashes.
    fn beyond(&self, [before, behind]: &[Beside; 2]) -> [u64; 2] {
        let (before, behind) = (Beside::before(self.page, self.words, before.first), Beside::behind(self.page, self.words, behind.last));
        [before.word.hash, behind.word.hash]
    }

    fn run<'r>(&'r self, first: usize, last: usize, around: &'r Surroundings) -> weigh::Run<'r> {
        let likeness = |at: usize| {
            let token = &self.tokens[at];
            let is_known = token.entry.given().max(token.entry.family()) >= 4;
            if is_known { 0.0 } else { token.likeness }
        };
        weigh::Run {
            parts: &self.tokens[first..last],
            around,
            is_beside: self.stands_beside(first, last),
            is_uncased: self.is_uncased,
            likeness: [likeness(first), likeness(last - 1)],
        }
    }

    /// Whether the run stands in a row with another capitalised name: `Anna, Bo och Kim`.
    fn stands_beside(&self, first: usize, last: usize) -> bool {
        let is_given = |token: &Token| token.entry.given() >= 5 && token.entry.word() <= 3 && token.shape != Shape::Lower;
        let before = matches!(self.tokens[first].gap, Gap::Comma | Gap::And) && first > 0 && {
            let previous = &self.tokens[first - 1];
            is_given(previous) || (previous.is_joined() && first > 1 && is_given(&self.tokens[first - 2]))
        };
        let after = self.tokens.get(last).is_some_and(|next| matches!(next.gap, Gap::Comma | Gap::And) && is_given(next));
        before || after
    }

    /// `Lind, Anna`: a family name, a comma, a given name, with nothing else on either side.
    fn read_reversed(&mut self) {
        for at in 1..self.tokens.len() {
            let (family, given) = (&self.tokens[at - 1], &self.tokens[at]);
            let fits = given.gap == Gap::Comma
                && family.shape != Shape::Lower
                && (family.family >= 3 || family.entry.is_unknown() && family.likeness > 0.2)
                && family.entry.given() <= family.entry.family()
                && given.entry.given() >= 4;
            if !fits {
                continue;
            }
            let mut last = at + 1;
            while self.tokens.get(last).is_some_and(|next| next.is_joined() && next.entry.given() > 0) {
                last += 1;
            }
            let end = self.tokens[last - 1].end;
            let behind = self.page.text[end..].trim_start_matches(' ');
            let ends_clause = behind.is_empty() || behind.starts_with(['\n', ';', '(', ')', '"', '.', '|', '\t']);
            let opens =
                family.opens_sentence || self.tokens[..at - 1].last().is_none_or(|before| before.gap != Gap::Comma && !family.is_joined());
            // Inside a sentence it could be two people as well, who go as one.
            if ends_clause && opens
                || family.opens_sentence && behind.starts_with([',', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
            {
                let (start, end) = (family.start, end);
                self.memory.remember_all(self.page.text, &self.tokens[at - 1..last]);
                self.found.push(Candidate::shape(start, end, Kind::Name, REVERSED));
            }
        }
    }

    /// Single names of people who were named in full elsewhere in the text.
    ///
    /// `offered..accepted` are the candidates of the runs, in order.
    fn read_remembered(&mut self, offered: usize, accepted: usize) {
        for at in 0..self.tokens.len() {
            let token = self.tokens[at];
            if matches!(token.shape, Shape::Lower | Shape::Initial | Shape::Mixed) || (token.is_joined() && token.gap != Gap::Blank) {
                continue;
            }
            let word = &self.page.text[token.start..token.end];
            // What is itself in a table is no other name's form.
            let may_be_form = token.entry.is_unknown() || token.is_inflected;
            // `Önnu` is of Anna, `Birni` of Björn.
            let begins_alike = self.memory.begins_alike(word) || endings::changes_its_stem(word);
            let is_form = || may_be_form && begins_alike && endings::is_form_of(word, |hash| self.memory.knows(hash));
            let is_other_form = || token.entry.is_unknown() && begins_alike && self.memory.may_know(word);
            if !(self.memory.knows(token.stem) || is_form() || is_other_form()) {
                continue;
            }
            // What was offered is in order: only the last that begins before this word can hold it.
            let behind = offered + self.found[offered..accepted].partition_point(|candidate| candidate.start <= token.start);
            let holder = behind.checked_sub(1).and_then(|holder| self.found[offered..accepted].get(holder.checked_sub(offered)?));
            if holder.is_some_and(|holder| token.end <= holder.end && (holder.confidence >= 0.75 || holder.kind.is_none())) {
                continue;
            }
            // `Falck-Ytter` goes as a whole.
            let mut last = at + 1;
            while self.tokens.get(last).is_some_and(|next| next.gap == Gap::Hyphen) {
                last += 1;
            }
            let (start, end) = self.span(&self.tokens[at..last]);
            let surroundings = Surroundings::of(self.page, self.words, start, end);
            // `Doppler-radar`; `i Lund`, though a Lund was named.
            let is_compound = matches!(self.page.bytes()[end..], [b'-', b'a'..=b'z', ..]);
            if surroundings.is_nobody || is_compound || token.entry.is_place() && surroundings.follows_place_word {
                continue;
            }
            let is_word = token.entry.is_common() || token.entry.word() >= 6;
            let confidence = if is_word && token.opens_sentence { 0.6 } else { 0.92 };
            self.found.push(Candidate::shape(start, end, Kind::Name, confidence));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Country, Kind, Scanner, examples};

    #[test]
    fn documented_examples_hold() {
        assert_eq!(
            examples::check_with(
                include_str!("mod.rs"),
                &Scanner::new(&Country::ALL).of_kinds([Kind::Name].into_iter().collect()).at_least(0.5)
            ),
            8
        );
    }

    fn names(text: &str) -> Vec<String> {
        let scanner = Scanner::new(&Country::ALL).of_kinds([Kind::Name].into_iter().collect()).at_least(0.5);
        scanner.scan(text).iter().map(|finding| text[finding.start..finding.end].to_owned()).collect()
    }

    #[test]
    fn a_name_goes_with_all_its_parts() {
        for (text, expected) in [
            ("Igår talade president Bashar al-Assad i radio.", "Bashar al-Assad"),
            ("Patienten ses av dr L. van der Berg.", "L. van der Berg"),
            ("Den nya ministern heter Lee Jun-ho.", "Lee Jun-ho"),
            ("Naboen, Johs. Thybo, køber jorden.", "Johs. Thybo"),
            ("Skulden betalas av J.-P. Delacroix.", "J.-P. Delacroix"),
            ("The firm is led by William \"Bill\" Carstairs today.", "William \"Bill\" Carstairs"),
            ("Kontakt: Inger von Gerdten.", "Inger von Gerdten"),
            ("Enligt läkaren Anna\nBergkvist är allt bra.", "Anna\nBergkvist"),
            ("Faktura till Lind, Camilla.", "Lind, Camilla"),
            ("Presidentti tapasi Sauli Niinistön Helsingissä.", "Sauli Niinistön"),
            ("Kund: <strong>Lars Öberg</strong>, tel 0701740605", "Lars Öberg"),
            ("Patienten Erik Olsson, 67 år", "Erik Olsson"),
        ] {
            assert_eq!(names(text), [expected], "{text}");
        }
    }

    #[test]
    fn plain_sentences_about_usual_people_name_them() {
        for (text, expected) in [
            ("Enligt Christian Lindberg är det så.", "Christian Lindberg"),
            ("I går møtte jeg Kari Strand i byen.", "Kari Strand"),
            ("Jack Smith called about the invoice.", "Jack Smith"),
            ("Will Smith called about the invoice.", "Will Smith"),
            ("The officer, O'Brien, said so.", "O'Brien"),
            ("hei jeg heter per hansen", "per hansen"),
            ("hæ ég heiti björk karlsdóttir", "björk karlsdóttir"),
        ] {
            assert_eq!(names(text), [expected], "{text}");
        }
        // Whoever speaks in a chat, and words that are names where nothing has a capital.
        assert_eq!(names("sol: kommer du?\nviggo: nei, spør nora"), ["sol", "viggo", "nora"]);
        assert!(names("Vi har sol og en line til båten i Bergen.").is_empty());
        // A name that is in no table, in another case.
        assert_eq!(names("Valittiin Ottavia Malaspinan tukija. Malaspina lupaa, Malaspinalle kiitos.").len(), 3);
    }

    #[test]
    fn neighbours_in_a_row_speak_for_one_another() {
        assert_eq!(names("Varningar: Anna Lingman, Ruoppila."), ["Anna Lingman", "Ruoppila"]);
    }

    #[test]
    fn what_bears_a_name_is_nobody() {
        for text in [
            "Lekplatsen i Anderson Park är stängd.",
            "I söder ligger sjön.",
            "Ett avtal med Harald Böðvarsson hf. om fisk.",
            "Faktura från Peter Larsen A/S",
        ] {
            assert!(names(text).is_empty(), "{text}: {:?}", names(text));
        }
        // Somebody of that name was there, the ray is not.
        assert_eq!(names("Enligt Christian Lindberg är det så. En Lindberg-radar mäter det."), ["Christian Lindberg"]);
    }
}
