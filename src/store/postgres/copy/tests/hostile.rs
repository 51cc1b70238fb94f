//! Streams that no server sends, and values that no server takes.

use super::*;

fn reason(pieces: &[&[u8]], wires: &[Wire]) -> String {
    decoded(pieces.iter().copied(), wires, &TimeZone::UTC).unwrap_err().to_string()
}

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

#[test]
fn the_stream_itself() {
    let is = "the stream is no binary COPY after 0 rows: ";
    assert_eq!(reason(&[b"PGCOPX"], &[]), format!("{is}its signature is another"));
    assert_eq!(reason(&[b"PGCOP", b"X"], &[]), format!("{is}its signature is another"));
    assert_eq!(reason(&[b""], &[]), format!("{is}it ends before its trailer"));
    assert_eq!(reason(&[HEADER], &[]), format!("{is}it ends before its trailer"));
    assert_eq!(reason(&[&HEADER[..18]], &[]), format!("{is}it ends before its trailer"));
    assert_eq!(reason(&[HEADER, b"\xff\xff", b"\xff"], &[]), format!("{is}bytes follow its trailer"));
    assert_eq!(reason(&[b"PGCOPY\n\xff\r\n\0\0\x01\0\0\0\0\0\0"], &[]), format!("{is}its header has flags that are not known"));
    assert_eq!(reason(&[b"PGCOPY\n\xff\r\n\0\0\0\0\0\xff\xff\xff\xff"], &[]), format!("{is}its header's extension has an absurd length"));
    // Flags of the lower half and an extension may be skipped.
    assert!(decoded([b"PGCOPY\n\xff\r\n\0\0\0\0\x01\0\0\0\x03abc".as_slice(), b"\xff\xff"], &[], &TimeZone::UTC).is_ok());
}

#[test]
fn rows_and_fields() {
    assert_eq!(reason(&[HEADER, b"\0\x02"], &[Wire::Int4]), "row 1 of the stream has 2 fields instead of 1");
    assert_eq!(reason(&[HEADER, b"\xff\xfe"], &[Wire::Int4]), "row 1 of the stream has -2 fields instead of 1");
    let cell = |row: &[u8], wire| {
        let good = b"\0\x01\xff\xff\xff\xff".as_slice();
        let message = reason(&[HEADER, good, &[b"\0\x01", row].concat()], &[wire]);
        message.strip_prefix("column `c0`, row 2 of the stream: ").unwrap().to_owned()
    };
    assert_eq!(cell(b"\xff\xff\xff\xfe", Wire::Text), "the field's length is negative");
    let wrong = "the field's length does not fit the column's type";
    assert_eq!(cell(b"\0\0\0\x05abcde", Wire::Int4), wrong);
    assert_eq!(cell(b"\0\0\0\0", Wire::Boolean), wrong);
    // An absurd length is refused before its bytes come.
    for wire in [Wire::Int2, Wire::Text, Wire::Numeric { precision: 5, scale: 0 }, Wire::Uuid, Wire::Tid, Wire::Jsonb] {
        assert_eq!(cell(b"\x7f\xff\xff\xff", wire), wrong);
    }
    assert_eq!(cell(b"\0\0\0\x01\x02", Wire::Boolean), "the boolean is neither 0 nor 1");
    assert_eq!(cell(b"\0\0\0\x03\x02{}", Wire::Jsonb), "the version of the jsonb is not 1");
    // And is called the same once they have come.
    for field in [[0; 7].as_slice(), &[0; 8 + 2 * 65_535 + 1]] {
        let length = u32::try_from(field.len()).unwrap().to_be_bytes();
        assert_eq!(cell(&[length.as_slice(), field].concat(), Wire::Numeric { precision: 38, scale: 2 }), wrong);
        assert_eq!(cell(&length, Wire::Numeric { precision: 38, scale: 2 }), wrong);
    }
    let malformed = "the number is malformed";
    let numeric = |field: &[u8]| {
        let length = u32::try_from(field.len()).unwrap().to_be_bytes();
        cell(&[length.as_slice(), field].concat(), Wire::Numeric { precision: 38, scale: 2 })
    };
    assert_eq!(numeric(b"\0\x01\0\0\0\0\0\0"), malformed);
    assert_eq!(numeric(b"\0\x01\0\0\0\0\0\0\x27\x10"), malformed);
    assert_eq!(numeric(b"\0\x01\0\0\x40\x01\0\0\0\x01"), malformed);
    assert_eq!(numeric(b"\0\x01\0\0\0\0\x40\0\0\x01"), malformed);
    assert_eq!(numeric(b"\0\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff"), malformed);
    assert_eq!(numeric(b"\0\x01\x7f\xff\0\0\0\0\0\x01"), "the number has more digits than the column's precision allows");
    assert_eq!(numeric(b"\0\x01\x80\0\0\0\0\0\0\x01"), "the number is finer than the column's scale");
}

#[test]
fn texts_that_are_not_utf8() {
    let row = |text: &[u8]| [b"\0\x01\0\0\0".as_slice(), &[u8::try_from(text.len()).unwrap()], text].concat();
    let expected = "column `c0`, row 2 of the stream: the text is not valid UTF-8";
    assert_eq!(reason(&[HEADER, &row(b"a"), &row(b"\xff"), b"\xff\xff"], &[Wire::Text]), expected);
    // Together they would be a character.
    assert_eq!(reason(&[HEADER, &row(b"a"), &row(b"\xc3"), &row(b"\xa5"), b"\xff\xff"], &[Wire::Text]), expected);
    assert_eq!(reason(&[HEADER, &row(b"a"), &row(b"\xc3  "), b"\xff\xff"], &[Wire::PaddedText]), expected);
}

