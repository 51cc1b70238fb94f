//! What is known of one word, in 32 bits.

/// What is known of a word. Nothing at all is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::detect) struct Entry(u32);

const GIVEN: u32 = 0;
const FAMILY: u32 = 4;
const WORD: u32 = 8;
const BEFORE: u32 = 12;
const AFTER: u32 = 16;
const COMMON: u32 = 1 << 20;
/// A town.
const TOWN: u32 = 1 << 21;
/// A region or country.
const LAND: u32 = 1 << 22;
const ENDS_PHRASE: u32 = 1 << 23;
const PEOPLE: u32 = 1 << 24;
const ORGANISATION_BEFORE: u32 = 1 << 25;
const ORGANISATION_AFTER: u32 = 1 << 26;
const BRAND: u32 = 1 << 27;
const PHRASE: u32 = 1 << 28;
const UNMAKES: u32 = 1 << 29;
const BEARS: u32 = 1 << 30;
const PRECEDES_PLACE: u32 = 1 << 31;
/// What says nothing of the word itself, only of what stands beside it.
const BESIDE: u32 = PHRASE | ENDS_PHRASE;

impl Entry {
    pub(super) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    pub(super) const fn bits(self) -> u32 {
        self.0
    }

    /// What both entries say together; of numbers, the greater.
    pub(in crate::detect) fn and(self, other: Self) -> Self {
        let numbers = [GIVEN, FAMILY, WORD, BEFORE, AFTER];
        let greater = numbers.into_iter().fold(0, |sum, shift| sum | self.number(shift).max(other.number(shift)) << shift);
        Self((self.0 | other.0) & !((1 << 20) - 1) | greater)
    }

    const fn number(self, shift: u32) -> u32 {
        self.0 >> shift & 15
    }

