//! A few literals of each type, and the values expected of them, written by hand.

use super::literals::quoted;
use super::*;

#[test]
fn each_type_has_its_values() {
    let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![b"".as_slice(), b"\x00\xff"]));
    let cases: Vec<(&str, &[&str], ArrayRef)> = vec![
        ("boolean", &["true", "false"], Arc::new(BooleanArray::from(vec![true, false]))),
        ("smallint", &["-32768", "7"], integers(&[-32_768, 7])),
        ("integer", &["-2147483648", "7"], integers(&[-2_147_483_648, 7])),
        ("bigint", &["-9223372036854775808", "7"], integers(&[i64::MIN, 7])),
        ("oid", &["4294967295", "7"], integers(&[4_294_967_295, 7])),
        ("real", &["0.5", "16777216"], Arc::new(Float64Array::from(vec![0.5, 16_777_216.0]))),
        ("double precision", &["0.1", "-Infinity"], Arc::new(Float64Array::from(vec![0.1, f64::NEG_INFINITY]))),
        ("numeric(5,2)", &["123.45", "-0.01"], decimals(5, 2, &[12_345, -1])),
        ("numeric(38,0)", &["99999999999999999999999999999999999999", "0"], decimals(38, 0, &[10_i128.pow(38) - 1, 0])),
        ("numeric", &["1.5", "-0.00000000000000000001"], decimals(38, 20, &[150_000_000_000_000_000_000, -1])),
        (
            "numeric(50,10)",
            &["1234567890123456789012345678901234567890.5", "NaN"],
            texts(&["1234567890123456789012345678901234567890.5000000000", "NaN"]),
        ),
        ("price", &["1.5", "-2"], decimals(12, 3, &[1_500, -2_000])),
        ("money", &["12.34", "-92233720368547758.08"], decimals(19, 2, &[1_234, i128::from(i64::MIN)])),
        ("text", &["Åsa", " two\nlines "], texts(&["Åsa", " two\nlines "])),
        ("varchar(5)", &["a  ", "åäöåä"], texts(&["a  ", "åäöåä"])),
        ("char(5)", &["a", " b"], texts(&["a", " b"])),
        ("name", &["a", "B c"], texts(&["a", "B c"])),
        ("\"char\"", &["a", ""], texts(&["a", ""])),
        ("bytea", &["\\x", "\\x00ff"], bytes),
        ("date", &["1970-01-02", "2000-01-01"], Arc::new(Date32Array::from(vec![1, 10_957]))),
        ("day", &["1969-12-31", "0001-01-01"], Arc::new(Date32Array::from(vec![-1, -719_162]))),
        // The pipeline's zone: Stockholm, in winter and in summer.
        ("timestamp", &["2024-01-01 12:00:00.5", "2024-07-01 12:00:00"], times(&["2024-01-01T11:00:00.5Z", "2024-07-01T10:00:00Z"])),
        (
            "timestamp with time zone",
            &["2024-01-01 12:00:00+05:30", "1969-12-31 23:59:59.999999Z"],
            times(&["2024-01-01T06:30:00Z", "1969-12-31T23:59:59.999999Z"]),
        ),
        ("time", &["01:02:03.5", "24:00:00"], texts(&["01:02:03.5", "24:00:00"])),
        ("time with time zone", &["01:02:03+05:30", "00:00:00-12"], texts(&["01:02:03+05:30", "00:00:00-12"])),
        ("interval", &["1 year 2 months 3 days", "-1 second"], texts(&["1 year 2 mons 3 days", "-00:00:01"])),
        (
            "uuid",
            &["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "{a0eebc999c0b4ef8bb6d6bb9bd380a11}"],
            texts(&["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
        ),
        ("json", &["{\"a\" : 1}", "null"], texts(&["{\"a\" : 1}", "null"])),
        ("jsonb", &["{\"b\":1,\"a\":[]}", "\"å\""], texts(&["{\"a\": [], \"b\": 1}", "\"å\""])),
        ("inet", &["10.0.0.1", "::1/64"], texts(&["10.0.0.1/32", "::1/64"])),
        ("cidr", &["10/8", "2001:db8::/32"], texts(&["10.0.0.0/8", "2001:db8::/32"])),
        ("macaddr", &["08002b:010203", "08-00-2b-01-02-03"], texts(&["08:00:2b:01:02:03", "08:00:2b:01:02:03"])),
        ("mood", &["sad", "it's \"fine\""], texts(&["sad", "it's \"fine\""])),
        ("place", &["(a b,1,2020-01-01)", "(,,)"], texts(&["(\"a b\",1,2020-01-01)", "(,,)"])),
        ("integer[]", &["{1,NULL}", "{}"], texts(&["{1,NULL}", "{}"])),
        ("int4range", &["[1,4]", "empty"], texts(&["[1,5)", "empty"])),
        ("int4multirange", &["{[1,2],[3,4]}", "{}"], texts(&["{[1,5)}", "{}"])),
        ("bit(3)", &["101", "000"], texts(&["101", "000"])),
        ("bit varying(8)", &["1", ""], texts(&["1", ""])),
        ("tsvector", &["b a", ""], texts(&["'a' 'b'", ""])),
    ];
    let definitions: Vec<String> = cases.iter().enumerate().map(|(index, (name, ..))| format!("c{index} {name}")).collect();
    let row = |row: usize| cases.iter().map(|(_, literals, _)| quoted(&Some(literals[row].into()))).collect::<Vec<_>>().join(", ");
    let database = Database::of(&format!(
        "{OWN_TYPES} CREATE TABLE types (id integer PRIMARY KEY, {}); INSERT INTO types VALUES (1, {}), (2, {}); INSERT INTO types VALUES (3)",
        definitions.join(", "),
        row(0),
        row(1)
    ));
    let found = read(&mut database.open("Europe/Stockholm", 1), "types").unwrap();
    assert!(found.unreadable.is_empty());
    for (index, (name, _, expected)) in cases.iter().enumerate() {
        let read = column(&found, index + 1);
        assert_eq!(read.slice(0, 2).as_ref(), expected.as_ref(), "{name}");
        assert!(read.is_null(2), "{name}");
    }
}
