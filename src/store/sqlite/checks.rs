//! CHECK constraints: found in a table's declaration, evaluated by SQLite itself.
//!
//! SQLite describes everything of a table but its checks. `CHECK` is a reserved word of SQLite, so that every unquoted `CHECK` in a
//! declaration that SQLite accepted starts a constraint, whose expression is what stands between the parentheses that follow. Only the
//! tokens of the declaration are therefore needed, and they come from sqlparser's tokeniser; its parser rejects some declarations that SQLite
//! takes, and would lose their checks. The expression is kept as it was typed, without comments.

use rusqlite::{Connection, params_from_iter};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};

use super::error::misuse;
use super::names::quoted;
use super::{Session, declared};
use crate::store::{Check, Column, StoreError, Table};

/// The tokens of a declaration, with texts and names left as they were typed, and comments turned into spaces.
fn tokens(sql: &str) -> Option<Vec<Token>> {
    let tokens = Tokenizer::new(&SQLiteDialect {}, sql).with_unescape(false).tokenize().ok()?;
    let plain = |token| match token {
        Token::Whitespace(_) => Token::Whitespace(Whitespace::Space),
        token => token,
    };
    Some(tokens.into_iter().map(plain).collect())
}

/// The checks of a table's declaration. Where the declaration can not be read, one check with an empty expression that names every column
/// stands for whatever there may be, and evaluating it is an error.
pub(super) fn of_declaration(sql: &str, columns: &[Column]) -> Vec<Check> {
    let unreadable = || vec![Check { expression: String::new(), columns: (0..columns.len()).collect() }];
    let Some(tokens) = tokens(sql) else {
        return unreadable();
    };
    let mut checks = Vec::new();
    let mut rest = tokens.as_slice();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if !matches!(first, Token::Word(word) if word.keyword == Keyword::CHECK && word.quote_style.is_none()) {
            continue;
        }
        let Some(expression) = parenthesised(after) else {
            return unreadable();
        };
        let text: String = expression.iter().map(ToString::to_string).collect();
        checks.push(Check { expression: text.trim().to_owned(), columns: named(expression, columns) });
    }
    checks
}

/// The columns that the declaration of an index names, in the table's order.
pub(super) fn of_index(sql: &str, columns: &[Column]) -> Vec<usize> {
    let tokens = tokens(sql).unwrap_or_default();
    // The names of the index and of its table stand before the first parenthesis.
    let start = tokens.iter().position(|token| *token == Token::LParen).unwrap_or(tokens.len());
    named(&tokens[start..], columns)
}

/// The tokens between the parenthesis that opens here and its counterpart.
fn parenthesised(tokens: &[Token]) -> Option<&[Token]> {
    let start = tokens.iter().position(|token| !matches!(token, Token::Whitespace(_)))?;
    if tokens[start] != Token::LParen {
        return None;
    }
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(start) {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return tokens.get(start + 1..index);
        }
    }
    None
}

/// The columns whose names stand among the tokens. A function of a column's name counts too: one check too many is evaluated then.
fn named(tokens: &[Token], columns: &[Column]) -> Vec<usize> {
    let mut found: Vec<usize> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Word(word) => Some(match word.quote_style {
                Some(quote @ ('"' | '`')) => word.value.replace(&format!("{quote}{quote}"), &quote.to_string()),
                _ => word.value.clone(),
            }),
            _ => None,
        })
        .filter_map(|name| columns.iter().position(|column| column.name.eq_ignore_ascii_case(&name)))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// How many rows would fail each check that names one of the columns, were they all set to these constants.
///
/// The constants pass through a temporary table (in memory) whose columns have the affinity and collation of the table's, since a text that
/// is stored in an integer column becomes a number before the check sees it. A generated column keeps the value it has.
pub(super) fn failing(
    session: &Session,
    connection: &Connection,
    table: &Table,
    constants: &[(usize, Option<String>)],
) -> Result<Vec<(usize, u64)>, StoreError> {
    let doing = format!("evaluating the CHECK constraints of `{}`", table.name);
    let concerned: Vec<usize> = (0..table.checks.len())
        .filter(|&check| table.checks[check].columns.iter().any(|column| constants.iter().any(|(set, _)| set == column)))
        .collect();
    if concerned.is_empty() {
        return Ok(Vec::new());
    }
    if concerned.iter().any(|&check| table.checks[check].expression.is_empty()) {
        return Err(misuse(&doing, "its declaration can not be read"));
    }
    if constants.iter().any(|(column, _)| *column >= table.columns.len()) {
        return Err(misuse(&doing, "a column does not exist"));
    }
    let failed = |error: rusqlite::Error| session.failure(None, &doing, &error);
    prepare_constants(connection, table, constants).map_err(failed)?;
    let counted = count_failing(connection, table, constants, &concerned);
    connection.execute_batch("DROP TABLE temp.gallra_constants").map_err(failed)?;
    let counts = counted.map_err(failed)?;
    Ok(concerned.into_iter().zip(counts).collect())
}

