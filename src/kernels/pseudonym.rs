//! Pseudonyms and row tokens from the key columns of a table.
//!
//! A row's token is `key.token([domain, cell, cell …])`, each cell in its canonical form. Keys that
//! repeat, as foreign keys do, are hashed once.

mod collision;
mod distinct;

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, Date32Array, Decimal128Array, FixedSizeBinaryArray, Int64Array, Int64Builder, NullBufferBuilder,
    StringArray,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Int64Type};
use data_encoding::{BASE32_NOPAD, HEXLOWER};

pub use collision::Collisions;

use self::distinct::Distinct;
use super::KernelError;
use super::text::LARGEST;
use crate::keys::canonical::KeyPart;
use crate::keys::{DerivedKey, Token, frame, frame_with};

/// How a pseudonym is written. All forms are of one token, so that one can be told from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PseudonymFormat {
    /// `hex`: the token's 32 lower-case hexadecimal digits.
    Hex,
    /// `uuid`: a UUID of version 8 (RFC 9562, section 5.8): the token with six bits set by the standard.
    Uuid,
    /// `base32`: 26 characters of `a-z` and `2-7` (RFC 4648, section 6, in lower case and without padding).
    Base32,
    /// `int64`: the token's first 64 bits, big endian, without the topmost: a whole number from 0 to 2^63 − 1.
    ///
    /// 63 bits are few enough for two keys to meet: among n keys the odds are about n² / 2^64 (the birthday
    /// bound), which is 1 in 18 million for a million keys, 1 in 1,800 for a hundred million and 1 in 18 for a
    /// billion. So it is looked for: [`pseudonyms`] refuses a column in which two keys met, and
    /// [`Collisions`] does so over several columns.
    Integer,
}

impl PseudonymFormat {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Hex, Self::Uuid, Self::Base32, Self::Integer];

    /// Its name in a pipeline file: `hex`, `uuid`, `base32` or `int64`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Uuid => "uuid",
            Self::Base32 => "base32",
            Self::Integer => "int64",
        }
    }

    /// The format of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The type of a column of such pseudonyms.
    #[must_use]
    pub fn data_type(self) -> DataType {
        if self == Self::Integer { DataType::Int64 } else { DataType::Utf8 }
    }
}

/// The pseudonym of every row: the token of its key under `key` and `domain`, as text or as `Int64`.
///
/// `keys` are the key's columns in their declared order: `Int64`, `Utf8`, `Decimal128`, `Binary` or
/// `Date32`. A row with a null in any of them refers to nobody and gives null. The same key gives
/// the same pseudonym wherever it stands, so sets can be joined.
///
/// ```
/// use std::sync::Arc;
///
/// use arrow::array::{ArrayRef, AsArray, Int64Array};
/// use gallra::kernels::pseudonym::{PseudonymFormat, pseudonyms};
/// use gallra::keys::{Keyring, Purpose};
///
/// let keyring = Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [7; 40]);
/// let key = keyring.derive("north", Purpose::Pseudonym("analytics".to_owned()), 1)?;
/// let buyers: ArrayRef = Arc::new(Int64Array::from(vec![42, 43, 42]));
/// let found = pseudonyms(&[buyers], &key, "customer", PseudonymFormat::Hex)?;
/// let found = found.as_string::<i32>();
/// assert_eq!(found.value(0), "0b7807a108a597d545095805e3c9e0e4");
/// assert_eq!(found.value(0), found.value(2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`KernelError::NoKeyColumn`], [`KernelError::UnequalLengths`], [`KernelError::UnsupportedType`],
/// [`KernelError::TooLarge`]; [`KernelError::Collision`] where two keys got one integer.
pub fn pseudonyms(keys: &[ArrayRef], key: &DerivedKey, domain: &str, format: PseudonymFormat) -> Result<ArrayRef, KernelError> {
    const KERNEL: &str = "pseudonyms";
    let columns = columns(KERNEL, keys)?;
    match format {
        PseudonymFormat::Hex => columns.texts(KERNEL, key, domain, hex),
        PseudonymFormat::Uuid => columns.texts(KERNEL, key, domain, uuid),
        PseudonymFormat::Base32 => columns.texts(KERNEL, key, domain, base32),
        PseudonymFormat::Integer => {
            let mut formed = Vec::new();
            let mut integers = Int64Builder::with_capacity(columns.rows);
            let form = |token| {
                formed.push(collision::ordered(token));
                collision::integer(token)
            };
            columns.each(key, domain, form, |cell| {
                integers.append_option(cell.copied());
                Ok(())
            })?;
            if collision::met(&mut formed) { Err(KernelError::Collision { kernel: KERNEL }) } else { Ok(Arc::new(integers.finish())) }
        }
    }
}

