//! What is encoded is decoded as it was, however the stream is cut; and no stream, however damaged, does more than fail.

use proptest::prelude::*;

use super::*;

const DAY: i64 = 86_400_000_000;

fn wire() -> impl Strategy<Value = Wire> {
    let numeric = (1_u8..=38).prop_flat_map(|precision| {
        let most = i8::try_from(precision).unwrap();
        (Just(precision), -most..=most)
    });
    prop_oneof![
        numeric.prop_map(|(precision, scale)| Wire::Numeric { precision, scale }),
        proptest::sample::select(vec![
            Wire::Boolean,
            Wire::Int2,
            Wire::Int4,
            Wire::Int8,
            Wire::Oid,
            Wire::Float4,
            Wire::Float8,
            Wire::Text,
            Wire::PaddedText,
            Wire::Bytes,
            Wire::Date,
            Wire::Timestamp,
            Wire::TimestampTz,
            Wire::Uuid,
            Wire::Jsonb,
            Wire::Tid,
            Wire::Xid,
        ]),
    ]
}

/// A value of any column, from random bits: small and large numbers alike.
fn array(wire: Wire, cells: &[Option<(u128, String)>]) -> ArrayRef {
    fn all<'a, T>(cells: &'a [Option<(u128, String)>], value: impl Fn(u128) -> T + 'a) -> impl Iterator<Item = Option<T>> + 'a {
        cells.iter().map(move |cell| cell.as_ref().map(|(bits, _)| value(*bits)))
    }
    // The low byte says how many bits count.
    let number = |bits: u128| ((bits >> 8).cast_signed()) >> (bits & 127).min(119);
    let within = |bits: u128, first: i64, last: i64| {
        let span = i128::from(last) - i128::from(first) + 1;
        i64::try_from(number(bits).rem_euclid(span) + i128::from(first)).unwrap()
    };
    let whole = |first: i64, last: i64| -> ArrayRef { Arc::new(Int64Array::from_iter(all(cells, |bits| within(bits, first, last)))) };
    let text = |value: &dyn Fn(&str, u128) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter(cells.iter().map(|cell| cell.as_ref().map(|(bits, text)| value(text, *bits)))))
    };
    match wire {
        Wire::Boolean => Arc::new(BooleanArray::from_iter(all(cells, |bits| bits & 1 == 1))),
        Wire::Int2 => whole(-32_768, 32_767),
        Wire::Int4 => whole(-2_147_483_648, 2_147_483_647),
        Wire::Int8 => whole(i64::MIN, i64::MAX),
        Wire::Oid | Wire::Xid => whole(0, 4_294_967_295),
        Wire::Tid => whole(0, (1 << 48) - 1),
        Wire::Float4 => Arc::new(Float64Array::from_iter(all(cells, |bits| f64::from(f32::from_bits((bits >> 8) as u32))))),
        Wire::Float8 => Arc::new(Float64Array::from_iter(all(cells, |bits| f64::from_bits((bits >> 8) as u64)))),
        Wire::Numeric { precision, scale } => {
            let limit = 10_i128.pow(u32::from(precision));
            let values = all(cells, |bits| number(bits).wrapping_mul(100_003) % limit);
            Arc::new(Decimal128Array::from_iter(values).with_precision_and_scale(precision, scale).unwrap())
        }
        Wire::Text | Wire::Jsonb => text(&|text, _| text.replace('\0', "0")),
        Wire::PaddedText => text(&|text, _| text.replace('\0', "0").trim_end_matches(' ').to_owned()),
        Wire::Uuid => text(&|_, bits| {
            let digits = format!("{bits:032x}");
            [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
        }),
        Wire::Bytes => Arc::new(BinaryArray::from_iter(cells.iter().map(|cell| cell.as_ref().map(|(_, text)| text.as_bytes())))),
        Wire::Date => Arc::new(Date32Array::from_iter(all(cells, |bits| i32::try_from(within(bits, -2_440_588, 2_932_896)).unwrap()))),
        Wire::Timestamp | Wire::TimestampTz => {
            let values = all(cells, |bits| within(bits, -2_440_586 * DAY, 2_932_895 * DAY));
            Arc::new(TimestampMicrosecondArray::from_iter(values).with_timezone("UTC"))
        }
    }
}

type Rows = (Vec<Wire>, Vec<ArrayRef>, usize);

