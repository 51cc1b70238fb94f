//! What the text of a function or rule writes, as far as its tokens tell.

use std::collections::{BTreeMap, BTreeSet};

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Token, Tokenizer, Word};

/// A name with its schema where it stands.
type Name = (Option<String>, String);

/// The tables that a name can mean.
pub(super) type Tables = BTreeMap<Name, String>;

/// Functions of extensions that reach another database; what they write is in no catalog.
const REMOTE: [&str; 3] = ["dblink", "dblink_exec", "dblink_send_query"];

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Body {
    /// The tables written.
    pub written: BTreeSet<Name>,
    /// The functions called, and whatever else stands before a parenthesis.
    pub calls: BTreeSet<Name>,
    /// Whether it runs statements that it puts together, or reaches another database, a file, the log or a listener.
    pub dynamic: bool,
    pub uses_old: bool,
    pub uses_query_text: bool,
    pub understood: bool,
}

impl Body {
    /// The body of a function; `old_rows` is what `REFERENCING` calls the rows as they were before.
    pub fn of_function(source: &str, old_rows: Option<&str>) -> Self {
        let Ok(tokens) = Tokenizer::new(&PostgreSqlDialect {}, source).tokenize() else {
            return Self::default();
        };
        let tokens: Vec<Token> = tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect();
        let mut body = Self { understood: true, ..Self::default() };
        for index in 0..tokens.len() {
            body.read(&tokens, index, old_rows);
        }
        body
    }

    /// The definition of a rule; what it does stands after `DO`.
    pub fn of_rule(definition: &str) -> Self {
        let Some((_, commands)) = definition.split_once(" DO ") else {
            return Self::default();
        };
        let mut body = Self::of_function(commands, None);
        // A list of columns follows the table that is written, and looks like a call.
        body.calls = BTreeSet::new();
        body
    }

    /// Adds what another body does.
    pub fn take(&mut self, other: Self) {
        self.written.extend(other.written);
        self.calls.extend(other.calls);
        self.dynamic |= other.dynamic;
        self.uses_old |= other.uses_old;
        self.uses_query_text |= other.uses_query_text;
        self.understood &= other.understood;
    }

    /// The tables of the catalog that are written, and whether there are others.
    pub fn targets(&self, tables: &Tables) -> (Vec<String>, bool) {
        let found: BTreeSet<String> = self.written.iter().filter_map(|name| tables.get(name).cloned()).collect();
        let missing = self.written.iter().any(|name| !tables.contains_key(name));
        (found.into_iter().collect(), missing)
    }

    fn read(&mut self, tokens: &[Token], index: usize, old_rows: Option<&str>) {
        let word_at = |index: usize| tokens.get(index).and_then(plain_word);
        let before = index.checked_sub(1).and_then(word_at).unwrap_or_default();
        let Some(Token::Word(word)) = tokens.get(index) else { return };
        let after = tokens.get(index + 1);
        let name = folded(word);
        self.uses_old |= is_old(&tokens[index], old_rows);
        if matches!(name.as_str(), "current_query" | "pg_stat_activity") {
            self.uses_query_text = true;
        }
        if REMOTE.contains(&name.as_str()) {
            self.dynamic = true;
        }
        if after == Some(&Token::LParen) {
            let schema = match (index.checked_sub(2).and_then(|at| tokens.get(at)), index.checked_sub(1).and_then(|at| tokens.get(at))) {
                (Some(Token::Word(schema)), Some(Token::Period)) => Some(folded(schema)),
                _ => None,
            };
            self.calls.insert((schema, name.clone()));
        }
        if word.quote_style.is_some() {
            return;
        }
        match name.as_str() {
            // `TG_OP IN (…) EXECUTE`, never the `EXECUTE FUNCTION` of a declaration, which no body has.
            "execute" => self.dynamic = true,
            "copy" if matches!(after, Some(Token::Word(_) | Token::LParen)) => self.dynamic = true,
            // Into the server's log, or to whoever listens. An exception takes the whole write back.
            "raise" | "notify" | "pg_notify" if word_at(index + 1).as_deref() != Some("exception") => {
                self.dynamic |= tokens[index..].iter().take_while(|token| **token != Token::SemiColon).any(|token| is_old(token, old_rows));
            }
            "into" if matches!(before.as_str(), "insert" | "merge") => self.write(tokens, index + 1),
            // Not `FOR UPDATE`, `FOR NO KEY UPDATE` or `ON CONFLICT … DO UPDATE SET`.
            "update"
                if !matches!(before.as_str(), "for" | "key" | "do")
                    && matches!(after, Some(Token::Word(_)))
                    && word_at(index + 1).as_deref() != Some("set") =>
            {
                self.write(tokens, index + 1);
            }
            _ => {}
        }
    }

    /// Notes the table named here.
    fn write(&mut self, tokens: &[Token], mut index: usize) {
        if tokens.get(index).and_then(plain_word).as_deref() == Some("only") {
            index += 1;
        }
        let name = match (tokens.get(index), tokens.get(index + 1), tokens.get(index + 2)) {
            (Some(Token::Word(schema)), Some(Token::Period), Some(Token::Word(name))) => (Some(folded(schema)), folded(name)),
            (Some(Token::Word(name)), ..) => (None, folded(name)),
            _ => {
                self.dynamic = true;
                return;
            }
        };
        self.written.insert(name);
    }
}

/// Whether this names the row, or the rows, as they were before.
fn is_old(token: &Token, old_rows: Option<&str>) -> bool {
    matches!(token, Token::Word(word) if folded(word) == "old" || old_rows.is_some_and(|old| old == folded(word)))
}

/// A name as the server stores it: lower case unless it is quoted.
fn folded(word: &Word) -> String {
    if word.quote_style.is_some() { word.value.clone() } else { word.value.to_lowercase() }
}

/// A word without quotes, in lower case.
fn plain_word(token: &Token) -> Option<String> {
    match token {
        Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_lowercase()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Body;

    #[test]
    fn what_leaves_the_tables_is_unknown() {
        let is_dynamic = |text: &str| Body::of_function(text, Some("gone")).dynamic;
        for text in [
            "EXECUTE 'x'",
            "COPY (SELECT OLD.*) TO PROGRAM 'x'",
            "COPY t TO '/x'",
            "RAISE LOG 'gone: %', OLD.name",
            "PERFORM pg_notify('a', row_to_json(old)::text)",
            "PERFORM dblink_exec('x', 'y')",
            "RAISE NOTICE '%', (SELECT name FROM gone)",
        ] {
            assert!(is_dynamic(text), "{text}");
        }
        for text in ["RAISE NOTICE 'deleted'; RETURN OLD;", "RAISE EXCEPTION 'not %', OLD.id;", "PERFORM pg_notify('a', 'b'); x := OLD.id;"]
        {
            assert!(!is_dynamic(text), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_no_sql_is_not_understood() {
        assert!(!Body::of_function("x := 'open", None).understood);
    }
}
