//! The witness is the server: each file in `tests/goldens` holds what PostgreSQL 15 sent for the statement on its first line, in
//! hexadecimal. The values expected are written by hand.

mod hostile;
mod properties;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::Float64Type;
use jiff::tz::TimeZone;

use super::*;

macro_rules! golden {
    ($name:literal) => {
        $crate::store::postgres::copy::tests::bytes_of(include_str!(concat!("tests/goldens/", $name, ".hex")))
    };
}

fn bytes_of(golden: &str) -> Vec<u8> {
    let digits: Vec<u32> = golden.lines().skip(1).flat_map(str::chars).map(|digit| digit.to_digit(16).unwrap()).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

fn stockholm() -> TimeZone {
    TimeZone::get("Europe/Stockholm").unwrap()
}

fn named(wires: &[Wire]) -> Vec<(String, Wire)> {
    wires.iter().enumerate().map(|(index, wire)| (format!("c{index}"), *wire)).collect()
}

/// Decodes a stream that comes in pieces.
fn decoded<'a>(pieces: impl IntoIterator<Item = &'a [u8]>, wires: &[Wire], zone: &TimeZone) -> Result<Chunk, DecodeError> {
    let mut decoder = Decoder::new(named(wires), zone.clone());
    for piece in pieces {
        decoder.push(piece)?;
    }
    decoder.finish()?;
    decoder.take()
}

fn encoded(arrays: &[ArrayRef], rows: usize, wires: &[Wire], zone: &TimeZone) -> Result<Vec<u8>, EncodeError> {
    let (encoder, mut bytes) = (Encoder::new(wires.to_vec(), zone.clone()), Vec::new());
    encoder.header(&mut bytes);
    encoder.rows(arrays, 0..rows, &mut bytes)?;
    encoder.trailer(&mut bytes);
    Ok(bytes)
}

/// Decodes what the server sent, whole and in pieces of every size, and expects these values.
fn expect_in(golden: &[u8], wire: Wire, zone: &TimeZone, expected: ArrayRef) -> Chunk {
    let whole = decoded([golden], &[wire], zone).unwrap();
    assert_eq!(whole.batch.column(0).as_ref(), expected.as_ref());
    assert_eq!(whole.batch.schema().field(0).data_type(), &wire.data_type());
    for size in 1..golden.len() {
        let cut = decoded(golden.chunks(size), &[wire], zone).unwrap();
        assert_eq!((&cut.batch, &cut.unreadable), (&whole.batch, &whole.unreadable), "in pieces of {size}");
    }
    whole
}

/// As [`expect_in`], and encoding the values gives the server's bytes again.
fn expect(golden: &[u8], wire: Wire, expected: ArrayRef) {
    let chunk = expect_in(golden, wire, &TimeZone::UTC, expected);
    assert!(chunk.unreadable.is_empty());
    let rows = chunk.batch.num_rows();
    assert_eq!(encoded(chunk.batch.columns(), rows, &[wire], &TimeZone::UTC).unwrap(), golden);
}

fn integers(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn decimals(precision: u8, scale: i8, values: &[Option<i128>]) -> ArrayRef {
    Arc::new(Decimal128Array::from(values.to_vec()).with_precision_and_scale(precision, scale).unwrap())
}

fn times(values: &[Option<i64>]) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(values.to_vec()).with_timezone("UTC"))
}

#[test]
fn booleans_and_whole_numbers() {
    expect(&golden!("boolean"), Wire::Boolean, Arc::new(BooleanArray::from(vec![Some(true), Some(false), None])));
    expect(&golden!("int2"), Wire::Int2, integers(&[Some(-32_768), Some(32_767), None, Some(0)]));
    expect(&golden!("int4"), Wire::Int4, integers(&[Some(-2_147_483_648), Some(2_147_483_647), None, Some(-1)]));
    expect(&golden!("int8"), Wire::Int8, integers(&[Some(i64::MIN), Some(i64::MAX), None, Some(1)]));
    expect(&golden!("oid"), Wire::Oid, integers(&[Some(0), Some(4_294_967_295), None]));
    expect(&golden!("xid"), Wire::Xid, integers(&[Some(3), Some(4_294_967_295), None]));
    expect(&golden!("tid"), Wire::Tid, integers(&[Some(1), Some(4_294_967_294 * 65_536 + 65_535), Some(65_536), None]));
}

#[test]
fn floating_numbers() {
    // Each `real` is exactly a double: 0.1 is the double nearest to the `real` nearest to 0.1.
    let reals = [f64::from(0.1_f32), -0.0, f64::from(f32::MAX), f64::from(f32::from_bits(1)), f64::NAN, f64::NEG_INFINITY].map(Some);
    expect(&golden!("float4"), Wire::Float4, Arc::new(Float64Array::from_iter(reals.into_iter().chain([None]))));
    let doubles = [0.1, -0.0, f64::MAX, 5e-324, f64::NAN, f64::INFINITY].map(Some);
    expect(&golden!("float8"), Wire::Float8, Arc::new(Float64Array::from_iter(doubles.into_iter().chain([None]))));
    let zero = decoded([golden!("float4").as_slice()], &[Wire::Float4], &TimeZone::UTC).unwrap();
    assert!(zero.batch.column(0).as_primitive::<Float64Type>().value(1).is_sign_negative());
}