fn rows() -> impl Strategy<Value = Rows> {
    (proptest::collection::vec(wire(), 0..6), 0_usize..12).prop_flat_map(|(wires, rows)| {
        let cell = proptest::option::weighted(0.8, (any::<u128>(), ".{0,12}"));
        let columns = proptest::collection::vec(proptest::collection::vec(cell, rows), wires.len());
        columns.prop_map(move |columns| {
            let arrays = wires.iter().zip(&columns).map(|(wire, cells)| array(*wire, cells)).collect();
            (wires.clone(), arrays, rows)
        })
    })
}

fn pieces<'a>(bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).chain([0, bytes.len()]).collect();
    cuts.sort_unstable();
    cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect()
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded((wires, arrays, rows) in rows(), cuts in proptest::collection::vec(any::<usize>(), 0..8)) {
        let bytes = encoded(&arrays, rows, &wires, &TimeZone::UTC).unwrap();
        let chunk = decoded(pieces(&bytes, &cuts), &wires, &TimeZone::UTC).unwrap();
        // Bit by bit, so that NaN is NaN and -0.0 is not 0.0.
        let data = |arrays: &[ArrayRef]| arrays.iter().map(|array| format!("{array:?}")).collect::<Vec<_>>();
        prop_assert_eq!(data(chunk.batch.columns()), data(&arrays));
        prop_assert_eq!(chunk.batch.num_rows(), rows);
        prop_assert!(chunk.unreadable.is_empty());
        prop_assert_eq!(encoded(chunk.batch.columns(), rows, &wires, &TimeZone::UTC).unwrap(), bytes);
    }

    #[test]
    fn damaged_streams_fail_at_most(
        (wires, arrays, rows) in rows(),
        cuts in proptest::collection::vec(any::<usize>(), 0..4),
        damages in proptest::collection::vec((any::<usize>(), any::<u8>(), 0_u8..3), 1..6),
    ) {
        let mut bytes = encoded(&arrays, rows, &wires, &TimeZone::UTC).unwrap();
        for (at, byte, kind) in damages {
            let at = at % bytes.len().max(1);
            match kind {
                0 if at < bytes.len() => bytes[at] = byte,
                1 if at < bytes.len() => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        let zone = stockholm();
        let whole = decoded([bytes.as_slice()], &wires, &zone);
        let cut = decoded(pieces(&bytes, &cuts), &wires, &zone);
        match (whole, cut) {
            (Ok(whole), Ok(cut)) => prop_assert_eq!(format!("{:?}", whole.batch), format!("{:?}", cut.batch)),
            (Err(whole), Err(cut)) => prop_assert_eq!(whole, cut),
            (whole, cut) => prop_assert!(false, "cut otherwise, the answer is another: {whole:?} {cut:?}"),
        }
    }

    /// The witness is jiff, asked for each time alone; the times cluster around changes of clocks.
    #[test]
    fn civil_times_are_those_of_the_zone(
        name in proptest::sample::select(vec![
            "Europe/Stockholm", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "Africa/Casablanca", "Asia/Manila",
            "America/Juneau", "Etc/GMT+12",
        ]),
        times in proptest::collection::vec((-4_000_000_000_i64..8_000_000_000, -200_000_i64..200_000, 0_i64..1_000_000), 1..40),
    ) {
        let zone = TimeZone::get(name).unwrap();
        let mut offsets = offsets::Offsets::new(zone.clone());
        for (seconds, near, fraction) in times {
            let around = jiff::Timestamp::from_second(seconds).unwrap();
            let change = zone.following(around).next().map_or(around, |change| change.timestamp());
            for seconds in [seconds, change.as_second() + near, change.as_second(), change.as_second() - 1] {
                let time = seconds * 1_000_000 + fraction;
                let instant = jiff::Timestamp::from_microsecond(time).unwrap();
                let civil = jiff::tz::Offset::UTC.to_datetime(instant);
                let expected = zone.to_ambiguous_timestamp(civil).compatible().unwrap().as_microsecond();
                prop_assert_eq!(offsets.instant(time), expected);
                let expected = instant.to_zoned(zone.clone()).datetime().to_zoned(TimeZone::UTC).unwrap().timestamp().as_microsecond();
                prop_assert_eq!(offsets.civil(time), expected);
            }
        }
    }
}