    const fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }

    pub(in crate::detect) fn with_names(self, given: u32, family: u32) -> Self {
        Self(self.0 | given.min(9) << GIVEN | family.min(9) << FAMILY)
    }

    pub(super) fn with_word(self, weight: u32) -> Self {
        Self(self.0 | weight.min(9) << WORD)
    }

    pub(super) fn common(self) -> Self {
        Self(self.0 | COMMON)
    }

    pub(super) fn brand(self) -> Self {
        Self(self.0 | BRAND)
    }

    pub(super) fn beginning_phrase(self) -> Self {
        Self(self.0 | PHRASE)
    }

    pub(super) fn ending_phrase(self) -> Self {
        Self(self.0 | ENDS_PHRASE)
    }

    pub(super) fn unmaking_name(self) -> Self {
        Self(self.0 | UNMAKES)
    }

    pub(super) fn bearing_name(self) -> Self {
        Self(self.0 | BEARS)
    }

    pub(super) fn preceding_place(self) -> Self {
        Self(self.0 | PRECEDES_PLACE)
    }

    pub(super) fn place(self, class: &str) -> Self {
        let flag = match class {
            "town" => TOWN,
            "region" | "country" => LAND,
            "people" => PEOPLE,
            _ => 0,
        };
        Self(self.0 | flag)
    }

    pub(super) fn organisation(self, side: &str) -> Self {
        let before = if side != "after" { ORGANISATION_BEFORE } else { 0 };
        let after = if side != "before" { ORGANISATION_AFTER } else { 0 };
        Self(self.0 | before | after)
    }

    pub(super) fn title(self, side: &str, strength: u32) -> Self {
        let before = if side != "after" { strength.min(9) << BEFORE } else { 0 };
        let after = if side != "before" { strength.min(9) << AFTER } else { 0 };
        Self(self.0 | before | after)
    }

    /// What it says of an inflected form, which is no common word and no title because its stem is.
    pub(in crate::detect) const fn as_inflected(self) -> Self {
        Self(self.0 & (15 << GIVEN | 15 << FAMILY | 15 << WORD | TOWN | LAND | PEOPLE | BRAND))
    }

    /// Whether nothing at all is known.
    pub(in crate::detect) const fn is_unknown(self) -> bool {
        self.0 & !BESIDE == 0
    }

    /// How usual the word is as a given name: 0 (never) to 9 (among the most common).
    pub(in crate::detect) const fn given(self) -> u32 {
        self.number(GIVEN)
    }

    /// How usual the word is as a family name: 0 (never) to 9 (among the most common).
    pub(in crate::detect) const fn family(self) -> u32 {
        self.number(FAMILY)
    }

    /// How much likelier the word is an ordinary one than a name: 0 (no word at all) to 9.
    pub(in crate::detect) const fn word(self) -> u32 {
        self.number(WORD)
    }

    /// Whether it is one of the most common words of a language.
    pub(in crate::detect) const fn is_common(self) -> bool {
        self.has(COMMON)
    }

    /// Whether it is a town, region or country.
    pub(in crate::detect) const fn is_place(self) -> bool {
        self.has(TOWN | LAND)
    }

    /// Whether it is a people, a language or somebody of a place.
    pub(in crate::detect) const fn is_people(self) -> bool {
        self.has(PEOPLE)
    }

    /// Whether it makes an organisation of the name behind it.
    pub(in crate::detect) const fn is_organisation_before(self) -> bool {
        self.has(ORGANISATION_BEFORE)
    }

    /// Whether it makes an organisation of the name before it.
    pub(in crate::detect) const fn is_organisation_after(self) -> bool {
        self.has(ORGANISATION_AFTER)
    }

    /// Whether it is a company, a product, an authority.
    pub(in crate::detect) const fn is_brand(self) -> bool {
        self.has(BRAND)
    }

    /// How much the word says that a name follows: 0 to 9.
    pub(in crate::detect) const fn opens_name(self) -> u32 {
        self.number(BEFORE)
    }

    /// How much the word says that a name went before: 0 to 9.
    pub(in crate::detect) const fn closes_name(self) -> u32 {
        self.number(AFTER)
    }

    /// Whether entries of several words begin with it.
    pub(in crate::detect) const fn begins_phrase(self) -> bool {
        self.has(PHRASE)
    }

    /// Whether entries of several words end with it.
    pub(in crate::detect) const fn ends_phrase(self) -> bool {
        self.has(ENDS_PHRASE)
    }

    /// Whether it makes a street, an illness or a law of the name before it.
    pub(in crate::detect) const fn unmakes_name(self) -> bool {
        self.has(UNMAKES)
    }

    /// Whether it says that what follows is the name of a ship, a hall, a model or a saint.
    pub(in crate::detect) const fn bears_name(self) -> bool {
        self.has(BEARS)
    }

    /// Whether it is a preposition of place.
    pub(in crate::detect) const fn precedes_place(self) -> bool {
        self.has(PRECEDES_PLACE)
    }

    /// Whether the word is looked for without a capital: a usual name that is no word otherwise.
    pub(in crate::detect) const fn is_name_in_lower_case(self) -> bool {
        let is_usual = self.given() >= 5 || self.family() >= 7;
        is_usual && self.word() <= 3 && !self.has(COMMON | BRAND | TOWN | LAND | PEOPLE | ORGANISATION_AFTER)
    }

    /// Whether the word is looked for where nothing is written with capitals: a given name, whatever else it is.
    pub(in crate::detect) const fn may_be_name_in_lower_case(self) -> bool {
        self.given() >= 5 && self.word() < 9
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_several_tables_are_one() {
        let both =
            Entry::default().with_names(3, 8).and(Entry::default().with_word(6)).and(Entry::default().with_names(5, 1).place("town"));
        assert_eq!((both.given(), both.family(), both.word()), (5, 8, 6));
        assert!(both.is_place() && !both.is_people() && !both.is_common());
        let title = Entry::default().title("before", 7).and(Entry::default().title("after", 2));
        assert_eq!((title.opens_name(), title.closes_name()), (7, 2));
        let marker = Entry::default().organisation("either");
        assert!(marker.is_organisation_after() && marker.is_organisation_before());
    }
}
