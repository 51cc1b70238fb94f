//! Builds a column of texts without ever passing the 2 GiB that its offsets can address.

use std::fmt;

use arrow::array::{StringArray, StringBuilder};

use super::KernelError;

/// The most bytes that the 32-bit offsets of a text or bytes array can address.
pub(super) const LARGEST: usize = i32::MAX as usize;

/// A growing column of texts. Arrow's builder panics when it overflows; this one gives an error.
pub(super) struct TextColumn {
    kernel: &'static str,
    builder: StringBuilder,
    /// Reused for every formatted row.
    line: String,
    rows: usize,
    bytes: usize,
}

impl TextColumn {
    pub(super) fn new(kernel: &'static str, rows: usize) -> Self {
        Self {
            kernel,
            builder: StringBuilder::with_capacity(rows, rows.saturating_mul(8).min(1 << 20)),
            line: String::new(),
            rows: 0,
            bytes: 0,
        }
    }

    pub(super) fn push(&mut self, text: Option<&str>) -> Result<(), KernelError> {
        self.bytes += text.map_or(0, str::len);
        if self.bytes > LARGEST {
            return Err(KernelError::TooLarge { kernel: self.kernel, row: self.rows });
        }
        self.rows += 1;
        self.builder.append_option(text);
        Ok(())
    }

    pub(super) fn push_formatted(&mut self, text: impl fmt::Display) -> Result<(), KernelError> {
        use fmt::Write;

        let mut line = std::mem::take(&mut self.line);
        line.clear();
        // Writing to a `String` fails only if the value's own `Display` does.
        let written = write!(line, "{text}").map_err(|_| KernelError::Cell {
            kernel: self.kernel,
            data_type: arrow::datatypes::DataType::Utf8,
            row: self.rows,
            reason: "can not be written as text",
        });
        let pushed = written.and_then(|()| self.push(Some(&line)));
        self.line = line;
        pushed
    }

    pub(super) fn finish(mut self) -> StringArray {
        self.builder.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_nulls_arrive_in_order() {
        let mut column = TextColumn::new("test", 3);
        column.push(Some("å")).unwrap();
        column.push(None).unwrap();
        column.push_formatted(format_args!("{:02}", 7)).unwrap();
        column.push_formatted("").unwrap();
        let expected = StringArray::from(vec![Some("å"), None, Some("07"), Some("")]);
        assert_eq!(column.finish(), expected);
    }

    #[test]
    fn too_much_text_is_an_error_and_names_the_row() {
        let mut column = TextColumn::new("test", 2);
        column.push(Some("a")).unwrap();
        column.bytes = LARGEST - 1;
        column.push(Some("b")).unwrap();
        assert_eq!(column.push(Some("c")), Err(KernelError::TooLarge { kernel: "test", row: 2 }));
    }
}
