//! Amounts reckoned from columns: `quantity * price`.
//!
//! sqlparser reads the text; of all that SQL can say, names, numbers, `+`, `-`, `*` and parentheses are taken.

use arrow::datatypes::DataType;
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator, Value};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use super::super::*;
use crate::kernels::arithmetic::Operator;
use crate::pipeline::{Formula, Term};

/// A formula is short; a longer text would let its terms nest without end.
const LONGEST: usize = 1000;

/// The most digits after the point that a result may have; of 38 so many are left for what stands before it.
const MOST_DIGITS: i8 = 18;

/// Whether each row of the base brings a share of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// A product with a column of the base in it, or a sum of such.
    Base,
    /// A column at the end of a path stands alone.
    Elsewhere,
    /// A number.
    Number,
}

impl Formula {
    /// Where its amounts belong.
    pub(super) fn anchor(&self) -> Anchor {
        anchor_of(&self.term)
    }
}

fn anchor_of(term: &Term) -> Anchor {
    match term {
        Term::Column { path, .. } if path.is_empty() => Anchor::Base,
        Term::Column { .. } => Anchor::Elsewhere,
        Term::Number { .. } => Anchor::Number,
        Term::Combined(operator, left, right) => {
            let sides = [anchor_of(left), anchor_of(right)];
            // One factor of the base is enough for a product, one term from elsewhere spoils a sum.
            let first = if *operator == Operator::Times { Anchor::Base } else { Anchor::Elsewhere };
            let second = if *operator == Operator::Times { Anchor::Elsewhere } else { Anchor::Base };
            [first, second].into_iter().find(|anchor| sides.contains(anchor)).unwrap_or(Anchor::Number)
        }
    }
}

impl Resolver<'_> {
    /// Whether the text is the name of a column, whatever signs stand in it.
    pub(super) fn is_path(&self, base: TableIndex, text: &str) -> bool {
        let ends = |steps: &[&str]| steps.iter().try_fold(base, |at, step| Some(self.references[self.step(at, step)?].to));
        let parts = std::iter::once(("", text)).chain(text.match_indices('.').map(|(at, _)| (&text[..at], &text[at + 1..])));
        parts.into_iter().any(|(path, column)| {
            let at = if path.is_empty() { Some(base) } else { ends(&self.steps(base, path)) };
            at.is_some_and(|at| self.tables[at].catalog.column(column).is_some())
        })
    }

    /// Whether the text reckons.
    pub(super) fn is_formula(&self, text: &str) -> bool {
        text.contains(['+', '-', '*', '/', '(', ' '])
    }

    /// An amount, its columns numbers of classes that may be shown.
    pub(super) fn formula(&mut self, base: TableIndex, text: &str, place: &[&str]) -> Option<Formula> {
        let expression = if text.len() <= LONGEST { parsed(text) } else { None };
        let Some(expression) = expression else {
            let hint = "write it as `quantity * price`, with `+`, `-`, `*`, parentheses and numbers; at most 1,000 characters".to_owned();
            self.problem(place, format!("`{}` is no amount that can be reckoned", shortened(text)), Some(hint));
            return None;
        };
        let term = self.term(base, &expression, text, place)?;
        if anchor_of(&term) == Anchor::Number {
            let hint = "the same value in every row is a `constant`; how many rows there are is `count = true`".to_owned();
            self.problem(place, format!("the amount `{text}` has no column in it"), Some(hint));
            return None;
        }
        let Some(scale) = self.scale(&term) else {
            let message = format!("the amount `{text}` would have more than {MOST_DIGITS} digits after the point");
            self.problem(place, message, Some("multiply fewer decimals".to_owned()));
            return None;
        };
        tracing::debug!(scale, "amount resolved");
        Some(Formula { text: text.to_owned(), term })
    }

    fn term(&mut self, base: TableIndex, expression: &Expr, text: &str, place: &[&str]) -> Option<Term> {
        let refused = |what: &str| format!("the amount `{text}` has {what}, which is not reckoned with");
        match expression {
            Expr::Nested(inner) => self.term(base, inner, text, place),
            Expr::Identifier(name) => self.amount_column(base, &name.value, place),
            Expr::CompoundIdentifier(names) => {
                let names: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
                self.amount_column(base, &names.join("."), place)
            }
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => {
                    let number = number(digits);
                    if number.is_none() {
                        let hint = "digits, and at most 18 of them after a full stop".to_owned();
                        self.problem(place, refused("a number of another form"), Some(hint));
                    }
                    number
                }
                _ => {
                    self.problem(place, refused("a value that is no number"), None);
                    None
                }
            },
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => self.term(base, expr, text, place),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                let negated = self.term(base, expr, text, place)?;
                let zero = Term::Number { unscaled: 0, scale: 0 };
                Some(Term::Combined(Operator::Minus, Box::new(zero), Box::new(negated)))
            }
            Expr::BinaryOp { left, op, right } => {
                let operator = match op {
                    BinaryOperator::Plus => Some(Operator::Plus),
                    BinaryOperator::Minus => Some(Operator::Minus),
                    BinaryOperator::Multiply => Some(Operator::Times),
                    _ => None,
                };
                let Some(operator) = operator else {
                    let hint = match op {
                        BinaryOperator::Divide => "a quotient has no last digit: multiply by a decimal, or publish both columns",
                        _ => "`+`, `-` and `*` are",
                    };
                    self.problem(place, refused(&format!("`{op}`")), Some(hint.to_owned()));
                    return None;
                };
                let (left, right) = (self.term(base, left, text, place), self.term(base, right, text, place));
                Some(Term::Combined(operator, Box::new(left?), Box::new(right?)))
            }
            _ => {
                self.problem(place, refused("something else than names, numbers, `+`, `-`, `*` and parentheses"), None);
                None
            }
        }
    }

    fn amount_column(&mut self, base: TableIndex, name: &str, place: &[&str]) -> Option<Term> {
        let (path, table, column) = self.path_to_column(base, name, place)?;
        let described = &self.tables[table].catalog.columns[column];
        let (declared, data_type, class) =
            (described.declared.clone(), described.data_type.arrow(), self.tables[table].columns[column].class);
        let (table_name, column_name) = self.names(table, column);
        if !matches!(class, Class::Amount | Class::Plain | Class::Activity) {
            let class = crate::pipeline::lock::class_name(class);
            let message = format!("`{table_name}.{column_name}` is `{class}` and is no part of an amount");
            self.problem(place, message, Some("amounts are reckoned from `amount`, `plain` and `activity` columns".to_owned()));
            return None;
        }
        match data_type {
            DataType::Int64 | DataType::Decimal128(..) => Some(Term::Column { path, table, column, cast: None }),
            _ => {
                let hint = "amounts are exact: they are reckoned from whole numbers and decimals".to_owned();
                self.problem(place, format!("`{table_name}.{column_name}` is no part of an amount: its type is {declared}"), Some(hint));
                None
            }
        }
    }

    /// The digits after the point of each result on the way; `None` where one has too many.
    fn scale(&self, term: &Term) -> Option<i8> {
        let scale = match term {
            Term::Column { table, column, .. } => match self.tables[*table].catalog.columns[*column].data_type.arrow() {
                DataType::Decimal128(_, scale) => scale.max(0),
                _ => 0,
            },
            Term::Number { scale, .. } => *scale,
            Term::Combined(operator, left, right) => operator.scale(self.scale(left)?, self.scale(right)?),
        };
        (scale <= MOST_DIGITS).then_some(scale)
    }
}

