//! Pseudonyms and row tokens from the key columns of a table.
//!
//! A row's token is `key.token([domain, cell, cell …])`, each cell in its canonical form. Keys that
//! repeat, as foreign keys do, are hashed once.

use std::collections::HashMap;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, FixedSizeBinaryBuilder, Int64Array,
    StringArray,
};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type};
use data_encoding::HEXLOWER;

use super::KernelError;
use super::text::TextColumn;
use crate::keys::canonical::KeyPart;
use crate::keys::{DerivedKey, Token, frame, frame_with};

/// After so many different keys it is decided whether remembering them pays.
const TRIAL: usize = 2048;

/// How a pseudonym is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PseudonymFormat {
    /// The token's 32 lower-case hexadecimal digits.
    Hex,
    /// A UUID of version 8 (RFC 9562, section 5.8): the token with six bits set by the standard.
    Uuid,
}

/// The pseudonym of every row: the token of its key under `key` and `domain`, as text.
///
/// `keys` are the key's columns in their declared order: `Int64`, `Utf8`, `Decimal128`, `Binary` or
/// `Date32`. A row with a null in any of them refers to nobody and gives null. The same key gives
/// the same pseudonym wherever it stands, so sets can be joined.
///
/// ```
/// use std::sync::Arc;
///
/// use arrow::array::{ArrayRef, Int64Array};
/// use gallra::kernels::pseudonym::{PseudonymFormat, pseudonyms};
/// use gallra::keys::{Keyring, Purpose};
///
/// let keyring = Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [7; 40]);
/// let key = keyring.derive("north", Purpose::Pseudonym("analytics".to_owned()), 1)?;
/// let buyers: ArrayRef = Arc::new(Int64Array::from(vec![42, 43, 42]));
/// let found = pseudonyms(&[buyers], &key, "customer", PseudonymFormat::Hex)?;
/// assert_eq!(found.value(0), "b5f1718fa4f0d322bab7c04068a62b1e");
/// assert_eq!(found.value(0), found.value(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`KernelError::NoKeyColumn`], [`KernelError::UnequalLengths`], [`KernelError::UnsupportedType`],
/// [`KernelError::TooLarge`].
pub fn pseudonyms(keys: &[ArrayRef], key: &DerivedKey, domain: &str, format: PseudonymFormat) -> Result<StringArray, KernelError> {
    const KERNEL: &str = "pseudonyms";
    let columns = columns(KERNEL, keys)?;
    let mut texts = TextColumn::new(KERNEL, columns.rows);
    let mut digits = [0_u8; 32];
    let mut grouped = String::with_capacity(36);
    each_token(&columns, key, domain, |token| match (token, format) {
        (None, _) => texts.push(None),
        (Some(token), PseudonymFormat::Hex) => texts.push(Some(HEXLOWER.encode_mut_str(token.as_bytes(), &mut digits))),
        (Some(token), PseudonymFormat::Uuid) => {
            let mut bytes = *token.as_bytes();
            bytes[6] = bytes[6] & 0x0f | 0x80;
            bytes[8] = bytes[8] & 0x3f | 0x80;
            grouped.clear();
            for (at, digit) in HEXLOWER.encode_mut_str(&bytes, &mut digits).chars().enumerate() {
                if matches!(at, 8 | 12 | 16 | 20) {
                    grouped.push('-');
                }
                grouped.push(digit);
            }
            texts.push(Some(&grouped))
        }
    })?;
    Ok(texts.finish())
}

/// The token of every row in 16 bytes; null where any key cell is null. Columns as for
/// [`pseudonyms`]. For row tokens in reports, journal, ledger and derived replacements.
///
/// # Errors
/// As [`pseudonyms`].
pub fn tokens(keys: &[ArrayRef], key: &DerivedKey, domain: &str) -> Result<FixedSizeBinaryArray, KernelError> {
    const KERNEL: &str = "tokens";
    let columns = columns(KERNEL, keys)?;
    let mut bytes = FixedSizeBinaryBuilder::with_capacity(columns.rows, 16);
    each_token(&columns, key, domain, |token| {
        let Some(token) = token else {
            bytes.append_null();
            return Ok(());
        };
        bytes.append_value(token.as_bytes()).map_err(|_| KernelError::Assembly { kernel: KERNEL, data_type: DataType::FixedSizeBinary(16) })
    })?;
    Ok(bytes.finish())
}

