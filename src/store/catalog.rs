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
    /// Longest text in characters, or most digits of a whole number, where the declaration limits it.
    pub max_length: Option<usize>,
    /// Whether the store computes it from others; such a column is read and never written, and follows them by itself.
    pub generated: bool,
    /// Why the store lets nobody assign it, where that is so.
    pub fixed: Option<&'static str>,
    /// Whether texts that differ in case alone can be equal in it.
    pub case_insensitive: bool,
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
    /// Whether the store enforces it for all rows: some of a table's partitions may lack it.
    pub everywhere: bool,
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
    /// Keys that are unique among some of the rows alone (an index with `WHERE`): two constants can collide in them, and nothing can point at them.
    pub partial_unique: Vec<Vec<usize>>,
    /// Columns of unique keys in which two NULLs are equal.
    pub equal_nulls: Vec<usize>,
    /// Foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// CHECK constraints.
    pub checks: Vec<Check>,
    /// Whether rows have a hidden row number (SQLite's rowid) by which they can be addressed.
    pub has_row_number: bool,
    /// Whether triggers or rules of the store run when its rows are updated, so that a row can be another afterwards than the statement made
    /// it. Only said where [`Batch::update_unchanged`](super::Batch::update_unchanged) is offered.
    pub reacts: bool,
}

impl Table {
    /// The index of a column: of that very name, or else of the first that differs in case alone.
    pub fn column(&self, name: &str) -> Option<usize> {
        let exactly = self.columns.iter().position(|column| column.name == name);
        exactly.or_else(|| self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name)))
    }

    /// Whether rows must differ in a column, by itself or beside others of its key, and be it in some of the rows alone.
    pub fn tells_rows_apart(&self, column: usize) -> bool {
        self.unique.iter().chain(&self.partial_unique).any(|key| key.contains(&column))
    }

    /// Whether a column has that very name.
    pub fn has_column(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }
}

/// A trigger or rule of the database that can copy what is changed or deleted to another place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copying {
    /// The table that it is on.
    pub table: String,
    /// Its name.
    pub name: String,
    /// The tables of the catalog that it writes, other than its own.
    pub targets: Vec<String>,
    /// Whether it can write to places that can not be known.
    pub elsewhere: bool,
    /// Whether it is a rule that runs in place of the statement, which then changes nothing.
    pub instead: bool,
}

/// All tables of a store, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The tables, sorted by name. gallra's own (`gallra_…`) and the store's internal ones are left out.
    pub tables: Vec<Table>,
    /// Tables that hold copies of data in a form that is not read (virtual tables such as full-text indexes), sorted by name.
    pub unreadable: Vec<String>,
    /// Views: they hold nothing of their own.
    pub views: Vec<String>,
    /// What copies changed or deleted rows, by table and name, as far as the store tells.
    pub copying: Vec<Copying>,
}

impl Catalog {
    /// The table of a name: of that very name, or else the first that differs in case alone.
    pub fn table(&self, name: &str) -> Option<&Table> {
        let exactly = self.tables.iter().find(|table| table.name == name);
        exactly.or_else(|| self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name)))
    }
}
