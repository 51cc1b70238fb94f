//! Columns of every type, with literals of each: its extremes, and what chance makes.

use proptest::prelude::*;
use proptest::sample::select;

/// One literal per row. They are too many to be shown.
#[derive(Clone)]
pub struct Literals(pub Vec<Option<String>>);

impl std::fmt::Debug for Literals {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} literals", self.0.len())
    }
}

/// A type, and literals of it.
pub type Typed = (String, Literals);

/// Literals of a type: these, or what the strategy makes.
fn typed(
    name: &str,
    rows: usize,
    extremes: &'static [&'static str],
    others: impl Strategy<Value = String> + 'static,
) -> BoxedStrategy<Typed> {
    let literal = prop_oneof![2 => select(extremes).prop_map(str::to_owned), 3 => others];
    let name = name.to_owned();
    proptest::collection::vec(proptest::option::weighted(0.85, literal), rows)
        .prop_map(move |cells| (name.clone(), Literals(cells)))
        .boxed()
}

/// A type of which a few literals tell all.
fn fixed(name: &str, rows: usize, literals: &'static [&'static str]) -> BoxedStrategy<Typed> {
    typed(name, rows, literals, select(literals).prop_map(str::to_owned))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>().prop_map(|text| text.replace('\0', "")),
        "[ \\t\\n'\"\\\\{},()a-zå\u{1f600}]{0,12}",
        Just("Å".repeat(9_000))
    ]
}

fn numeric(rows: usize, negative_scales: bool) -> impl Strategy<Value = Typed> {
    let shape = (1_u32..=45).prop_flat_map(move |precision| {
        let wide = i32::try_from(precision).unwrap();
        (Just(precision), if negative_scales { -3..=wide + 3 } else { 0..=wide })
    });
    shape.prop_flat_map(move |(precision, scale)| {
        let digits = proptest::collection::vec(0_u8..10, precision as usize);
        let literal = (digits, 0..=precision as usize, any::<bool>()).prop_map(move |(digits, zeros, negative)| {
            let digits: String =
                digits.iter().enumerate().map(|(at, digit)| if at < zeros { '0' } else { char::from(b'0' + digit) }).collect();
            format!("{}{digits}e{}", if negative { "-" } else { "" }, -scale)
        });
        let cells = proptest::collection::vec(proptest::option::weighted(0.85, literal), rows);
        cells.prop_map(move |cells| (format!("numeric({precision},{scale})"), Literals(cells)))
    })
}

fn day() -> impl Strategy<Value = String> {
    (1_i32..9_999, 1_u8..13, 1_u8..29, any::<u8>())
        .prop_map(|(year, month, day, era)| format!("{year:04}-{month:02}-{day:02}{}", if era == 0 && year < 4_700 { " BC" } else { "" }))
}

/// Not at night, when clocks are changed: an hour that a change leaves out has no instant of its own.
fn time(zone: &'static str) -> impl Strategy<Value = String> {
    (day(), 3_u8..22, 0_u8..60, 0_u32..60_000_000).prop_map(move |(day, hour, minute, micros)| {
        let (date, era) = day.split_at(10);
        format!("{date} {hour:02}:{minute:02}:{:02}.{:06}{zone}{era}", micros / 1_000_000, micros % 1_000_000)
    })
}