/// The token of every row in 16 bytes; null where any key cell is null. Columns as for
/// [`pseudonyms`]. For row tokens in reports, journal, ledger and derived replacements.
///
/// # Errors
/// As [`pseudonyms`].
pub fn tokens(keys: &[ArrayRef], key: &DerivedKey, domain: &str) -> Result<FixedSizeBinaryArray, KernelError> {
    const KERNEL: &str = "tokens";
    let columns = columns(KERNEL, keys)?;
    let mut bytes = Vec::with_capacity(columns.rows.saturating_mul(16));
    let mut nulls = NullBufferBuilder::new(columns.rows);
    let form = |token: Token| *token.as_bytes();
    columns.each(key, domain, form, |cell| {
        bytes.extend_from_slice(cell.unwrap_or(&[0; 16]));
        nulls.append(cell.is_some());
        Ok(())
    })?;
    FixedSizeBinaryArray::try_new(16, bytes.into(), nulls.finish())
        .map_err(|_| KernelError::Assembly { kernel: KERNEL, data_type: DataType::FixedSizeBinary(16) })
}

fn hex(token: Token) -> [u8; 32] {
    let mut digits = [0; 32];
    HEXLOWER.encode_mut(token.as_bytes(), &mut digits);
    digits
}

pub(super) fn uuid(token: Token) -> [u8; 36] {
    let mut bytes = *token.as_bytes();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(Token::from_bytes(bytes));
    let mut text = [b'-'; 36];
    text[..8].copy_from_slice(&digits[..8]);
    text[9..13].copy_from_slice(&digits[8..12]);
    text[14..18].copy_from_slice(&digits[12..16]);
    text[19..23].copy_from_slice(&digits[16..20]);
    text[24..].copy_from_slice(&digits[20..]);
    text
}

fn base32(token: Token) -> [u8; 26] {
    let mut text = [0; 26];
    BASE32_NOPAD.encode_mut(token.as_bytes(), &mut text);
    text.make_ascii_lowercase();
    text
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

impl Columns<'_> {
    /// Hands what `form` makes of each row's token, or `None` where the key has a null, to `take`, row by row. A key that repeats is hashed and
    /// formed once, where that pays.
    fn each<T>(
        &self,
        key: &DerivedKey,
        domain: &str,
        mut form: impl FnMut(Token) -> T,
        mut take: impl FnMut(Option<&T>) -> Result<(), KernelError>,
    ) -> Result<(), KernelError> {
        let mut messages = Messages::new(self, domain);
        let Some(distinct) = Distinct::of(&self.columns, self.rows, key) else {
            for row in 0..self.rows {
                take(messages.of(row).map(|message| form(key.token_of_framed(message))).as_ref())?;
            }
            return Ok(());
        };
        // No null among them: a key that has one has no number.
        let firsts = distinct.first.iter().filter_map(|row| Some(form(key.token_of_framed(messages.of(*row)?))));
        let forms: Vec<T> = firsts.collect();
        for number in &distinct.index {
            take(forms.get(*number as usize))?;
        }
        Ok(())
    }

    /// The column of texts that all have one length.
    fn texts<const LENGTH: usize>(
        &self,
        kernel: &'static str,
        key: &DerivedKey,
        domain: &str,
        form: impl FnMut(Token) -> [u8; LENGTH],
    ) -> Result<ArrayRef, KernelError> {
        let mut texts = Vec::with_capacity(self.rows.saturating_mul(LENGTH).min(LARGEST));
        let mut offsets = Vec::with_capacity(self.rows + 1);
        let mut nulls = NullBufferBuilder::new(self.rows);
        offsets.push(0);
        self.each(key, domain, form, |cell| {
            if let Some(text) = cell {
                if texts.len() + LENGTH > LARGEST {
                    return Err(KernelError::TooLarge { kernel, row: nulls.len() });
                }
                texts.extend_from_slice(text);
            }
            // What is at most the largest i32.
            offsets.push(texts.len() as i32);
            nulls.append(cell.is_some());
            Ok(())
        })?;
        let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
        let array = StringArray::try_new(offsets, texts.into(), nulls.finish());
        Ok(Arc::new(array.map_err(|_| KernelError::Assembly { kernel, data_type: DataType::Utf8 })?))
    }
}

/// The messages whose codes the tokens are, in one buffer for all rows.
struct Messages<'a> {
    columns: &'a [Column<'a>],
    message: Vec<u8>,
    /// Where the domain ends, which all messages begin with.
    start: usize,
}

impl<'a> Messages<'a> {
    fn new(columns: &'a Columns<'_>, domain: &str) -> Self {
        let mut message = Vec::new();
        frame(&mut message, domain.as_bytes());
        Self { columns: &columns.columns, start: message.len(), message }
    }

    /// The message of a row; `None` where its key has a null.
    fn of(&mut self, row: usize) -> Option<&[u8]> {
        self.message.truncate(self.start);
        for column in self.columns {
            let part = column.part(row);
            if part == KeyPart::Null {
                return None;
            }
            frame_with(&mut self.message, |message| part.encode(message));
        }
        Some(&self.message)
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
        text(keys, PseudonymFormat::Hex)
    }

