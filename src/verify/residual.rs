//! Residual identity: are those who were just forgotten still to be found somewhere?
//!
//! Their identifiers are kept as keyed hashes under a random key that lives in memory during the run alone, and searched for in the published
//! sets and in the store, in treated cells and in linked text. What a living subject shares (a household's telephone, a common name) is
//! counted apart; so are mentions in other people's texts, which are reported and never changed.
//!
//! Each distinct text of a column is looked at once, and a short keyed hash sifts out what can not be a hit before the long one is computed.

use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use arrow::array::{Array, AsArray};

use crate::detect::{Country, Kind, Scanner, addresses_as_written, normalise};
use crate::kernels::json::{self, visit_texts};
use crate::keys::{DerivedKey, Token};
use crate::pipeline::*;
use crate::snapshot::State;

/// A name of one word says too little inside a text.
const WORDS_OF_A_NAME: std::ops::RangeInclusive<usize> = 2..=4;
/// Identifiers shorter than this mean nobody.
const SHORTEST: usize = 5;

/// What the search found, by where and by kind. Counts only.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Residue {
    /// Identifiers that were searched for.
    pub searched: u64,
    /// Cells looked at.
    pub cells: u64,
    /// Found although nobody living shares them, in treated cells, linked text or a published set: (place, kind) → cells. Must be empty.
    pub left: BTreeMap<String, u64>,
    /// Found in other people's text.
    pub mentioned: BTreeMap<String, u64>,
    /// Found, and a living subject has the same.
    pub shared: BTreeMap<String, u64>,
}

/// Identifiers as keyed hashes.
pub struct Identities {
    key: DerivedKey,
    country: Country,
    sieve_key: RandomState,
    sieve: HashSet<u64>,
    forgotten: HashSet<Token>,
    living: HashSet<Token>,
    longest_name: usize,
}

/// What becomes of a cell tonight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was deleted or replaced.
    Goes,
    /// Its person was forgotten altogether, and the plan left it alone.
    Missed,
    /// It stays: its person does, or a duty keeps it.
    Stays,
}

/// Where a cell stands in relation to the forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A treated cell, text linked to a forgotten subject, or a published set.
    Treated,
    /// Somebody else's row.
    Elsewhere,
    /// A column that is classed as holding nothing personal: a name or e-mail address that fills a cell says that the class is wrong.
    SaidToBeImpersonal,
}

impl Identities {
    /// Splits the identifiers of the snapshot into those that go tonight and those that stay. `fate(table, column, row)` says which.
    pub fn of(pipeline: &Pipeline, state: &State, key: DerivedKey, fate: &dyn Fn(TableIndex, ColumnIndex, usize) -> Fate) -> Self {
        let mut identities = Self {
            key,
            country: pipeline.controller.country,
            sieve_key: RandomState::new(),
            sieve: HashSet::new(),
            forgotten: HashSet::new(),
            living: HashSet::new(),
            longest_name: 0,
        };
        // Whose identifiers go must be known before those of the living are compared with them.
        identities.add(pipeline, state, fate, Fate::Goes);
        identities.add(pipeline, state, fate, Fate::Stays);
        identities
    }

    fn add(&mut self, pipeline: &Pipeline, state: &State, fate: &dyn Fn(TableIndex, ColumnIndex, usize) -> Fate, wanted: Fate) {
        for (table, scoped) in pipeline.tables.iter().enumerate().filter(|(_, scoped)| scoped.out_of_scope.is_none()) {
            let text = |column: ColumnIndex| state.column(table, column).and_then(|cells| cells.as_string_opt::<i32>());
            for (column, settings) in scoped.columns.iter().enumerate() {
                if let (Treatment::Document(document), Some(texts)) = (&settings.treatment, text(column)) {
                    let rows = (0..texts.len()).filter(|row| texts.is_valid(*row) && fate(table, column, *row) == wanted);
                    let documents: HashSet<&str> = rows.map(|row| texts.value(row)).collect();
                    documents.into_iter().for_each(|text| self.insert_paths(document, text, wanted));
                }
                let (Some(kind), Some(texts)) = (kind_of(settings.class), text(column)) else { continue };
                let mut seen: HashSet<&str> = HashSet::new();
                for row in (0..texts.len()).filter(|row| texts.is_valid(*row) && fate(table, column, *row) == wanted) {
                    // Copies on documents repeat one name many times.
                    if seen.insert(texts.value(row)) {
                        self.insert(kind, texts.value(row), wanted);
                    }
                }
            }
            // First and last name in columns of their own make a name together.
            let names: Vec<ColumnIndex> = (0..scoped.columns.len()).filter(|column| scoped.columns[*column].class == Class::Name).collect();
            for pair in names.windows(2) {
                let (Some(first), Some(last)) = (text(pair[0]), text(pair[1])) else { continue };
                for row in (0..first.len()).filter(|row| first.is_valid(*row) && last.is_valid(*row)) {
                    let fates: Vec<Fate> = pair.iter().map(|column| fate(table, *column, row)).collect();
                    // A name of which one half stays is not gone.
                    let whole = if fates.contains(&Fate::Stays) {
                        Fate::Stays
                    } else if fates.contains(&Fate::Missed) {
                        Fate::Missed
                    } else {
                        Fate::Goes
                    };
                    if whole == wanted {
                        self.insert(Kind::Name, &format!("{} {}", first.value(row), last.value(row)), wanted);
                        self.insert(Kind::Name, &format!("{} {}", last.value(row), first.value(row)), wanted);
                    }
                }
            }
        }
    }

