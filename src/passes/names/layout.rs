//! How the rows of a table name people: in one column, or in several that are one name together.

use arrow::array::{Array, StringArray};

/// A name in parts that stand in columns of their own.
struct InParts<'a> {
    given: Vec<Column<'a>>,
    family: Vec<Column<'a>>,
}

/// A column of class `name`.
pub(super) struct NameColumn<'a> {
    /// What it is called.
    pub(super) name: &'a str,
    /// Its cells.
    pub(super) texts: &'a StringArray,
    /// What replaces a cell whose time has come, where that is the same for all.
    pub(super) constant: Option<&'a str>,
}

/// Cells, and what stands in the place of those whose time has come.
#[derive(Clone, Copy)]
struct Column<'a> {
    texts: &'a StringArray,
    constant: Option<&'a str>,
    placeholder: &'a str,
}

/// The columns by which a table names people.
///
/// ```text
/// first_name, last_name          Anna | Sjöberg → Sjöberg, Anna
/// name, search_name              Anna Sjöberg | SJÖBERG → Anna Sjöberg
/// a, b                           Anna | Sjöberg → Anna Sjöberg
/// display_name, initials         Anna Sjöberg | AS → Anna Sjöberg
/// name                           XXX → nobody; XXX-0af3 → nobody
/// ```
pub(super) struct Layout<'a> {
    in_parts: Vec<InParts<'a>>,
    whole: Vec<Column<'a>>,
}

/// The memory of one row's names, used again for the next.
#[derive(Default)]
pub(super) struct Cells {
    name: String,
}

/// What a column's name says of what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Given,
    Family,
    Whole,
}

impl<'a> Layout<'a> {
    /// Of a table's columns of class `name`; `placeholder` is the controller's.
    pub(super) fn of(columns: impl Iterator<Item = NameColumn<'a>>, placeholder: &'a str) -> Self {
        let (mut in_parts, mut whole): (Vec<(String, InParts<'a>)>, Vec<Column<'a>>) = (Vec::new(), Vec::new());
        for NameColumn { name, texts, constant } in columns {
            let column = Column { texts, constant, placeholder };
            let (part, whose) = part(name);
            if part == Part::Whole {
                whole.push(column);
                continue;
            }
            let at = in_parts.iter().position(|(known, _)| *known == whose).unwrap_or_else(|| {
                in_parts.push((whose, InParts { given: Vec::new(), family: Vec::new() }));
                in_parts.len() - 1
            });
            match part {
                Part::Family => in_parts[at].1.family.push(column),
                _ => in_parts[at].1.given.push(column),
            }
        }
        Self { in_parts: in_parts.into_iter().map(|(_, parts)| parts).collect(), whole }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.in_parts.is_empty() && self.whole.is_empty()
    }

    /// All that a row says, for an order of rows.
    pub(super) fn cells(&self, row: u32) -> impl Iterator<Item = Option<&'a str>> {
        let parts = self.in_parts.iter().flat_map(|parts| parts.given.iter().chain(&parts.family));
        parts.chain(&self.whole).map(move |column| column.name(row))
    }

    /// Each name of a row.
    pub(super) fn names(&self, row: u32, Cells { name }: &mut Cells, mut each: impl FnMut(&str)) {
        for parts in &self.in_parts {
            name.clear();
            join(name, parts.family.iter().filter_map(|column| column.name(row)));
            // Behind a comma stands the given name, and before it the family's, whatever the number of words.
            if !name.is_empty() {
                name.push(',');
            }
            join(name, parts.given.iter().filter_map(|column| column.name(row)));
            if !name.is_empty() {
                each(name);
            }
        }
        let cells = || self.whole.iter().filter_map(|column| column.name(row));
        let (several, one): (usize, usize) = cells().fold((0, 0), |(several, one), name| match is_one_word(name) {
            true => (several, one + 1),
            false => (several + 1, one),
        });
        // Given and family name in columns whose names do not say so.
        if several == 0 && (2..=3).contains(&one) {
            name.clear();
            join(name, cells());
            return each(name);
        }
        for name in cells().filter(|name| !is_initials(name)) {
            // A part of the name beside it (the search box's own, a nickname's form) is no name of its own.
            let is_part = is_one_word(name) && cells().any(|other| !is_one_word(other) && has_word(other, name));
            if !is_part {
                each(name);
            }
        }
    }
}

impl<'a> Column<'a> {
    /// The name in a row; nothing where it is nobody's, or not any more.
    fn name(&self, row: u32) -> Option<&'a str> {
        let row = row as usize;
        let text = self.texts.is_valid(row).then(|| self.texts.value(row).trim()).filter(|text| !text.is_empty())?;
        // A replacement that tells rows apart is the placeholder, a hyphen and digits.
        let is_placeholder =
            |placeholder: &str| text.strip_prefix(placeholder.trim()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
        let is_replaced =
            self.constant == Some(text) || is_placeholder(self.placeholder) || text.contains(|sign: char| sign.is_numeric() || sign == '[');
        (!is_replaced).then_some(text)
    }
}

fn join<'t>(name: &mut String, parts: impl Iterator<Item = &'t str>) {
    for part in parts {
        if !name.is_empty() {
            name.push(' ');
        }
        name.push_str(part);
    }
}