#[test]
fn a_failed_decoder_keeps_its_complete_rows() {
    let mut decoder = Decoder::new(named(&[Wire::Text, Wire::Int2]), TimeZone::UTC);
    decoder.push(HEADER).unwrap();
    decoder.push(b"\0\x02\0\0\0\x01a\0\0\0\x02\0\x01").unwrap();
    let failure = decoder.push(b"\0\x02\0\0\0\x01b\0\0\0\x01\0").unwrap_err();
    assert_eq!(failure.to_string(), "column `c1`, row 2 of the stream: the field's length does not fit the column's type");
    assert_eq!(decoder.push(b"").unwrap_err(), failure);
    assert_eq!(decoder.finish().unwrap_err(), failure);
    let chunk = decoder.take().unwrap();
    assert_eq!(chunk.batch.columns(), [texts(&[Some("a")]), integers(&[Some(1)])]);
}

#[test]
fn a_precision_that_no_decimal_has() {
    let sent = [HEADER, b"\xff\xff"].concat();
    assert!(decoded([sent.as_slice()], &[Wire::Numeric { precision: 39, scale: 0 }], &TimeZone::UTC).is_err());
    assert!(decoded([sent.as_slice()], &[Wire::Numeric { precision: 0, scale: 0 }], &TimeZone::UTC).is_err());
}

#[test]
fn values_that_have_no_form() {
    let reason = |wire: Wire, array: ArrayRef| match encoded(&[array], 2, &[wire], &TimeZone::UTC) {
        Err(EncodeError::Cell { column: 0, row: 1, reason }) => reason,
        other => panic!("{other:?}"),
    };
    let range = "the number is outside of the range of the column's type";
    assert_eq!(reason(Wire::Int2, integers(&[Some(32_767), Some(32_768)])), range);
    assert_eq!(reason(Wire::Int4, integers(&[Some(-2_147_483_648), Some(-2_147_483_649)])), range);
    assert_eq!(reason(Wire::Oid, integers(&[Some(4_294_967_295), Some(-1)])), range);
    assert_eq!(reason(Wire::Xid, integers(&[None, Some(4_294_967_296)])), range);
    assert_eq!(reason(Wire::Tid, integers(&[Some((1 << 48) - 1), Some(1 << 48)])), range);
    assert_eq!(reason(Wire::Tid, integers(&[Some(0), Some(-1)])), range);
    assert_eq!(reason(Wire::Float4, Arc::new(Float64Array::from(vec![f64::INFINITY, 3.5e38]))), range);
    let wide = decimals(38, 2, &[Some(99_999), Some(-100_000)]);
    assert_eq!(reason(Wire::Numeric { precision: 5, scale: 2 }, wide), "the number has more digits than the column's precision allows");
    let nul = "the text has a NUL character, which PostgreSQL can not store";
    assert_eq!(reason(Wire::Text, texts(&[Some(""), Some("a\0")])), nul);
    assert_eq!(reason(Wire::Jsonb, texts(&[Some("1"), Some("\0")])), nul);
    for text in ["", "a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "å"]
    {
        assert_eq!(reason(Wire::Uuid, texts(&[None, Some(text)])), "the text is no UUID");
    }
    let calendar = "the date is outside of PostgreSQL's calendar";
    assert_eq!(reason(Wire::Date, Arc::new(Date32Array::from(vec![-2_440_588, -2_440_589]))), calendar);
    assert_eq!(reason(Wire::Date, Arc::new(Date32Array::from(vec![2_145_042_905, 2_145_042_906]))), calendar);
    assert_eq!(reason(Wire::TimestampTz, times(&[Some(-2_440_588 * 86_400_000_000), Some(-2_440_588 * 86_400_000_000 - 1)])), calendar);
    assert_eq!(reason(Wire::Timestamp, times(&[Some(i64::MAX), Some(i64::MIN)])), calendar);
}

#[test]
fn arrays_that_are_not_the_columns() {
    let zone = TimeZone::UTC;
    let refused = |arrays: &[ArrayRef], rows, wires: &[Wire]| encoded(arrays, rows, wires, &zone).unwrap_err();
    assert!(matches!(refused(&[integers(&[None])], 1, &[Wire::Text]), EncodeError::Type { column: 0, .. }));
    assert!(matches!(refused(&[decimals(9, 3, &[None])], 1, &[Wire::Numeric { precision: 9, scale: 2 }]), EncodeError::Type { .. }));
    assert_eq!(refused(&[integers(&[None])], 2, &[Wire::Int4]), EncodeError::Shape);
    assert_eq!(refused(&[], 0, &[Wire::Int4]), EncodeError::Shape);
    let nothing: ArrayRef = Arc::new(arrow::array::NullArray::new(1));
    assert_eq!(encoded(&[nothing], 1, &[Wire::Uuid], &zone).unwrap(), [HEADER, b"\0\x01\xff\xff\xff\xff\xff\xff"].concat());
}
