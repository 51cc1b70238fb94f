//! Declared types: what a column of a declared type is read as.
//!
//! SQLite takes any words as a type and derives an affinity from them. gallra reads a column only where the words promise one type:
//!
//! | declared | read as |
//! |---|---|
//! | `INTEGER`, `INT`, `TINYINT`, `SMALLINT`, `MEDIUMINT`, `BIGINT`, `INT2`, `INT4`, `INT8`, with or without `UNSIGNED` or `BIG` | integer |
//! | `DECIMAL(p)`, `DECIMAL(p,s)`, the same with `NUMERIC` and `DEC`; 1 ≤ p ≤ 38, 0 ≤ s ≤ p | decimal |
//! | `REAL`, `DOUBLE`, `DOUBLE PRECISION`, `FLOAT`, `FLOAT4`, `FLOAT8` | float |
//! | `TEXT`, `CLOB`, `VARCHAR(n)`, `CHAR(n)`, `CHARACTER(n)`, `NVARCHAR(n)`, `NCHAR(n)`, `VARYING CHARACTER(n)`, `CHARACTER VARYING(n)`, `NATIVE CHARACTER(n)`, `TINYTEXT`, `MEDIUMTEXT`, `LONGTEXT` | text of at most n characters |
//! | `UUID` | text: its affinity is NUMERIC, and no UUID with hyphens reads as a number |
//! | `DATE` | date |
//! | `DATETIME`, `TIMESTAMP`, `TIMESTAMPTZ`, `TIMESTAMP WITH TIME ZONE`, `TIMESTAMP WITHOUT TIME ZONE` | timestamp |
//! | `BOOLEAN`, `BOOL` | boolean |
//! | `BLOB`, `BINARY(n)`, `VARBINARY(n)` | blob |
//! | anything else, a bare `DECIMAL` or `NUMERIC`, and no type at all | not supported |

use crate::store::ColumnType;

/// What a declared type says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Declared {
    /// What the column is read as.
    pub(super) data_type: ColumnType,
    /// Longest text in characters.
    pub(super) max_length: Option<usize>,
}

/// Reads a declared type by the table above. Case and spacing do not matter.
pub(super) fn read(declared: &str) -> Declared {
    let upper = declared.to_ascii_uppercase();
    let (words, arguments) = match upper.split_once('(') {
        Some((words, rest)) => (words, rest.trim_end().strip_suffix(')').unwrap_or(rest)),
        None => (upper.as_str(), ""),
    };
    let words: Vec<&str> = words.split_whitespace().collect();
    let arguments: Vec<Option<usize>> = match arguments.trim() {
        "" => Vec::new(),
        text => text.split(',').map(|argument| argument.trim().parse().ok()).collect(),
    };
    let plain = |data_type| Declared { data_type, max_length: None };
    match words.join(" ").as_str() {
        "INTEGER" | "INT" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "BIGINT" | "INT2" | "INT4" | "INT8" | "BIG INT" | "UNSIGNED BIG INT"
        | "UNSIGNED INT" | "UNSIGNED INTEGER" | "INT UNSIGNED" | "INTEGER UNSIGNED" | "BIGINT UNSIGNED" => plain(ColumnType::Integer),
        "DECIMAL" | "NUMERIC" | "DEC" => plain(decimal(&arguments)),
        "REAL" | "DOUBLE" | "DOUBLE PRECISION" | "FLOAT" | "FLOAT4" | "FLOAT8" => plain(ColumnType::Float),
        "TEXT" | "CLOB" | "VARCHAR" | "CHAR" | "CHARACTER" | "NVARCHAR" | "NCHAR" | "VARYING CHARACTER" | "CHARACTER VARYING"
        | "NATIVE CHARACTER" | "TINYTEXT" | "MEDIUMTEXT" | "LONGTEXT" => {
            Declared { data_type: ColumnType::Text, max_length: arguments.first().copied().flatten() }
        }
        "UUID" => plain(ColumnType::Text),
        "DATE" => plain(ColumnType::Date),
        "DATETIME" | "TIMESTAMP" | "TIMESTAMPTZ" | "TIMESTAMP WITH TIME ZONE" | "TIMESTAMP WITHOUT TIME ZONE" => {
            plain(ColumnType::Timestamp)
        }
        "BOOLEAN" | "BOOL" => plain(ColumnType::Boolean),
        "BLOB" | "BINARY" | "VARBINARY" => plain(ColumnType::Blob),
        _ => plain(ColumnType::Unsupported),
    }
}