    fn text(keys: &[ArrayRef], format: PseudonymFormat) -> StringArray {
        pseudonyms(keys, &key(), "customer", format).unwrap().as_string::<i32>().clone()
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
        assert_eq!(hex(&[integers(vec![42])]).value(0), "0b7807a108a597d545095805e3c9e0e4");
        let composite = hex(&[texts(vec!["42"]), integers(vec![-1])]);
        assert_eq!(composite.value(0), "ef5c503298fb81bbbed5ec586390d048");
        let keys = [integers(vec![42])];
        assert_eq!(text(&keys, PseudonymFormat::Uuid).value(0), "0b7807a1-08a5-87d5-8509-5805e3c9e0e4");
        assert_eq!(text(&keys, PseudonymFormat::Base32).value(0), "bn4apiiiuwl5krijlac6hspa4q");
        let integer = pseudonyms(&keys, &key(), "customer", PseudonymFormat::Integer).unwrap();
        assert_eq!(integer.as_primitive::<Int64Type>().value(0), 826_418_919_838_685_141);
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
            pseudonyms(&[integers(vec![42])], &key(), "supplier", PseudonymFormat::Hex).unwrap().as_string::<i32>().value(0).to_owned(),
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

    /// Hashed once per key or once per row: the same pseudonyms, in every form and for every type.
    #[test]
    fn a_column_that_repeats_gives_what_its_keys_give_alone() {
        let repeating = |row: i64| row * row % 1_009;
        let distinct = |row: i64| row;
        for of in [&repeating as &dyn Fn(i64) -> i64, &distinct] {
            let rows: Vec<i64> = (0..9_000).map(of).collect();
            let decimals = Decimal128Array::from(rows.iter().map(|row| i128::from(*row)).collect::<Vec<_>>());
            let dates = Date32Array::from(rows.iter().map(|row| *row as i32).collect::<Vec<_>>());
            let names: Vec<String> = rows.iter().map(|row| format!("customer {row}")).collect();
            let bytes = BinaryArray::from(names.iter().map(String::as_bytes).collect::<Vec<_>>());
            let columns: [ArrayRef; 5] = [
                integers(rows.clone()),
                texts(names.iter().map(String::as_str).collect()),
                Arc::new(decimals.with_precision_and_scale(10, 2).unwrap()),
                Arc::new(bytes),
                Arc::new(dates),
            ];
            for format in PseudonymFormat::ALL {
                for keys in columns.iter().map(|column| vec![column.clone()]).chain([columns[..3].to_vec()]) {
                    let whole = pseudonyms(&keys, &key(), "customer", format).unwrap();
                    for row in (0..rows.len()).step_by(499) {
                        let alone: Vec<ArrayRef> = keys.iter().map(|column| column.slice(row, 1)).collect();
                        assert_eq!(&whole.slice(row, 1), &pseudonyms(&alone, &key(), "customer", format).unwrap());
                    }
                }
            }
        }
    }

    #[test]
    fn formats_have_the_names_of_the_pipeline_file() {
        for format in PseudonymFormat::ALL {
            assert_eq!(PseudonymFormat::from_name(format.name()), Some(format));
            assert_eq!(pseudonyms(&[integers(vec![1])], &key(), "x", format).unwrap().data_type(), &format.data_type());
            let empty = pseudonyms(&[integers(Vec::new())], &key(), "x", format).unwrap();
            assert_eq!((empty.len(), empty.data_type()), (0, &format.data_type()));
        }
        assert_eq!(PseudonymFormat::ALL.map(PseudonymFormat::name), ["hex", "uuid", "base32", "int64"]);
        for other in ["", "Hex", "integer", "uuid "] {
            assert_eq!(PseudonymFormat::from_name(other), None);
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
            let written = |format| pseudonyms(&keys, &key(), &domain, format).unwrap();
            let (found, uuids) = (written(PseudonymFormat::Hex), written(PseudonymFormat::Uuid));
            let (base32, integers) = (written(PseudonymFormat::Base32), written(PseudonymFormat::Integer));
            let (found, uuids, base32) = (found.as_string::<i32>(), uuids.as_string::<i32>(), base32.as_string::<i32>());
            let integers = integers.as_primitive::<Int64Type>();
            let bytes = tokens(&keys, &key(), &domain).unwrap();
            for (row, (number, name)) in rows[skip..].iter().enumerate() {
                let (Some(number), Some(name)) = (number, name) else {
                    prop_assert!(found.is_null(row) && uuids.is_null(row) && bytes.is_null(row));
                    prop_assert!(base32.is_null(row) && integers.is_null(row));
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
                // Bit by bit: 25 characters of five bits, and one with the last three.
                let mut bits = u128::from_str_radix(&slow, 16).unwrap();
                prop_assert_eq!(integers.value(row), (bits << 1 >> 65) as i64);
                let mut slow32 = String::new();
                for _ in 0..26 {
                    slow32.push(char::from(b"abcdefghijklmnopqrstuvwxyz234567"[(bits >> 123) as usize]));
                    bits <<= 5;
                }
                prop_assert_eq!(base32.value(row), slow32);
            }
        }
    }
}