    /// The identifiers at the paths of a document. What a path keeps does not go with its document.
    fn insert_paths(&mut self, document: &Document, text: &str, fate: Fate) {
        let goes = |path: &&DocumentPath| fate != Fate::Goes || path.treatment != PathTreatment::Keep;
        let (paths, kinds): (Vec<json::Path>, Vec<Kind>) =
            document.paths.iter().filter(goes).filter_map(|path| Some((path.path.clone(), kind_of(path.class)?))).unzip();
        visit_texts(text, &paths, &mut |path, found| path.into_iter().for_each(|path| self.insert(kinds[path], found, fate)));
    }

    fn insert(&mut self, kind: Kind, text: &str, fate: Fate) {
        if kind == Kind::Name && text.contains('@') {
            // Whoever is filed under an address is written to there as well.
            let scanned = Scanner::new(&[]).of_kinds([Kind::Email].into_iter().collect()).scan(text).into_iter();
            scanned.for_each(|finding| self.insert(Kind::Email, &text[finding.start..finding.end], fate));
        }
        let Some(normal) = self.normal(kind, text) else { return };
        if fate == Fate::Goes {
            self.longest_name = self.longest_name.max(normal.split(' ').count());
            self.sieve.insert(self.sieve_key.hash_one((kind.as_str(), normal.as_str())));
            self.forgotten.insert(self.hash(kind, &normal));
        } else if let Some(hash) = self.hit(kind, &normal) {
            self.living.insert(hash);
        }
    }

    /// The hash of an identifier, if it is one of the forgotten.
    fn hit(&self, kind: Kind, normal: &str) -> Option<Token> {
        if !self.sieve.contains(&self.sieve_key.hash_one((kind.as_str(), normal))) {
            return None;
        }
        Some(self.hash(kind, normal)).filter(|hash| self.forgotten.contains(hash))
    }

    /// How many identifiers are searched for.
    pub fn len(&self) -> u64 {
        self.forgotten.len() as u64
    }

    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.forgotten.is_empty()
    }

    /// Looks at a text that stands in `cells` cells. `class` is what their column holds; `None` where that is not known (a published set).
    pub fn look(
        &self,
        (text, cells): (&str, u64),
        class: Option<Class>,
        place: Place,
        name: &str,
        scanner: &Scanner,
        residue: &mut Residue,
    ) {
        residue.cells += cells;
        let mut hits: Vec<(Kind, Token)> = Vec::new();
        self.find(text, class, place, scanner, &mut hits);
        if text.starts_with(['{', '[']) {
            // A document says what its texts say, however they are escaped.
            visit_texts(text, &[], &mut |_, said| self.find(said, Some(Class::FreeText), place, scanner, &mut hits));
        }
        hits.sort_unstable_by_key(|(kind, token)| (*kind, *token));
        hits.dedup();
        for (kind, token) in hits {
            let counted = match place {
                _ if self.living.contains(&token) && place == Place::SaidToBeImpersonal => continue,
                _ if self.living.contains(&token) => &mut residue.shared,
                Place::Treated | Place::SaidToBeImpersonal => &mut residue.left,
                Place::Elsewhere => &mut residue.mentioned,
            };
            *counted.entry(format!("{name}: {}", kind.as_str())).or_default() += cells;
        }
    }

    /// The forgotten's identifiers that fill a text or, where its column can hold such, stand inside it.
    fn find(&self, text: &str, class: Option<Class>, place: Place, scanner: &Scanner, hits: &mut Vec<(Kind, Token)>) {
        if place == Place::SaidToBeImpersonal {
            // A name of one word and a number can be anything in such a column.
            for kind in [Kind::Name, Kind::Email] {
                let normal = self.normal(kind, text).filter(|normal| kind != Kind::Name || normal.contains(' '));
                hits.extend(normal.and_then(|normal| self.hit(kind, &normal)).map(|hash| (kind, hash)));
            }
            return;
        }
        let is_pseudonym = class.is_none() && is_pseudonym(text);
        let kinds: &[Kind] = match class.and_then(kind_of) {
            Some(kind) => &[kind],
            None if is_pseudonym => &[Kind::Identifier],
            None => &[Kind::Name, Kind::Email, Kind::Phone, Kind::Identifier],
        };
        for kind in kinds {
            self.add_hit(*kind, text, hits);
        }
        if class.is_none_or(|class| kind_of(class).is_none()) && !is_pseudonym {
            self.look_inside(text, scanner, hits);
        }
    }

    fn look_inside(&self, text: &str, scanner: &Scanner, hits: &mut Vec<(Kind, Token)>) {
        // A text can go on behind an address without a blank; a scanner then sees another one.
        addresses_as_written(text).into_iter().for_each(|address| self.add_hit(Kind::Email, address, hits));
        for finding in scanner.scan(text) {
            let found = &text[finding.start..finding.end];
            match finding.kind {
                Kind::Email | Kind::Phone => self.add_hit(finding.kind, found, hits),
                Kind::NationalId | Kind::Identifier | Kind::Iban | Kind::BankAccount => self.add_hit(Kind::Identifier, found, hits),
                // Names are compared word by word below; nothing else is a class's identifier.
                _ => {}
            }
        }
        let normal = normalise::name(text);
        let words: Vec<&str> = normal.split(' ').filter(|word| !word.is_empty()).collect();
        for length in WORDS_OF_A_NAME.filter(|length| *length <= self.longest_name) {
            for window in words.windows(length) {
                hits.extend(self.hit(Kind::Name, &window.join(" ")).map(|hash| (Kind::Name, hash)));
            }
        }
    }

    fn add_hit(&self, kind: Kind, text: &str, hits: &mut Vec<(Kind, Token)>) {
        let Some(normal) = self.normal(kind, text) else { return };
        hits.extend(self.hit(kind, &normal).map(|hash| (kind, hash)));
    }

    /// The form in which two writings of one identifier are equal; `None` where the text says too little.
    fn normal(&self, kind: Kind, text: &str) -> Option<String> {
        let normal = match kind {
            Kind::Name => normalise::name(text),
            Kind::Email => normalise::email(text),
            Kind::Phone => normalise::phone(text, self.country),
            _ => normalise::identifier(text),
        };
        (normal.chars().count() >= SHORTEST).then_some(normal)
    }

    fn hash(&self, kind: Kind, normal: &str) -> Token {
        self.key.token(&[kind.as_str().as_bytes(), normal.as_bytes()])
    }
}