fn is_one_word(name: &str) -> bool {
    !name.contains(char::is_whitespace)
}

fn has_word(name: &str, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    name.split(|sign: char| sign.is_whitespace() || matches!(sign, '-' | ',')).any(|word| word.to_lowercase() == wanted)
}

/// Whether a text is the initials of a name: `AS`, `A.S.`.
fn is_initials(name: &str) -> bool {
    let letters = name.chars().filter(|sign| sign.is_alphabetic()).count();
    letters <= 3 && is_one_word(name) && name.chars().all(|sign| sign.is_uppercase() || sign == '.')
}

/// What a column holds by its name, and whose: `buyer_first_name` is the given name of `buyer`.
fn part(column: &str) -> (Part, String) {
    #[rustfmt::skip]
    const GIVEN: [&str; 18] = [
        "first", "firstname", "forename", "given", "givenname", "middle", "middlename", "fornamn", "förnamn", "tilltalsnamn", "mellannamn",
        "fornavn", "mellomnavn", "mellemnavn", "etunimi", "etunimet", "kutsumanimi", "eiginnafn",
    ];
    #[rustfmt::skip]
    const FAMILY: [&str; 12] = [
        "last", "lastname", "surname", "family", "familyname", "efternamn", "efternavn", "etternavn", "sukunimi", "kenninafn", "kenninöfn",
        "eftirnafn",
    ];
    let mut found = Part::Whole;
    let mut whose = String::new();
    for word in words(column) {
        match word.as_str() {
            given if GIVEN.contains(&given) => found = Part::Given,
            family if FAMILY.contains(&family) => found = Part::Family,
            "name" | "names" => {}
            _ => whose.push_str(&word),
        }
    }
    (found, whose)
}

/// The words of a column's name in lower case: `buyer_first_name`, `BuyerFirstName`.
fn words(column: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut follows_small = false;
    for letter in column.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && follows_small) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        follows_small = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(columns: &[&str], row: &[Option<&str>], expected: &[&str]) {
        let cells: Vec<StringArray> = row.iter().map(|cell| StringArray::from(vec![*cell])).collect();
        let named = columns.iter().zip(&cells).map(|(name, texts)| NameColumn { name, texts, constant: Some("Anon") });
        let layout = Layout::of(named, "XXX");
        let mut names = Vec::new();
        layout.names(0, &mut Cells::default(), |name| names.push(name.to_owned()));
        assert_eq!(names, expected, "{columns:?} {row:?}");
    }

    #[test]
    fn parts_in_columns_of_their_own_are_one_name() {
        let (anna, berg) = (Some("Anna Maria"), Some("von Berg"));
        check(&["first_name", "last_name"], &[anna, berg], &["von Berg, Anna Maria"]);
        check(&["LastName", "FirstName"], &[berg, anna], &["von Berg, Anna Maria"]);
        check(&["efternamn", "förnamn"], &[berg, None], &["von Berg,"]);
        check(&["efternamn", "förnamn"], &[None, anna], &["Anna Maria"]);
        check(&["fornavn", "mellomnavn", "etternavn"], &[Some("Kari"), Some("Moe"), Some("Dal")], &["Dal, Kari Moe"]);
        let two = ["first_name", "buyer_first_name", "last_name", "buyer_last_name"];
        check(&two, &[Some("Anna"), Some("Bo"), Some("Lind"), Some("Ek")], &["Lind, Anna", "Ek, Bo"]);
        check(
            &["first_name", "last_name", "display_name", "initials"],
            &[Some("Anna"), Some("Lind"), Some("Anna Lind"), Some("AL")],
            &["Lind, Anna", "Anna Lind"],
        );
    }

    #[test]
    fn names_in_one_column_stay_by_themselves() {
        check(&["name"], &[Some(" Anna Lind ")], &["Anna Lind"]);
        check(&["name", "next_of_kin"], &[Some("Anna Lind"), Some("Bo Ek")], &["Anna Lind", "Bo Ek"]);
        check(&["name", "search_name"], &[Some("Anna Åberg-Lind"), Some("ÅBERG")], &["Anna Åberg-Lind"]);
        check(&["name", "nickname"], &[Some("Anna Lind"), Some("Ankan")], &["Anna Lind", "Ankan"]);
        check(&["a", "b"], &[Some("Anna"), Some("Lind")], &["Anna Lind"]);
        check(&["name"], &[Some("Bo")], &["Bo"]);
        check(&["name"], &[None], &[]);
    }

    #[test]
    fn who_was_forgotten_has_no_name() {
        for replaced in ["XXX", " XXX ", "XXX-0af3", "XXX-abcdef", "", " ", "Kund 12", "Anna٣", "[name]", "[name 2]", "Anon"] {
            check(&["name"], &[Some(replaced)], &[]);
            check(&["first_name", "last_name"], &[Some(replaced), Some("XXX")], &[]);
        }
        check(&["first_name", "last_name"], &[Some("XXX"), Some("Lind")], &["Lind,"]);
        // Whose name only begins like the placeholder.
        check(&["name"], &[Some("XXXerxes Lind")], &["XXXerxes Lind"]);
    }
}
