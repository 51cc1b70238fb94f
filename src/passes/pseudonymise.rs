//! Pseudonymisation: replacements and row tokens under keyed hashes (HMAC-SHA-256, GDPR article 4(5)).

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, FixedSizeBinaryArray};
use arrow::datatypes::DataType;

use crate::kernels::KernelError;
use crate::kernels::cast::to_text;
use crate::kernels::derived::{self, DerivedShape};
use crate::kernels::pseudonym;
use crate::keys::DerivedKey;
use crate::pipeline::Shape;

/// Replacements that differ from row to row, derived from the row's key and never from the value that goes.
pub fn derived(
    keys: &[ArrayRef],
    key: &DerivedKey,
    domain: &str,
    shape: Shape,
    limit: Option<usize>,
    placeholder: &str,
) -> Result<ArrayRef, KernelError> {
    let tokens = row_tokens(keys, key, domain)?;
    derived::derived(&tokens, &kernel_shape(shape, limit, placeholder), limit)
}

/// What such a replacement looks like: to ask a database beforehand whether it takes it.
pub fn example(shape: Shape, limit: Option<usize>, placeholder: &str) -> Option<String> {
    let token = FixedSizeBinaryArray::try_from_iter([[0x5a_u8; 16]].iter()).ok()?;
    let cells = derived::derived(&token, &kernel_shape(shape, limit, placeholder), limit).ok()?;
    match cells.as_binary_opt::<i32>() {
        // Bytes that are letters: a text that both databases read as themselves.
        Some(bytes) => String::from_utf8(bytes.value(0).to_vec()).ok(),
        None => to_text(&cells).ok().map(|text| text.value(0).to_owned()),
    }
}

fn kernel_shape(shape: Shape, limit: Option<usize>, placeholder: &str) -> DerivedShape {
    match shape {
        Shape::Text => DerivedShape::Text { prefix: prefix(placeholder, limit) },
        Shape::Email => DerivedShape::Email,
        Shape::Digits => DerivedShape::Digits,
        Shape::Integer => DerivedShape::Integer,
        Shape::Decimal { precision, scale } => DerivedShape::Decimal { precision, scale },
        Shape::Uuid => DerivedShape::Uuid,
        Shape::Bytes => DerivedShape::Bytes,
    }
}

/// The placeholder and a hyphen, as far as the column has room beside the 16 characters that make collisions a matter of theory.
fn prefix(placeholder: &str, limit: Option<usize>) -> String {
    let wanted = format!("{placeholder}-");
    let room = limit.map_or(usize::MAX, |limit| limit.saturating_sub(16));
    if wanted.chars().count() <= room { wanted } else { String::new() }
}

/// A token per row; null where a key cell is NULL. Key types without a canonical form go by their text.
pub fn row_tokens(keys: &[ArrayRef], key: &DerivedKey, domain: &str) -> Result<FixedSizeBinaryArray, KernelError> {
    let mut canonical = Vec::with_capacity(keys.len());
    for cells in keys {
        canonical.push(match cells.data_type() {
            DataType::Int64 | DataType::Utf8 | DataType::Decimal128(..) | DataType::Binary | DataType::Date32 => cells.clone(),
            _ => Arc::new(to_text(cells)?) as ArrayRef,
        });
    }
    pseudonym::tokens(&canonical, key, domain)
}
