//! What the store knows of each table beyond the [`Catalog`](crate::store::Catalog): where its rows are, how its columns travel, and what
//! else the server does with them.
//!
//! A table of the catalog is one or more physical tables, its [`Part`]s:
//!
//! - an ordinary table is its own only part;
//! - a partitioned table's parts are its leaf partitions, however deep, and partitions are no tables of their own;
//! - a table that others inherit from has itself and every child with exactly the same columns as parts. A child with further columns is a
//!   table of its own, and the parent is read without it; so is a child of several parents.
//!
//! Parts are read with `ONLY`, so that each row is read once.

use std::collections::BTreeMap;

use super::copy::Wire;

/// The physical side of all tables, and what surrounds them.
#[derive(Debug, Clone, Default)]
pub struct Relations {
    /// By the catalog's table name.
    pub(super) tables: BTreeMap<String, Relation>,
    /// Views, by catalog name. They hold nothing.
    pub views: Vec<String>,
    /// Materialized views, each after those that it depends on: refreshed in this order, every one sees fresh rows.
    pub materialized_views: Vec<MaterializedView>,
    /// Triggers and rules that can copy a changed or deleted row to another place, by table and name.
    pub copying_triggers: Vec<CopyingTrigger>,
    /// The server's settings by which it writes statements into its log, as `name = value`.
    pub statement_logging: Vec<String>,
}

impl Relations {
    /// The relation of a table of the catalog.
    pub fn get(&self, table: &str) -> Option<&Relation> {
        self.tables.get(table)
    }

    /// All relations, by catalog name.
    pub fn iter(&self) -> impl Iterator<Item = &Relation> {
        self.tables.values()
    }
}

/// How the rows of a table are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// In one physical table.
    Ordinary,
    /// In partitions.
    Partitioned,
    /// In a table and in children that inherit exactly its columns.
    Inherited,
}

/// A table of the catalog as the server has it.
#[derive(Debug, Clone)]
pub struct Relation {
    /// Its name in the catalog.
    pub name: String,
    /// Its schema.
    pub schema: String,
    /// Its name in the schema.
    pub relation: String,
    /// Its object identifier.
    pub oid: u32,
    /// How its rows are kept.
    pub kind: RelationKind,
    /// The physical tables that hold its rows, by schema and name. None for a partitioned table without partitions.
    pub parts: Vec<Part>,
    /// Its columns, in the order of the catalog's.
    pub columns: Vec<RelationColumn>,
    /// Its checks, in the order of the catalog's.
    pub checks: Vec<RelationCheck>,
    /// Its row security.
    pub row_security: RowSecurity,
}

/// A physical table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Its schema.
    pub schema: String,
    /// Its name in the schema.
    pub relation: String,
    /// Its object identifier.
    pub oid: u32,
    /// Its size in pages when the catalog was read; it may have grown since.
    pub pages: u32,
}

/// How a column is read and written.
///
/// It is selected as it is, or with a cast, and sent in the binary form that `wire` decodes.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationColumn {
    /// Its name.
    pub name: String,
    /// Its type with all modifiers, as `format_type` spells it: what a value is cast to when it is written.
    pub type_name: String,
    /// The type below its domains, or the type itself where it is none.
    pub base_type_name: String,
    /// Its type on the wire, after the cast.
    pub wire: Wire,
    /// The type to cast to when reading.
    pub cast: Option<String>,
    /// Whether texts that differ in case alone can be equal: `citext`, or a collation that is not deterministic.
    pub case_insensitive: bool,
    /// Whether it is in the partition key of its table or of a partition: writing it could move the row.
    pub partition_key: bool,
    /// Whether it is an identity column that the server never lets be assigned.
    pub identity_always: bool,
    /// For a generated column, the columns that it is computed from: it follows them by itself.
    pub computed_from: Vec<usize>,
}

/// Where a check comes from, and which rows it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationCheck {
    /// Its origin.
    pub origin: CheckOrigin,
    /// The parts that have it, by object identifier, where not all have.
    pub parts: Option<Vec<u32>>,
}

/// Where a check comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOrigin {
    /// A CHECK of the table, or of the domain that a column's type is.
    Declared,
    /// The type of a column that takes some texts alone, such as an enumeration.
    Type,
}

/// Row security of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowSecurity {
    /// Whether it is switched on, for the table or one of its parts.
    pub declared: bool,
    /// Whether it holds for the table's owner as well.
    pub forced: bool,
    /// Whether it can hide rows from the role that is connected.
    pub hides_rows: bool,
}

/// A view that keeps a copy of what it selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaterializedView {
    /// Its name, as a table of the catalog would be named.
    pub name: String,
    /// Its schema.
    pub schema: String,
    /// Its name in the schema.
    pub relation: String,
    /// Its object identifier.
    pub oid: u32,
    /// The tables of the catalog that it selects from, through other views as well; sorted.
    pub tables: Vec<String>,
    /// Whether it can be refreshed without locking out its readers: it has rows, and a unique index over columns for all of them.
    pub concurrently: bool,
    /// Whether the role that is connected may refresh it.
    pub may_refresh: bool,
}

/// A trigger or rule that can copy what is changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyingTrigger {
    /// The table of the catalog that it is on.
    pub table: String,
    /// Its name.
    pub name: String,
    /// Its function with its schema; `None` for a rule.
    pub function: Option<String>,
    /// Whether the rule runs in place of the statement, which then changes nothing itself.
    pub instead: bool,
    /// The tables of the catalog that it writes, sorted; its own table among them where it does.
    pub targets: Vec<String>,
    /// Whether it can write to places that its text does not tell: dynamic SQL, another language, a table that the catalog does not have.
    pub targets_unknown: bool,
    /// Whether its text names the row as it was before.
    pub uses_old: bool,
    /// Whether its text names the statement that fired it.
    pub uses_query_text: bool,
    /// Whether its function is in a language that is understood.
    pub understood: bool,
}