fn parsed(text: &str) -> Option<Expr> {
    // In SQL `--` begins a comment: `quantity--1` would be `quantity`.
    if text.contains("--") || text.contains("/*") {
        return None;
    }
    let mut parser = Parser::new(&GenericDialect {}).try_with_sql(text).ok()?;
    let expression = parser.parse_expr().ok()?;
    // `quantity price` would otherwise be `quantity`.
    (parser.peek_token().token == Token::EOF).then_some(expression)
}

/// A number as SQL writes it: digits, and digits after a full stop.
fn number(text: &str) -> Option<Term> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let scale = i8::try_from(fraction.len()).ok().filter(|scale| *scale <= MOST_DIGITS)?;
    let digits = format!("{whole}{fraction}");
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let unscaled = digits.parse().ok().filter(|unscaled: &i128| plain && *unscaled < 10_i128.pow(38))?;
    Some(Term::Number { unscaled, scale })
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_expression_is_read_and_nothing_else() {
        for text in ["quantity", "a * b", "a.b.c + 1", "-(a - 2.50) * b", "\"order\".total * 2", "a*b", "  a  ", "_x1 - y"] {
            assert!(parsed(text).is_some(), "{text}");
        }
        for text in ["", " ", "a b", "a *", "(a", "a)", "a; b", "a, b", "a -- b", "a--b", "a /* b */", "\u{0}"] {
            assert!(parsed(text).is_none(), "{text}");
        }
    }

    /// What is nested as deep as the length allows is refused or read, and never ends the program.
    #[test]
    fn deep_nesting_ends_nothing() {
        let half = LONGEST / 2;
        let deep = format!("{}a{}", "(".repeat(half - 1), ")".repeat(half - 1));
        assert!(parsed(&deep).is_none());
        let _ = parsed(&"(".repeat(LONGEST));
        let _ = parsed(&"- ".repeat(half));
        let long = vec!["a"; half].join("+");
        assert!(parsed(&long).is_some());
    }

    #[test]
    fn numbers_are_exact() {
        let read = |text: &str| match number(text) {
            Some(Term::Number { unscaled, scale }) => Some((unscaled, scale)),
            _ => None,
        };
        assert_eq!((read("2.50"), read("0"), read(".5"), read("007")), (Some((250, 2)), Some((0, 0)), Some((5, 1)), Some((7, 0))));
        assert_eq!(read(&"9".repeat(38)), Some((10_i128.pow(38) - 1, 0)));
        assert_eq!(read("0.000000000000000001"), Some((1, 18)));
        for text in ["", ".", "1e3", "1.2.3", "0x10", "1_000", "0.0000000000000000001", &"9".repeat(39)] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn amounts_belong_to_the_base_where_each_of_their_terms_does() {
        let of = |path: Vec<usize>| Box::new(Term::Column { path, table: 0, column: 0, cast: None });
        let two = || Box::new(Term::Number { unscaled: 2, scale: 0 });
        let anchor = |operator, left, right| Formula { text: String::new(), term: Term::Combined(operator, left, right) }.anchor();
        assert_eq!(anchor(Operator::Times, of(vec![]), of(vec![0])), Anchor::Base);
        assert_eq!(anchor(Operator::Times, two(), of(vec![0])), Anchor::Elsewhere);
        assert_eq!(anchor(Operator::Plus, of(vec![]), of(vec![0])), Anchor::Elsewhere);
        assert_eq!(anchor(Operator::Minus, two(), of(vec![])), Anchor::Base);
        assert_eq!(anchor(Operator::Plus, two(), two()), Anchor::Number);
    }
}