/// The key columns, each as its own type, all of one length.
struct Columns<'a> {
    columns: Vec<Column<'a>>,
    rows: usize,
}

enum Column<'a> {
    Integer(&'a Int64Array),
    Text(&'a StringArray),
    Decimal(&'a Decimal128Array, i8),
    Bytes(&'a BinaryArray),
    Date(&'a Date32Array),
}

impl Column<'_> {
    fn part(&self, row: usize) -> KeyPart<'_> {
        match self {
            Self::Integer(array) if array.is_valid(row) => KeyPart::Integer(array.value(row)),
            Self::Text(array) if array.is_valid(row) => KeyPart::Text(array.value(row)),
            Self::Decimal(array, scale) if array.is_valid(row) => KeyPart::Decimal { unscaled: array.value(row), scale: *scale },
            Self::Bytes(array) if array.is_valid(row) => KeyPart::Bytes(array.value(row)),
            Self::Date(array) if array.is_valid(row) => KeyPart::Date(array.value(row)),
            _ => KeyPart::Null,
        }
    }
}

fn columns<'a>(kernel: &'static str, keys: &'a [ArrayRef]) -> Result<Columns<'a>, KernelError> {
    let Some(first) = keys.first() else {
        return Err(KernelError::NoKeyColumn { kernel });
    };
    let rows = first.len();
    let mut columns = Vec::with_capacity(keys.len());
    for array in keys {
        if array.len() != rows {
            return Err(KernelError::UnequalLengths { kernel, expected: rows, found: array.len() });
        }
        let column = match array.data_type() {
            DataType::Int64 => array.as_primitive_opt::<Int64Type>().map(Column::Integer),
            DataType::Utf8 => array.as_string_opt::<i32>().map(Column::Text),
            DataType::Decimal128(_, scale) => array.as_primitive_opt::<Decimal128Type>().map(|array| Column::Decimal(array, *scale)),
            DataType::Binary => array.as_binary_opt::<i32>().map(Column::Bytes),
            DataType::Date32 => array.as_primitive_opt::<Date32Type>().map(Column::Date),
            _ => None,
        };
        columns.push(column.ok_or_else(|| KernelError::unsupported(kernel, array.data_type()))?);
    }
    Ok(Columns { columns, rows })
}

/// Hands the token of every row, or `None` where the key has a null, to `take`.
fn each_token(
    columns: &Columns<'_>,
    key: &DerivedKey,
    domain: &str,
    mut take: impl FnMut(Option<Token>) -> Result<(), KernelError>,
) -> Result<(), KernelError> {
    let mut memory = Memory::default();
    let mut message = Vec::new();
    frame(&mut message, domain.as_bytes());
    let start = message.len();
    'rows: for row in 0..columns.rows {
        message.truncate(start);
        for column in &columns.columns {
            let part = column.part(row);
            if part == KeyPart::Null {
                take(None)?;
                continue 'rows;
            }
            frame_with(&mut message, |message| part.encode(message));
        }
        take(Some(memory.token(key, &message)))?;
    }
    Ok(())
}

/// The tokens already computed, given up where keys hardly ever repeat: a primary key would only
/// fill memory.
#[derive(Default)]
struct Memory {
    seen: HashMap<Box<[u8]>, Token>,
    asked: usize,
    given_up: bool,
}

impl Memory {
    fn token(&mut self, key: &DerivedKey, message: &[u8]) -> Token {
        if self.given_up {
            return key.token_of_framed(message);
        }
        self.asked += 1;
        if let Some(token) = self.seen.get(message) {
            return *token;
        }
        let token = key.token_of_framed(message);
        self.seen.insert(message.into(), token);
        // Worth it from about one repeat in four on.
        if self.seen.len() == TRIAL && self.asked < TRIAL + TRIAL / 4 {
            self.given_up = true;
            self.seen = HashMap::new();
        }
        token
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Float64Array};
    use proptest::prelude::*;

    use super::*;
    use crate::keys::canonical::canonical_key;
    use crate::keys::{Keyring, Purpose};

    fn key() -> DerivedKey {
        let keyring = Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [7; 40]);
        keyring.derive("north", Purpose::Pseudonym("analytics".into()), 1).unwrap()
    }

    fn integers(rows: Vec<i64>) -> ArrayRef {
        Arc::new(Int64Array::from(rows))
    }

    fn texts<'a>(rows: Vec<impl Into<Option<&'a str>>>) -> ArrayRef {
        let rows: Vec<Option<&str>> = rows.into_iter().map(Into::into).collect();
        Arc::new(StringArray::from(rows))
    }

    fn hex(keys: &[ArrayRef]) -> StringArray {
        pseudonyms(keys, &key(), "customer", PseudonymFormat::Hex).unwrap()
    }

    /// The slow way: one token per row from its parts, written digit by digit.
    fn slow(domain: &str, parts: &[KeyPart<'_>]) -> String {
        let cells: Vec<Vec<u8>> = parts.iter().map(|part| canonical_key(&[*part])).collect();
        let mut message: Vec<&[u8]> = vec![domain.as_bytes()];
        message.extend(cells.iter().map(Vec::as_slice));
        key().token(&message).to_string()
    }

    /// Golden values from the HMAC of Python's standard library.
    #[test]
    fn pseudonyms_are_the_same_for_ever() {
        assert_eq!(hex(&[integers(vec![42])]).value(0), "b5f1718fa4f0d322bab7c04068a62b1e");
        let composite = hex(&[texts(vec!["42"]), integers(vec![-1])]);
        assert_eq!(composite.value(0), "db19b5145280a208f1ad15a941a53b9f");
        let keys = [integers(vec![42])];
        let found = pseudonyms(&keys, &key(), "customer", PseudonymFormat::Uuid).unwrap();
        assert_eq!(found.value(0), "b5f1718f-a4f0-8322-bab7-c04068a62b1e");
    }

    #[test]
    fn every_key_type_equals_the_slow_way() {
        let decimals = Decimal128Array::from(vec![1250]);
        let check = |array: ArrayRef, part: KeyPart<'_>| {
            assert_eq!(hex(&[array]).value(0), slow("customer", &[part]));
        };
        check(integers(vec![-5]), KeyPart::Integer(-5));
        check(texts(vec!["Å 1"]), KeyPart::Text("Å 1"));
        check(Arc::new(decimals.with_precision_and_scale(10, 3).unwrap()), KeyPart::Decimal { unscaled: 125, scale: 2 });
        check(Arc::new(BinaryArray::from(vec![&b"\x00\xff"[..]])), KeyPart::Bytes(b"\x00\xff"));
        check(Arc::new(Date32Array::from(vec![20_000])), KeyPart::Date(20_000));
    }

    #[test]
    fn a_null_anywhere_in_the_key_gives_null() {
        let left = texts(vec![Some("a"), None, Some("a"), None]);
        let right = texts(vec![Some("b"), Some("b"), None, None]);
        let keys = [left, right];
        let nulls = |array: &dyn Array| (0..4).map(|row| array.is_null(row)).collect::<Vec<_>>();
        assert_eq!(nulls(&hex(&keys)), [false, true, true, true]);
        assert_eq!(nulls(&tokens(&keys, &key(), "x").unwrap()), [false, true, true, true]);
    }

    #[test]
    fn number_text_domain_and_order_each_count() {
        let all = [
            hex(&[integers(vec![42])]).value(0).to_owned(),
            hex(&[texts(vec!["42"])]).value(0).to_owned(),
            hex(&[texts(vec!["4"]), texts(vec!["2"])]).value(0).to_owned(),
            hex(&[texts(vec!["2"]), texts(vec!["4"])]).value(0).to_owned(),
            pseudonyms(&[integers(vec![42])], &key(), "supplier", PseudonymFormat::Hex).unwrap().value(0).to_owned(),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert_eq!(tokens(&[], &key(), "x"), Err(KernelError::NoKeyColumn { kernel: "tokens" }));
        let unequal = [integers(vec![1, 2]), integers(vec![1])];
        assert!(matches!(tokens(&unequal, &key(), "x"), Err(KernelError::UnequalLengths { expected: 2, found: 1, .. })));
        let floats: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
        let flags: ArrayRef = Arc::new(BooleanArray::from(vec![true]));
        for array in [floats, flags] {
            assert!(matches!(tokens(&[array], &key(), "x"), Err(KernelError::UnsupportedType { .. })));
        }
    }

    #[test]
    fn memory_is_given_up_for_keys_that_do_not_repeat_and_the_result_is_the_same() {
        let distinct: Vec<i64> = (0..3 * TRIAL as i64).collect();
        let repeating: Vec<i64> = (0..9 * TRIAL as i64).map(|row| row % (3 * TRIAL as i64)).collect();
        let interleaved: Vec<i64> = (0..6 * TRIAL as i64).map(|row| row / 2).collect();
        for (rows, given_up) in [(&distinct, true), (&repeating, true), (&interleaved, false)] {
            let key = key();
            let mut memory = Memory::default();
            for row in rows.iter() {
                let mut message = Vec::new();
                frame_with(&mut message, |out| KeyPart::Integer(*row).encode(out));
                let direct = key.token_of_framed(&message);
                assert_eq!(memory.token(&key, &message), direct);
            }
            assert_eq!(memory.given_up, given_up);
            assert_eq!(memory.seen.is_empty(), given_up);
        }
    }

    proptest! {
        #[test]
        fn every_row_equals_the_slow_way(
            rows in prop::collection::vec(
                (prop::option::weighted(0.9, -3_i64..3), prop::option::weighted(0.9, "[ab]{0,2}")),
                0..60),
            domain in "[a-z]{0,3}",
            skip in 0_usize..4,
        ) {
            let skip = skip.min(rows.len());
            let numbers: Int64Array = rows.iter().map(|row| row.0).collect();
            let names: StringArray = rows.iter().map(|row| row.1.as_deref()).collect();
            let length = rows.len() - skip;
            let keys: [ArrayRef; 2] =
                [Arc::new(numbers.slice(skip, length)), Arc::new(names.slice(skip, length))];
            let found = pseudonyms(&keys, &key(), &domain, PseudonymFormat::Hex).unwrap();
            let uuids = pseudonyms(&keys, &key(), &domain, PseudonymFormat::Uuid).unwrap();
            let bytes = tokens(&keys, &key(), &domain).unwrap();
            for (row, (number, name)) in rows[skip..].iter().enumerate() {
                let (Some(number), Some(name)) = (number, name) else {
                    prop_assert!(found.is_null(row) && uuids.is_null(row) && bytes.is_null(row));
                    continue;
                };
                let slow = slow(&domain, &[KeyPart::Integer(*number), KeyPart::Text(name)]);
                prop_assert_eq!(found.value(row), &slow);
                let token = Token::from_bytes(bytes.value(row).try_into().unwrap());
                prop_assert_eq!(token.to_string(), slow.clone());
                let uuid = uuids.value(row);
                let parts: Vec<usize> = uuid.split('-').map(str::len).collect();
                prop_assert_eq!(parts, [8, 4, 4, 4, 12]);
                prop_assert_eq!(&uuid[14..15], "8");
                prop_assert!("89ab".contains(&uuid[19..20]));
                let same = uuid.replace('-', "").chars().zip(slow.chars())
                    .filter(|(left, right)| left == right).count();
                prop_assert!(same >= 30);
            }
        }
    }
}