#[test]
fn decimal_numbers() {
    let money = [0, 0, 1, -10, 100, 1_230, -90_100, 999_999, 1_000_000, 10_494_950, 999_999_999_999_999, -999_999_999_999_999].map(Some);
    let money: Vec<_> = money.into_iter().chain([None]).collect();
    expect(&golden!("numeric_15_2"), Wire::Numeric { precision: 15, scale: 2 }, decimals(15, 2, &money));
    let nines = 99_999_999_999_999_999_999_999_999_999_999_999_999;
    let tens = 10_000_000_000_000_000_000_000_000_000_000_000_000;
    expect(
        &golden!("numeric_38_0"),
        Wire::Numeric { precision: 38, scale: 0 },
        decimals(
            38,
            0,
            &[Some(nines), Some(-nines), Some(0), Some(18_446_744_073_709_551_615), Some(18_446_744_073_709_551_616), Some(tens), None],
        ),
    );
    expect(
        &golden!("numeric_38_37"),
        Wire::Numeric { precision: 38, scale: 37 },
        decimals(38, 37, &[Some(nines), Some(-1), Some(tens), None]),
    );
    expect(&golden!("numeric_38_38"), Wire::Numeric { precision: 38, scale: 38 }, decimals(38, 38, &[Some(nines), Some(-1), Some(0)]));
    expect(
        &golden!("numeric_38_20"),
        Wire::Numeric { precision: 38, scale: 20 },
        decimals(
            38,
            20,
            &[
                Some(12_345_678_901_234_567_812_345_678_901_234_567_891),
                Some(-50_000_000_000_000_000_000),
                Some(70_000_000_000_000_000_000_000_000_000_000_000_000),
            ],
        ),
    );
    // The server rounds 12345 to 12300 and 49 to 0.
    expect(
        &golden!("numeric_5_minus_2"),
        Wire::Numeric { precision: 5, scale: -2 },
        decimals(5, -2, &[Some(123), Some(-99_999), Some(0), Some(10_000), None]),
    );
}

#[test]
fn a_decimal_that_does_not_fit_is_an_error_of_its_row() {
    // 1.001, NaN, both infinities, ten thousand thousand millions, a googol, and the same below the point.
    let (sent, wires) = (golden!("numeric_unfit"), [Wire::Numeric { precision: 15, scale: 2 }]);
    let lengths = [19, 2 + 4 + 8 + 4, 2 + 4 + 8, 2 + 4 + 8, 2 + 4 + 8, 2 + 4 + 8 + 2, 2 + 4 + 8 + 2, 2 + 4 + 8 + 2, 2];
    assert_eq!(lengths.iter().sum::<usize>(), sent.len());
    let (mut at, mut reasons) = (19, Vec::new());
    for length in &lengths[1..8] {
        let row = sent.get(at..at + length).unwrap();
        at += length;
        match decoded([&sent[..19], row], &wires, &TimeZone::UTC) {
            Err(DecodeError::Cell { column, row: 1, reason }) if column == "c0" => reasons.push(reason),
            other => panic!("{other:?}"),
        }
    }
    let (fine, large) = ("the number is finer than the column's scale", "the number has more digits than the column's precision allows");
    assert_eq!(reasons, [fine, "the number is NaN", "the number is infinite", "the number is infinite", large, large, fine]);
}