/// One column of every type, and some decimals.
pub fn columns(rows: usize, newer: bool, extensions: &[&str]) -> impl Strategy<Value = Vec<Typed>> {
    let whole = |name: &'static str, extremes: &'static [&'static str], bits: u32| {
        typed(name, rows, extremes, any::<i64>().prop_map(move |number| (number >> (64 - bits)).to_string()))
    };
    let mut all = vec![
        fixed("boolean", rows, &["t", "f"]),
        whole("smallint", &["-32768", "32767", "0"], 16),
        whole("integer", &["-2147483648", "2147483647", "0"], 32),
        whole("bigint", &["-9223372036854775808", "9223372036854775807", "0"], 64),
        fixed("oid", rows, &["0", "4294967295", "17"]),
        typed(
            "real",
            rows,
            &["NaN", "Infinity", "-Infinity", "-0", "1e-45", "3.4028235e38"],
            any::<f32>().prop_map(|number| format!("{number:e}")),
        ),
        typed(
            "double precision",
            rows,
            &["NaN", "Infinity", "-Infinity", "-0", "5e-324", "1.7976931348623157e308"],
            any::<f64>().prop_map(|number| format!("{number:e}")),
        ),
        typed(
            "numeric",
            rows,
            &["0", "0.00", "-0.00000000000000000001", "999999999999999999.99999999999999999999"],
            "-?[0-9]{1,18}\\.[0-9]{0,20}",
        ),
        typed("price", rows, &["0", "-999999.999", "999999999.999"], "[0-9]{1,9}\\.[0-9]{3}"),
        typed("money", rows, &["0", "-92233720368547758.08", "92233720368547758.07"], "-?[0-9]{1,16}\\.[0-9]{2}"),
        typed("text", rows, &["", " ", "NULL", "\\N"], text()),
        typed("varchar(12)", rows, &["", "            "], "[ -~å\u{1f600}]{0,12}"),
        typed("char(8)", rows, &["", "a", " a", "åäöåäöåä"], "[ -~å]{0,8}"),
        typed("name", rows, &["", "CamelCase"], "[ -~å]{0,20}"),
        typed("word", rows, &[""], "[ -~å]{0,12}"),
        typed("code", rows, &["", "yes"], "[a-z]{3,12}"),
        fixed("\"char\"", rows, &["a", "", " "]),
        typed("bytea", rows, &["\\x", "\\x00", "\\xff00"], "([0-9a-f]{2}){0,40}".prop_map(|digits| format!("\\x{digits}"))),
        typed(
            "date",
            rows,
            &["infinity", "-infinity", "4714-11-24 BC", "5874897-12-31", "9999-12-31", "10000-01-01", "0001-12-31 BC"],
            day(),
        ),
        typed("day", rows, &["infinity", "2000-02-29"], day()),
        typed(
            "timestamp",
            rows,
            &["infinity", "-infinity", "4714-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999"],
            time(""),
        ),
        typed("stamp", rows, &["-infinity", "1970-01-01 00:00:00"], time("")),
        typed(
            "timestamp with time zone",
            rows,
            &["infinity", "-infinity", "4714-11-24 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00", "9999-12-31 23:59:59.999999+00"],
            time("+02"),
        ),
        fixed("timestamp(0) with time zone", rows, &["2024-10-27 02:30:00+02", "2024-10-27 02:30:00+01"]),
        fixed("time", rows, &["00:00:00", "24:00:00", "12:34:56.789012"]),
        fixed("time with time zone", rows, &["00:00:00+15:59:59", "24:00:00-12", "12:34:56.789012+05:30"]),
        fixed(
            "interval",
            rows,
            &["178000000 years", "-178000000 years", "1 mon -1 day 00:00:00.000001", "-00:00:00.1", "1 year 30 days 24:00:00", "0"],
        ),
        typed(
            "uuid",
            rows,
            &["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"],
            "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        ),
        fixed("json", rows, &["{\"a\" : 1 , \"a\": 2}", "null", " \"å\\u00e5\" ", "[1e400]", "{}"]),
        fixed("jsonb", rows, &["{\"a\": [1, null, {\"å\": \"\\\"\"}]}", "null", "\"\"", "1e400", "1.10", "[]"]),
        fixed("jsonpath", rows, &["$.a[*] ? (@.b > 1)", "strict $"]),
        fixed("inet", rows, &["10.0.0.1", "10.0.0.1/8", "::1", "2001:db8::/32"]),
        fixed("cidr", rows, &["10.0.0.0/8", "2001:db8::/32"]),
        fixed("macaddr", rows, &["08:00:2b:01:02:03"]),
        fixed("macaddr8", rows, &["08:00:2b:01:02:03:04:05"]),
        fixed("mood", rows, &["sad", "it's \"fine\"", "Å\\"]),
        fixed("feeling", rows, &["sad", "Å\\"]),
        fixed("place", rows, &["(\"Storgatan \"\"B\"\"\",1,2020-01-01)", "(,,)", "(\"\",-1,infinity)"]),
        fixed("place[]", rows, &["{\"(a,1,)\",NULL}", "{}"]),
        fixed("integer[]", rows, &["{}", "{1,NULL,-2147483648}", "{{1,2},{3,4}}", "[2:3]={5,6}"]),
        fixed("text[]", rows, &["{}", "{\"\",NULL,\"NULL\",\"a,b\",\"\\\"\\\\\",å}", "{{a},{b}}"]),
        fixed("numeric(10,2)[]", rows, &["{1.50,NULL}", "{}"]),
        fixed("date[]", rows, &["{infinity,\"0001-01-01 BC\",2020-02-29}"]),
        fixed("word[]", rows, &["{a,\"b c\"}"]),
        fixed("int4range", rows, &["empty", "[1,5)", "(,)", "[,5)"]),
        fixed("numrange", rows, &["empty", "(1.10,2.2]", "[1,]"]),
        fixed("daterange", rows, &["[2020-01-01,infinity)", "(,)", "empty"]),
        fixed("tsrange", rows, &["[\"2020-01-01 00:00:00\",infinity]"]),
        fixed("tstzrange", rows, &["(\"2020-01-01 00:00:00+02\",\"2020-06-01 00:00:00+02\"]", "empty"]),
        fixed("int8multirange", rows, &["{}", "{[1,3),[5,9)}", "{(,)}"]),
        fixed("datemultirange", rows, &["{[2020-01-01,2020-02-01),[2021-01-01,)}"]),
        fixed("bit(7)", rows, &["0000000", "1010101"]),
        fixed("bit varying(20)", rows, &["", "1", "10101010101010101010"]),
        fixed("tsvector", rows, &["", "'a':1A 'b''c':2,3B", "'å'"]),
        fixed("tsquery", rows, &["", "'a' & !'b':*", "'a' <-> 'b'"]),
        fixed("point", rows, &["(1,2)", "(-0,1e300)", "(NaN,Infinity)"]),
        fixed("polygon", rows, &["((0,0),(1,0),(1,1))"]),
        fixed("circle", rows, &["<(0.1,0.2),3>"]),
        fixed("pg_lsn", rows, &["0/0", "16/B374D848"]),
        fixed("xid8", rows, &["0", "18446744073709551615"]),
        fixed("int2vector", rows, &["1 2 3"]),
    ];
    for extension in extensions {
        all.push(match *extension {
            "citext" => typed("citext", rows, &["", "Åsa", "ÅSA"], "[ -~å]{0,20}"),
            "hstore" => fixed("hstore", rows, &["", "\"a b\"=>\"\\\"\", c=>NULL", "a=>1"]),
            "ltree" => fixed("ltree", rows, &["", "a.b.c"]),
            _ => fixed("xml", rows, &["<a b=\"c\">å &amp; ä</a>", "text", ""]),
        });
    }
    (all, proptest::collection::vec(numeric(rows, newer), 12)).prop_map(|(mut all, numbers)| {
        all.extend(numbers);
        all
    })
}

pub fn quoted(literal: &Option<String>) -> String {
    literal.as_ref().map_or_else(|| "NULL".into(), |literal| format!("'{}'", literal.replace('\'', "''")))
}
