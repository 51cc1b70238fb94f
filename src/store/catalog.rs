//! What a store says of itself: tables, columns, keys, references and checks.
//!
//! Read once per run from the live store; the pipeline is resolved against it.

/// The type that a column's values take in Arrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// `Int64`.
    Integer,
    /// `Decimal128(precision, scale)`.
    Decimal {
        /// Total digits, at most 38.
        precision: u8,
        /// Digits after the point.
        scale: i8,
    },
    /// `Float64`.
    Float,
    /// `Utf8`.
    Text,
    /// `Date32`.
    Date,
    /// `Timestamp(Microsecond, "UTC")`: the instant; civil times are read in the pipeline's `timestamps` zone.
    Timestamp,
    /// `Boolean`.
    Boolean,
    /// `Binary`.
    Blob,
    /// A declared type that is not read. The catalog still lists its table, since it may be out of scope; reading the column is an error.
    Unsupported,
}

impl ColumnType {
    /// The Arrow type of the column.
    pub fn arrow(self) -> arrow::datatypes::DataType {
        use arrow::datatypes::{DataType, TimeUnit};
        match self {
            Self::Integer => DataType::Int64,
            Self::Decimal { precision, scale } => DataType::Decimal128(precision, scale),
            Self::Float => DataType::Float64,
            Self::Text => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Boolean => DataType::Boolean,
            Self::Blob => DataType::Binary,
            Self::Unsupported => DataType::Null,
        }
    }

    /// Whether the type can start a retention clock.
    pub fn is_temporal(self) -> bool {
        matches!(self, Self::Date | Self::Timestamp)
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, as the store spells it.
    pub name: String,
    /// Its declared type, as the store spells it.
    pub declared: String,
    /// The type its values take.
    pub data_type: ColumnType,
    /// Whether NULL is allowed.
    pub nullable: bool,
    /// Longest text in characters, where the declaration limits it.
    pub max_length: Option<usize>,
    /// Whether the store computes it; such a column is read and never written.
    pub generated: bool,
}

/// A foreign key that the store declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its columns, as indices into [`Table::columns`].
    pub columns: Vec<usize>,
    /// The table pointed at.
    pub to: String,
    /// The columns pointed at, pairwise with `columns`.
    pub to_columns: Vec<String>,
    /// Whether deleting the row pointed at would delete or change this one (`CASCADE`, `SET NULL`, `SET DEFAULT`).
    pub deletes_silently: bool,
}

/// A CHECK constraint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its expression, in the store's SQL; empty where the table's declaration can not be read, which makes evaluating it an error.
    pub expression: String,
    /// The columns it names, as indices into [`Table::columns`]; every column where the declaration can not be read.
    pub columns: Vec<usize>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name, as the store spells it.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The primary key's columns; empty where there is none.
    pub primary_key: Vec<usize>,
    /// Unique keys other than the primary key.
    pub unique: Vec<Vec<usize>>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// CHECK constraints.
    pub checks: Vec<Check>,
    /// Whether rows have a hidden row number (SQLite's rowid) by which they can be addressed.
    pub has_row_number: bool,
}

impl Table {
    /// The index of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
    }
}

/// All tables of a store, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The tables, sorted by name. gallra's own (`gallra_…`) and the store's internal ones are left out.
    pub tables: Vec<Table>,
    /// Tables that hold copies of data in a form that is not read (virtual tables such as full-text indexes), sorted by name.
    pub unreadable: Vec<String>,
}

impl Catalog {
    /// The table of a name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }
}