/// A decimal of these arguments; not supported where they do not say a precision that Arrow can hold.
fn decimal(arguments: &[Option<usize>]) -> ColumnType {
    let (precision, scale) = match *arguments {
        [Some(precision)] => (precision, 0),
        [Some(precision), Some(scale)] => (precision, scale),
        _ => return ColumnType::Unsupported,
    };
    match (u8::try_from(precision), i8::try_from(scale)) {
        (Ok(precision @ 1..=38), Ok(scale)) if scale.unsigned_abs() <= precision => ColumnType::Decimal { precision, scale },
        _ => ColumnType::Unsupported,
    }
}

/// The affinity that SQLite gives a declared type, as a type name of that affinity.
///
/// Source of the rule: SQLite's documentation, "Determination Of Column Affinity".
pub(super) fn affinity(declared: &str) -> &'static str {
    let upper = declared.to_ascii_uppercase();
    let has = |part: &str| upper.contains(part);
    if has("INT") {
        "INTEGER"
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        "TEXT"
    } else if has("BLOB") || upper.trim().is_empty() {
        "BLOB"
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        "REAL"
    } else {
        "NUMERIC"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declared_types_are_read_by_the_table() {
        let cases = [
            ("INTEGER", ColumnType::Integer, None),
            ("int(11)", ColumnType::Integer, None),
            ("Unsigned  Big Int", ColumnType::Integer, None),
            ("DECIMAL(10,2)", ColumnType::Decimal { precision: 10, scale: 2 }, None),
            ("numeric( 12 , 3 )", ColumnType::Decimal { precision: 12, scale: 3 }, None),
            ("DECIMAL(5)", ColumnType::Decimal { precision: 5, scale: 0 }, None),
            ("DECIMAL", ColumnType::Unsupported, None),
            ("DECIMAL(39,2)", ColumnType::Unsupported, None),
            ("DECIMAL(4,5)", ColumnType::Unsupported, None),
            ("DECIMAL(4,-1)", ColumnType::Unsupported, None),
            ("double precision", ColumnType::Float, None),
            ("VARCHAR(40)", ColumnType::Text, Some(40)),
            ("nvarchar(7)", ColumnType::Text, Some(7)),
            ("CLOB", ColumnType::Text, None),
            ("uuid", ColumnType::Text, None),
            ("date", ColumnType::Date, None),
            ("DATETIME", ColumnType::Timestamp, None),
            ("TIMESTAMP(6)", ColumnType::Timestamp, None),
            ("Bool", ColumnType::Boolean, None),
            ("blob", ColumnType::Blob, None),
            ("", ColumnType::Unsupported, None),
            ("JSON", ColumnType::Unsupported, None),
            ("MONEY", ColumnType::Unsupported, None),
        ];
        for (declared, data_type, max_length) in cases {
            assert_eq!(read(declared), Declared { data_type, max_length }, "{declared}");
        }
    }

    /// The witness is SQLite: what a column of the declared type makes of `'1'` and `1.0` tells its affinity.
    #[test]
    fn affinity_is_the_one_that_sqlite_uses() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for declared in
            ["INTEGER", "DECIMAL(10,2)", "VARCHAR(3)", "CLOB", "BLOB", "", "DOUBLE", "DATE", "POINT", "CHARINT", "BOOLEAN", "NUMERIC"]
        {
            connection.execute_batch("DROP TABLE IF EXISTS a; DROP TABLE IF EXISTS b;").unwrap();
            connection.execute_batch(&format!("CREATE TABLE a (x {declared}); CREATE TABLE b (x {});", affinity(declared))).unwrap();
            let outcome = |table: &str| -> Vec<String> {
                connection
                    .execute_batch(&format!("INSERT INTO {table} VALUES ('1'), (1.0), (1.5), (1), ('x'), (x'31'), (9e99), ('1e3')"))
                    .unwrap();
                let mut statement = connection.prepare(&format!("SELECT typeof(x) || ':' || x FROM {table} ORDER BY rowid")).unwrap();
                statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
            };
            assert_eq!(outcome("a"), outcome("b"), "{declared}");
        }
    }
}
