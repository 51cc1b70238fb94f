//! Shortens texts: to a column's length, and postcodes to their area.

use std::borrow::Cow;

use arrow::array::StringArray;

/// The first `characters` characters of every text; shorter texts and nulls stay as they are.
///
/// A character is a Unicode scalar value, as `VARCHAR(n)` counts them.
///
/// ```
/// use arrow::array::StringArray;
/// use gallra::kernels::truncate::truncate_text;
///
/// let names = StringArray::from(vec![Some("Åsgård"), None]);
/// assert_eq!(truncate_text(&names, 3), StringArray::from(vec![Some("Åsg"), None]));
/// ```
#[must_use]
pub fn truncate_text(array: &StringArray, characters: usize) -> StringArray {
    // The result is never larger than the array, so its offsets never overflow.
    array.iter().map(|text| text.map(|text| head(text, characters))).collect()
}

/// The first `characters` characters that are not blank: the area of a postcode. Nulls stay null.
///
/// Blanks are dropped everywhere, so that `123 45`, `12345` and ` 12 345` share one area.
///
/// ```
/// use arrow::array::StringArray;
/// use gallra::kernels::truncate::prefix;
///
/// let postcodes = StringArray::from(vec!["123 45", "SW1A 1AA"]);
/// assert_eq!(prefix(&postcodes, 2), StringArray::from(vec!["12", "SW"]));
/// ```
#[must_use]
pub fn prefix(array: &StringArray, characters: usize) -> StringArray {
    array.iter().map(|text| text.map(|text| area(text, characters))).collect()
}

fn head(text: &str, characters: usize) -> &str {
    match text.char_indices().nth(characters) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

fn area(text: &str, characters: usize) -> Cow<'_, str> {
    let start = head(text, characters);
    if start.contains(char::is_whitespace) {
        let solid = text.chars().filter(|letter| !letter.is_whitespace());
        Cow::Owned(solid.take(characters).collect())
    } else {
        Cow::Borrowed(start)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn postcodes_of_several_countries() {
        let check = |postcode: &str, characters: usize, expected: &str| {
            let found = prefix(&StringArray::from(vec![postcode]), characters);
            assert_eq!(found.value(0), expected);
        };
        check("123 45", 2, "12");
        check("123 45", 4, "1234");
        check("1\u{a0}23\u{2009}45", 3, "123");
        check("  0150", 2, "01");
        check("SE-123 45", 4, "SE-1");
        check("12", 3, "12");
        check(" ", 2, "");
        check("12345", 0, "");
    }

    #[test]
    fn characters_are_counted_and_not_bytes() {
        let array = StringArray::from(vec![Some("a😀b"), Some("Ö"), Some(""), None]);
        let expected = StringArray::from(vec![Some("a😀"), Some("Ö"), Some(""), None]);
        assert_eq!(truncate_text(&array, 2), expected);
        assert_eq!(truncate_text(&array, usize::MAX), array);
    }

    proptest! {
        #[test]
        fn both_agree_with_collecting_characters_and_repeat_without_effect(
            rows in prop::collection::vec(any::<Option<String>>(), 0..20),
            spaced in prop::collection::vec("[0-9 \u{a0}å]{0,9}", 0..20),
            characters in 0_usize..8,
        ) {
            let rows: Vec<_> = rows.into_iter().chain(spaced.into_iter().map(Some)).collect();
            let array = StringArray::from(rows.clone());
            let take = |blanks: bool| -> StringArray {
                rows.iter()
                    .map(|text| {
                        text.as_ref().map(|text| {
                            text.chars()
                                .filter(|letter| blanks || !letter.is_whitespace())
                                .take(characters)
                                .collect::<String>()
                        })
                    })
                    .collect()
            };
            let truncated = truncate_text(&array, characters);
            prop_assert_eq!(&truncated, &take(true));
            prop_assert_eq!(&truncate_text(&truncated, characters), &truncated);
            let areas = prefix(&array, characters);
            prop_assert_eq!(&areas, &take(false));
            prop_assert_eq!(&prefix(&areas, characters), &areas);
        }
    }
}
