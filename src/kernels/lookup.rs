//! Replaces texts by what a table says of them.

use arrow::array::{Array, StringArray};

use super::KernelError;
use super::text::TextColumn;

/// Every text replaced by what `find` says of it. Nulls stay null, and so does a text of which it says nothing.
///
/// ```
/// use arrow::array::{Array, StringArray};
/// use gallra::kernels::lookup::lookup;
///
/// let codes = StringArray::from(vec![Some("62.01"), Some("?"), None]);
/// let sections = lookup(&codes, |code| code.starts_with("62").then_some("J"))?;
/// assert_eq!(sections, StringArray::from(vec![Some("J"), None, None]));
/// # Ok::<(), gallra::kernels::KernelError>(())
/// ```
///
/// # Errors
/// [`KernelError::TooLarge`].
pub fn lookup<'a>(cells: &StringArray, find: impl Fn(&str) -> Option<&'a str>) -> Result<StringArray, KernelError> {
    let mut column = TextColumn::new("lookup", cells.len());
    for cell in cells {
        column.push(cell.and_then(&find))?;
    }
    Ok(column.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cells_give_none_and_every_cell_is_asked_for() {
        assert_eq!(lookup(&StringArray::from(Vec::<&str>::new()), |_| Some("x")).unwrap().len(), 0);
        let cells = StringArray::from(vec![Some("a"), Some(""), None, Some("a")]);
        let found = lookup(&cells, |cell| if cell.is_empty() { Some("empty") } else { None }).unwrap();
        assert_eq!(found, StringArray::from(vec![None, Some("empty"), None, None]));
    }
}