fn prepare_constants(connection: &Connection, table: &Table, constants: &[(usize, Option<String>)]) -> Result<(), rusqlite::Error> {
    let mut definitions = Vec::new();
    for (position, (index, _)) in constants.iter().enumerate() {
        let column = &table.columns[*index];
        let (_, collation, ..) = connection.column_metadata(Some("main"), table.name.as_str(), column.name.as_str())?;
        let collation = collation.map(|name| name.to_string_lossy().into_owned()).unwrap_or_else(|| "BINARY".into());
        definitions.push(format!("c{position} {} COLLATE {}", declared::affinity(&column.declared), quoted(&collation)));
    }
    connection.execute_batch(&format!(
        "DROP TABLE IF EXISTS temp.gallra_constants; CREATE TEMP TABLE gallra_constants ({})",
        definitions.join(", ")
    ))?;
    let parameters = vec!["?"; constants.len()].join(", ");
    let values = constants.iter().map(|(_, value)| value.as_deref());
    connection.execute(&format!("INSERT INTO temp.gallra_constants VALUES ({parameters})"), params_from_iter(values))?;
    Ok(())
}

fn count_failing(
    connection: &Connection,
    table: &Table,
    constants: &[(usize, Option<String>)],
    concerned: &[usize],
) -> Result<Vec<u64>, rusqlite::Error> {
    let columns: Vec<String> = table
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let name = quoted(&column.name);
            match constants.iter().position(|(set, _)| *set == index) {
                Some(position) => format!("k.c{position} AS {name}"),
                None => format!("t.{name} AS {name}"),
            }
        })
        .collect();
    // A check fails where it is false; NULL passes.
    let counts: Vec<String> =
        concerned.iter().map(|&check| format!("count(CASE WHEN NOT ({}) THEN 1 END)", table.checks[check].expression)).collect();
    let name = quoted(&table.name);
    let sql = format!(
        "SELECT {} FROM (SELECT {} FROM main.{name} AS t CROSS JOIN temp.gallra_constants AS k) AS {name}",
        counts.join(", "),
        columns.join(", ")
    );
    connection.query_row(&sql, [], |row| (0..concerned.len()).map(|index| row.get::<_, i64>(index).map(i64::unsigned_abs)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ColumnType;

    fn columns(names: &[&str]) -> Vec<Column> {
        let column = |name: &&str| Column {
            name: (*name).into(),
            declared: "TEXT".into(),
            data_type: ColumnType::Text,
            nullable: true,
            max_length: None,
            generated: false,
            fixed: None,
            case_insensitive: false,
        };
        names.iter().map(column).collect()
    }

    #[test]
    fn checks_are_found_wherever_they_stand() {
        let sql = r#"CREATE TABLE "check" (
            a INTEGER CHECK (a > 0) -- CHECK (never)
              CONSTRAINT "CHECK" CHECK(a <> ')'/* ) */ AND "B" IN ('it''s', x'00')),
            "B" TEXT DEFAULT 'CHECK (a)' NOT NULL ON CONFLICT ABORT check (length(B) <= 10 OR [c d] NOT GLOB '*[^0-9]*'),
            [c d] TEXT COLLATE NOCASE, `e``f` ANY,
            CHECK (`e``f` IS NOT NULL == 1 AND (a | 1) << 2 > 0), CHECK (1)
        ) STRICT, WITHOUT ROWID"#;
        let found = of_declaration(sql, &columns(&["a", "B", "c d", "e`f"]));
        let brief: Vec<(&str, &[usize])> = found.iter().map(|check| (check.expression.as_str(), check.columns.as_slice())).collect();
        assert_eq!(
            brief,
            [
                ("a > 0", &[0][..]),
                (r#"a <> ')'  AND "B" IN ('it''s', X'00')"#, &[0, 1]),
                ("length(B) <= 10 OR [c d] NOT GLOB '*[^0-9]*'", &[1, 2]),
                ("`e``f` IS NOT NULL == 1 AND (a | 1) << 2 > 0", &[0, 3]),
                ("1", &[]),
            ]
        );
    }

    #[test]
    fn an_unreadable_declaration_is_not_taken_for_one_without_checks() {
        let found = of_declaration("CREATE TABLE t (a TEXT DEFAULT 'open)", &columns(&["a", "b"]));
        assert_eq!(found, [Check { expression: String::new(), columns: vec![0, 1] }]);
        let found = of_declaration("CREATE TABLE t (a TEXT CHECK (a", &columns(&["a", "b"]));
        assert_eq!(found[0].expression, "");
    }

    #[test]
    fn an_index_names_its_columns_after_the_table() {
        assert_eq!(of_index("CREATE UNIQUE INDEX a ON b (lower(c), d || 'a')", &columns(&["a", "b", "c", "d"])), [2, 3]);
    }
}