#[test]
fn texts_and_blobs() {
    expect(
        &golden!("text"),
        Wire::Text,
        texts(&[Some(""), Some("a"), None, Some("\u{1f600} \u{e5}sa"), Some("two\nlines"), Some(" padded ")]),
    );
    let padded = texts(&[Some(""), Some("a"), None, Some("\u{1f600}\u{e5}"), Some("abcdef"), Some(" b c")]);
    expect_in(&golden!("padded_text"), Wire::PaddedText, &TimeZone::UTC, padded);
    expect(
        &golden!("bytes"),
        Wire::Bytes,
        Arc::new(BinaryArray::from_iter([Some(b"".as_slice()), Some(b"\x00\xff".as_slice()), None, Some(b"  ".as_slice())])),
    );
    expect(
        &golden!("uuid"),
        Wire::Uuid,
        texts(&[
            Some("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            Some("00000000-0000-0000-0000-000000000000"),
            Some("ffffffff-ffff-ffff-ffff-ffffffffffff"),
            None,
        ]),
    );
    expect(&golden!("jsonb"), Wire::Jsonb, texts(&[Some("{\"a\": [null, \"\u{e5}\"], \"b\": 1}"), Some("\"\""), Some("null"), None]));
}

#[test]
fn dates() {
    // Days since 1970 of 9999-12-31 and of 44-03-15 BC, which is the astronomers' year -43, in the Gregorian calendar that the server counts in.
    let (first, last) = (-2_440_588, 2_932_896);
    let expected = Arc::new(Date32Array::from(vec![
        Some(10_957),
        Some(0),
        Some(-1),
        Some(last),
        None,
        Some(first),
        None,
        None,
        None,
        None,
        Some(-735_160),
        Some(19_782),
    ]));
    let chunk = expect_in(&golden!("date"), Wire::Date, &TimeZone::UTC, expected);
    assert_eq!(chunk.unreadable, BTreeMap::from([(0, vec![4, 6, 7, 8])]));
}

#[test]
fn instants() {
    let (first, last) = (-2_440_588 * 86_400_000_000, 253_402_300_799_999_999);
    let expected = times(&[Some(946_684_800_000_000), Some(1), Some(-1), Some(last), None, Some(first), None, None, None, None]);
    let chunk = expect_in(&golden!("timestamp"), Wire::Timestamp, &TimeZone::UTC, expected);
    assert_eq!(chunk.unreadable, BTreeMap::from([(0, vec![4, 6, 7, 8])]));
    let noon = 1_719_828_000_000_000;
    let expected = times(&[Some(946_684_800_000_000), Some(noon), Some(-1), Some(last), None, Some(first), None, None, None, None]);
    let chunk = expect_in(&golden!("timestamp_tz"), Wire::TimestampTz, &stockholm(), expected);
    assert_eq!(chunk.unreadable, BTreeMap::from([(0, vec![4, 6, 7, 8])]));
}

#[test]
fn a_changed_clock_is_read_by_the_compatible_rule() {
    // 02:30 does not exist on the last Sunday of March 2024 and exists twice on the last Sunday of October.
    let instants = [
        "2024-03-31T00:59:59.999999Z",
        "2024-03-31T01:00:00Z",
        "2024-03-31T01:30:00Z",
        "2024-03-31T01:00:00Z",
        "2024-07-01T10:00:00Z",
        "2024-10-26T23:59:59Z",
        "2024-10-27T00:30:00Z",
        "2024-10-27T02:00:00Z",
        "2024-12-24T14:00:00Z",
        // Stockholm's own mean time, 1:12:12 before Greenwich.
        "1878-12-31T10:47:48Z",
    ];
    let instants = instants.map(|text| Some(text.parse::<jiff::Timestamp>().unwrap().as_microsecond()));
    let beyond = Some(253_402_300_799_999_999 - 3_600_000_000);
    let expected = times(&instants.into_iter().chain([beyond]).collect::<Vec<_>>());
    expect_in(&golden!("timestamp_changes"), Wire::Timestamp, &stockholm(), expected);
}

#[test]
fn several_columns_and_none() {
    let wires = [Wire::Int4, Wire::Text, Wire::Date, Wire::Numeric { precision: 10, scale: 2 }];
    let chunk = decoded([golden!("several").as_slice()], &wires, &TimeZone::UTC).unwrap();
    let expected: Vec<ArrayRef> = vec![
        integers(&[Some(1), None, Some(3)]),
        texts(&[Some("a"), None, Some("")]),
        Arc::new(Date32Array::from(vec![None, Some(19_782), None])),
        decimals(10, 2, &[Some(250), None, Some(-1)]),
    ];
    assert_eq!(chunk.batch.columns(), expected);
    assert_eq!(chunk.unreadable, BTreeMap::from([(2, vec![2])]));
    let chunk = decoded([golden!("no_rows").as_slice()], &[Wire::Int4], &TimeZone::UTC).unwrap();
    assert_eq!((chunk.batch.num_columns(), chunk.batch.num_rows()), (1, 0));
    let chunk = decoded([golden!("no_columns").as_slice()], &[], &TimeZone::UTC).unwrap();
    assert_eq!((chunk.batch.num_columns(), chunk.batch.num_rows()), (0, 3));
}

#[test]
fn chunks_follow_one_another() {
    let (sent, mut decoder) = (golden!("date"), Decoder::new(named(&[Wire::Date]), TimeZone::UTC));
    let mut batches: Vec<(RecordBatch, Vec<u32>)> = Vec::new();
    for byte in &sent {
        decoder.push(&[*byte]).unwrap();
        if decoder.rows() == 5 {
            assert!(decoder.bytes() >= 5 * 4);
            let chunk = decoder.take().unwrap();
            batches.push((chunk.batch, chunk.unreadable.get(&0).cloned().unwrap_or_default()));
        }
    }
    decoder.finish().unwrap();
    let chunk = decoder.take().unwrap();
    batches.push((chunk.batch, chunk.unreadable.get(&0).cloned().unwrap_or_default()));
    let shape: Vec<_> = batches.iter().map(|(batch, unread)| (batch.num_rows(), batch.column(0).null_count(), unread.as_slice())).collect();
    assert_eq!(shape, [(5, 1, [4].as_slice()), (5, 4, [1, 2, 3].as_slice()), (2, 0, [].as_slice())]);
}