/// What a scanner finds in a text that can be compared with somebody's identifiers; names are compared word by word.
pub(super) const COMPARED: [Kind; 6] = [Kind::Email, Kind::Phone, Kind::NationalId, Kind::Identifier, Kind::Iban, Kind::BankAccount];

/// Whether a published text has the form of a pseudonym: 32 hexadecimal digits are no name, address or telephone number.
fn is_pseudonym(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The kind of identifier that a class holds. Addresses and quasi-identifiers are shared by many and identify nobody alone.
pub fn kind_of(class: Class) -> Option<Kind> {
    match class {
        Class::Name => Some(Kind::Name),
        Class::Email => Some(Kind::Email),
        Class::Phone => Some(Kind::Phone),
        Class::NationalId | Class::BankAccount | Class::Identifier => Some(Kind::Identifier),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Keyring, Purpose};

    fn identities() -> Identities {
        Identities {
            key: Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [7; 40]).control("", Purpose::RowToken).unwrap(),
            country: Country::SE,
            sieve_key: RandomState::new(),
            sieve: HashSet::new(),
            forgotten: HashSet::new(),
            living: HashSet::new(),
            longest_name: 0,
        }
    }

    #[track_caller]
    fn check(kind: Kind, forgotten: &str, text: &str, expected: &[&str]) {
        let mut identities = identities();
        identities.insert(kind, forgotten, Fate::Goes);
        let mut residue = Residue::default();
        identities.look((text, 1), Some(Class::FreeText), Place::Treated, "note", &Scanner::new(&Country::ALL), &mut residue);
        let left: Vec<&str> = residue.left.keys().map(String::as_str).collect();
        assert_eq!(left, expected, "{text}");
    }

    #[test]
    fn an_address_that_survives_in_a_text_is_seen_whatever_follows_it() {
        for text in
            ["skriv till <Anna.B.Ek@Example.se>!", "anna.b.ek@example.se.Ring henne", "'anna.b.ek@example.se-ring", "anna.b.ek@example.se"]
        {
            check(Kind::Email, "anna.b.ek@example.se", text, &["note: email"]);
        }
        check(Kind::Email, "anna@intranet", "till anna@intranet, tack", &["note: email"]);
        check(Kind::Email, "anna.b.ek@example.se", "bob.anna.b.ek@example.se, [email]", &[]);
    }

    #[test]
    fn an_address_that_was_written_where_a_name_belongs_is_searched_for_as_one() {
        for name in ["anna.b.ek@example.se", "Anna Ek <anna.b.ek@example.se>"] {
            check(Kind::Name, name, "svar från anna.b.ek@example.se", &["note: email"]);
            check(Kind::Name, name, "svar från bob@example.se", &[]);
        }
    }
}
