//! Why a kernel refused.

use arrow::datatypes::DataType;
use thiserror::Error;

/// A kernel's refusal. Rows count from 0 within the array. No variant carries a cell's value, and
/// Arrow's own messages, which may quote one, are not passed on.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum KernelError {
    /// The kernel has no rule for the type.
    #[error("kernel `{kernel}` does not support type `{data_type}`")]
    UnsupportedType {
        /// The kernel's name.
        kernel: &'static str,
        /// The array's type.
        data_type: DataType,
    },
    /// Two arrays that belong together are of different types.
    #[error("kernel `{kernel}` needs type `{expected}`, found `{found}`")]
    UnequalTypes {
        /// The kernel's name.
        kernel: &'static str,
        /// The type that the other argument has.
        expected: DataType,
        /// The type found.
        found: DataType,
    },
    /// Two arrays that belong together are of different lengths.
    #[error("kernel `{kernel}` needs {expected} rows, found {found}")]
    UnequalLengths {
        /// The kernel's name.
        kernel: &'static str,
        /// The length that the other argument has.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// One cell can not be treated.
    #[error("kernel `{kernel}`: row {row} of type `{data_type}` {reason}")]
    Cell {
        /// The kernel's name.
        kernel: &'static str,
        /// The array's type.
        data_type: DataType,
        /// The row, from 0.
        row: usize,
        /// What is wrong with it: a verb phrase.
        reason: &'static str,
    },
    /// A constant does not fit the column that it should fill.
    #[error("the constant for type `{data_type}` {reason}")]
    Constant {
        /// The column's type.
        data_type: DataType,
        /// What is wrong with it: a verb phrase.
        reason: &'static str,
    },
    /// The result would pass the 2 GiB that one array of texts or bytes can hold.
    #[error("kernel `{kernel}`: row {row} makes the array larger than 2 GiB")]
    TooLarge {
        /// The kernel's name.
        kernel: &'static str,
        /// The first row that no longer fits.
        row: usize,
    },
    /// A column is too short for a replacement that is unique.
    #[error("a unique replacement needs a length of {needed}, the column has {max_length}")]
    TooShort {
        /// The column's length, in characters or digits.
        max_length: usize,
        /// The least length that would do.
        needed: usize,
    },
    /// A pseudonym was asked for from no column.
    #[error("kernel `{kernel}` needs at least one key column")]
    NoKeyColumn {
        /// The kernel's name.
        kernel: &'static str,
    },
    /// Two keys got one pseudonym of 63 bits: rows of two subjects would look like one's.
    #[error("kernel `{kernel}`: two keys got the same integer as their pseudonym")]
    Collision {
        /// The kernel's name.
        kernel: &'static str,
    },
    /// Band edges are absent or do not ascend.
    #[error("the edges of bands must be at least one number, each above the one before")]
    InvalidEdges,
    /// A total leaves the range of its type.
    #[error("kernel `{kernel}`: the total of type `{data_type}` is out of range")]
    Overflow {
        /// The kernel's name.
        kernel: &'static str,
        /// The array's type.
        data_type: DataType,
    },
    /// Arrow could not put the result together.
    #[error("kernel `{kernel}` could not assemble an array of type `{data_type}`")]
    Assembly {
        /// The kernel's name.
        kernel: &'static str,
        /// The result's type.
        data_type: DataType,
    },
}

impl KernelError {
    pub(crate) fn unsupported(kernel: &'static str, data_type: &DataType) -> Self {
        Self::UnsupportedType { kernel, data_type: data_type.clone() }
    }

    pub(super) fn cell(kernel: &'static str, data_type: &DataType, row: usize, reason: &'static str) -> Self {
        Self::Cell { kernel, data_type: data_type.clone(), row, reason }
    }
}
