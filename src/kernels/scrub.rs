//! Applies a scrubber of free text to every cell of a column and keeps to the column's length.

use std::borrow::Cow;

use arrow::array::{Array, StringArray};

use super::KernelError;
use super::text::TextColumn;

/// Every text as `scrubber` returns it, cut to `max_length` characters; null where it returns none. Nulls stay null.
///
/// The scrubber gets the row (from 0) and its text, and replaces what must go, usually by a
/// placeholder in brackets such as `[phone]`. Where a placeholder does not fit any more, all of it
/// is dropped with what follows: half a placeholder would never be recognised again.
///
/// The result is stable if the scrubber is: a scrubber that leaves its own results (and their
/// beginnings) alone finds nothing to do in a second pass.
///
/// ```
/// use std::borrow::Cow;
///
/// use arrow::array::StringArray;
/// use gallra::kernels::scrub::scrub;
///
/// fn hide(_row: usize, text: &str) -> Option<Cow<'_, str>> {
///     Some(Cow::Owned(text.replace("070-1740605", "[phone]")))
/// }
///
/// let notes = StringArray::from(vec![Some("ring 070-1740605"), Some("paid"), None]);
/// let whole = scrub(&notes, Some(20), hide)?;
/// assert_eq!(whole, StringArray::from(vec![Some("ring [phone]"), Some("paid"), None]));
/// assert_eq!(scrub(&notes, Some(11), hide)?.value(0), "ring ");
/// # Ok::<(), gallra::kernels::KernelError>(())
/// ```
///
/// # Errors
/// [`KernelError::TooLarge`] if the texts together pass 2 GiB.
pub fn scrub(
    array: &StringArray,
    max_length: Option<usize>,
    scrubber: impl for<'a> Fn(usize, &'a str) -> Option<Cow<'a, str>>,
) -> Result<StringArray, KernelError> {
    let mut column = TextColumn::new("scrub", array.len());
    for (row, text) in array.iter().enumerate() {
        let Some(text) = text else {
            column.push(None)?;
            continue;
        };
        let scrubbed = scrubber(row, text);
        column.push(scrubbed.as_deref().map(|scrubbed| match max_length {
            Some(characters) => cut(scrubbed, characters),
            None => scrubbed,
        }))?;
    }
    Ok(column.finish())
}

/// The first `characters` characters, fewer if the cut would fall inside a placeholder.
fn cut(text: &str, characters: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(characters) else {
        return text;
    };
    let (head, tail) = text.split_at(end);
    match head.rfind(['[', ']']) {
        Some(open) if head[open..].starts_with('[') => {
            // Open at the cut; a placeholder only if it closes again before another one opens.
            let next = tail.find(['[', ']']);
            if next.is_some_and(|next| tail[next..].starts_with(']')) { &head[..open] } else { head }
        }
        _ => head,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hide<'a>(_: usize, text: &'a str) -> Option<Cow<'a, str>> {
        Some(if text.contains("555-0100") { Cow::Owned(text.replace("555-0100", "[phone]")) } else { Cow::Borrowed(text) })
    }

    #[test]
    fn a_placeholder_is_kept_whole_or_dropped_whole() {
        let check = |text: &str, characters: usize, expected: &str| {
            assert_eq!(cut(text, characters), expected, "{text} at {characters}");
        };
        for characters in 3..10 {
            check("åb [phone] c", characters, "åb ");
        }
        check("åb [phone] c", 10, "åb [phone]");
        check("åb [phone] c", 11, "åb [phone] ");
        check("åb [phone] c", 2, "åb");
        check("åb [phone] c", 99, "åb [phone] c");
        for characters in 3..12 {
            check("åb [phone 1] c", characters, "åb ");
        }
        check("åb [phone 1] c", 12, "åb [phone 1]");
        check("[phone]", 6, "");
        check("[phone]", 7, "[phone]");
        check("[a][b]", 4, "[a]");
        check("[a][b]", 3, "[a]");
        check("[never closed", 5, "[neve");
        check("[one [two]", 6, "[one ");
        check("[one [two]", 3, "[on");
        check("a] b", 3, "a] ");
        check("", 0, "");
        check("å", 0, "");
    }

    #[test]
    fn nulls_pass_and_rows_are_numbered() {
        let notes = StringArray::from(vec![Some("a"), None, Some("c")]);
        let found = scrub(&notes, None, |row, text| Some(Cow::Owned(format!("{row}{text}")))).unwrap();
        assert_eq!(found, StringArray::from(vec![Some("0a"), None, Some("2c")]));
        let dropped = scrub(&notes, None, |row, text| (row > 0).then_some(Cow::Borrowed(text))).unwrap();
        assert_eq!(dropped, StringArray::from(vec![None, None, Some("c")]));
    }

    proptest! {
        #[test]
        fn the_result_fits_has_no_half_placeholder_and_is_stable(
            pieces in prop::collection::vec("(555-0100|[aå ]{0,3})", 0..8),
            characters in 0_usize..40,
        ) {
            let text = pieces.concat();
            let once = scrub(&StringArray::from(vec![text.clone()]), Some(characters), hide).unwrap();
            let result = once.value(0);
            let whole = text.replace("555-0100", "[phone]");
            prop_assert!(result.chars().count() <= characters);
            prop_assert!(whole.starts_with(result));
            prop_assert_eq!(result.matches('[').count(), result.matches(']').count());
            // Nothing that fits is dropped: what comes next is a placeholder or one letter too many.
            let rest = &whole[result.len()..];
            let next = if rest.starts_with('[') { "[phone]".len() } else { 1 };
            prop_assert!(rest.is_empty() || result.chars().count() + next > characters);
            let twice = scrub(&once, Some(characters), hide).unwrap();
            prop_assert_eq!(twice, once);
        }
    }
}
