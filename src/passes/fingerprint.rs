//! Keyed fingerprints of rows: whether a row is still as it was, without keeping what it was.

use arrow::array::{Array, ArrayRef, StringArray};

use crate::kernels::KernelError;
use crate::kernels::cast::to_text;
use crate::keys::{DerivedKey, Token};
use crate::pipeline::{Category, ColumnIndex, ScopedTable, Treatment};

/// The columns that a table's rows are compared by: all that were read, because a rule, a treatment or a set needs them.
pub fn compared_columns(read: &[Option<ArrayRef>]) -> Vec<ColumnIndex> {
    (0..read.len()).filter(|column| read[*column].is_some()).collect()
}

/// The columns of a category's own row that make its version in the journal: those that are treated and those that start its clocks. What a
/// trigger touches beside them restarts nothing.
pub fn version_columns(table: &ScopedTable, category: &Category) -> Vec<ColumnIndex> {
    let clocks: Vec<ColumnIndex> = category.retention.iter().flat_map(|rule| rule.own.iter().chain(rule.start.iter())).copied().collect();
    let counts = |column: &ColumnIndex| table.columns[*column].treatment != Treatment::Keep || clocks.contains(column);
    (0..table.columns.len()).filter(counts).collect()
}

/// One fingerprint per row over some columns, in their order.
pub fn fingerprints(cells: &[&ArrayRef], rows: usize, key: &DerivedKey, domain: &str) -> Result<Vec<Token>, KernelError> {
    let texts: Vec<StringArray> = cells.iter().map(|cells| to_text(cells)).collect::<Result<_, _>>()?;
    let mut encoded = Vec::new();
    let mut fingerprints = Vec::with_capacity(rows);
    for row in 0..rows {
        encoded.clear();
        for text in &texts {
            if text.is_null(row) {
                encoded.push(0);
            } else {
                let value = text.value(row).as_bytes();
                encoded.push(1);
                encoded.extend_from_slice(&(value.len() as u64).to_be_bytes());
                encoded.extend_from_slice(value);
            }
        }
        fingerprints.push(key.token(&[domain.as_bytes(), &encoded]));
    }
    Ok(fingerprints)
}

/// Fingerprints of many rows as one value, whatever the rows' order; equal multisets of rows give equal values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Multiset {
    rows: u64,
    sum: u128,
}

impl Multiset {
    /// Number and sum as bytes, for a fingerprint over several.
    pub fn to_bytes(self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.rows.to_be_bytes());
        bytes[8..].copy_from_slice(&self.sum.to_be_bytes());
        bytes
    }

    /// The number of rows.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// One of the rows has another fingerprint now.
    pub fn replace(&mut self, old: Token, new: Token) {
        self.sum = self.sum.wrapping_sub(u128::from_be_bytes(*old.as_bytes())).wrapping_add(u128::from_be_bytes(*new.as_bytes()));
    }

    /// One of the rows is gone.
    pub fn remove(&mut self, fingerprint: Token) {
        self.rows = self.rows.saturating_sub(1);
        self.sum = self.sum.wrapping_sub(u128::from_be_bytes(*fingerprint.as_bytes()));
    }

    /// Adds a row.
    pub fn add(&mut self, fingerprint: Token) {
        self.rows += 1;
        self.sum = self.sum.wrapping_add(u128::from_be_bytes(*fingerprint.as_bytes()));
    }
}
