//! The binary COPY codec against streams that no server sends.
//!
//! The input's first bytes choose the columns, the zone and where the stream is cut; the rest is the stream. Whatever it is, the decoder
//! gives rows or an error, the same however the stream is cut, and holds no more than the bytes justify; rows that can be encoded again
//! decode as they were.

#![no_main]

// What the codec imports from `arrow`, from its parts.
extern crate self as arrow;
pub use arrow_buffer as buffer;

pub mod array {
    pub use arrow_array::cast::AsArray;
    pub use arrow_array::*;
}

pub mod datatypes {
    pub use arrow_array::types::*;
    pub use arrow_buffer::ArrowNativeType;
    pub use arrow_schema::*;
}

#[path = "../../src/store/postgres"]
#[allow(dead_code, unused_imports, reason = "the program uses more of it")]
mod postgres {
    pub mod copy;
}

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::sync::LazyLock;

use arrow_buffer::{Buffer, NullBuffer};
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use postgres::copy::{Chunk, DecodeError, Decoder, Encoder, Wire};

/// Inputs are a few kilobytes: an allocation larger than this believed a length that the bytes do not bear out.
const LARGEST_ALLOCATION: usize = 4 << 20;

/// Refuses what is too large, which ends the process and is a finding. libFuzzer's own limit works under a sanitizer alone.
struct Frugal;

// SAFETY: the system's allocator, or no memory.
unsafe impl GlobalAlloc for Frugal {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A finding may be told at any length.
        if layout.size() > LARGEST_ALLOCATION && !std::thread::panicking() {
            return std::ptr::null_mut();
        }
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Frugal = Frugal;

static ZONES: LazyLock<[TimeZone; 3]> = LazyLock::new(|| {
    let zone = |name| TimeZone::get(name).expect("the zones are bundled");
    [TimeZone::UTC, zone("Europe/Stockholm"), zone("Australia/Lord_Howe")]
});

/// The bytes that choose.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn next(&mut self) -> u8 {
        self.0.split_off_first().copied().unwrap_or(0)
    }

    /// The kinds are numbered for `scripts/fuzz`, which writes the first inputs.
    fn wire(&mut self) -> Wire {
        match self.next() % 18 {
            0 => Wire::Boolean,
            1 => Wire::Int2,
            2 => Wire::Int4,
            3 => Wire::Int8,
            4 => Wire::Oid,
            5 => Wire::Float4,
            6 => Wire::Float8,
            7 => Wire::Text,
            8 => Wire::PaddedText,
            9 => Wire::Bytes,
            10 => Wire::Date,
            11 => Wire::Timestamp,
            12 => Wire::TimestampTz,
            13 => Wire::Uuid,
            14 => Wire::Jsonb,
            15 => Wire::Tid,
            16 => Wire::Xid,
            _ => {
                // Now and then a shape that no decimal has.
                let precision = self.next() % 40;
                Wire::Numeric { precision, scale: i8::from_be_bytes([self.next()]) }
            }
        }
    }
}

/// All chunks of a stream that comes in pieces, taken when this many rows are held.
fn decoded<'a>(
    wires: &[Wire],
    zone: &TimeZone,
    pieces: impl Iterator<Item = &'a [u8]>,
    rows_per_chunk: usize,
) -> Result<Vec<Chunk>, DecodeError> {
    let columns = wires.iter().enumerate().map(|(index, wire)| (index.to_string(), *wire)).collect();
    let (mut decoder, mut chunks) = (Decoder::new(columns, zone.clone()), Vec::new());
    for piece in pieces {
        decoder.push(piece)?;
        if decoder.rows() >= rows_per_chunk {
            chunks.push(decoder.take()?);
        }
    }
    decoder.finish()?;
    chunks.push(decoder.take()?);
    Ok(chunks)
}

/// All bits of an answer, so that NaN is NaN and -0.0 is not 0.0.
type Contents<'a> = Result<Vec<(Vec<Buffer>, Option<NullBuffer>, &'a BTreeMap<usize, Vec<u32>>)>, &'a DecodeError>;

fn contents(answer: &Result<Vec<Chunk>, DecodeError>) -> Contents<'_> {
    let column = |chunk: &'_ Chunk, column: usize| {
        let array = chunk.batch.column(column).to_data();
        (array.buffers().to_vec(), array.nulls().cloned())
    };
    let columns = |chunk: &'_ Chunk| (0..chunk.batch.num_columns()).map(|at| column(chunk, at)).collect::<Vec<_>>();
    answer.as_ref().map(|chunks| {
        let all = chunks.iter().flat_map(|chunk| columns(chunk).into_iter().map(|(buffers, nulls)| (buffers, nulls, &chunk.unreadable)));
        all.collect()
    })
}

fuzz_target!(|input: &[u8]| {
    let mut choices = Choices(input);
    let wires: Vec<Wire> = (0..choices.next() % 5).map(|_| choices.wire()).collect();
    let zone = &ZONES[usize::from(choices.next() % 3)];
    let (piece, rows_per_chunk) = (usize::from(choices.next()) + 1, usize::from(choices.next()) + 1);
    let stream = choices.0;

    let whole = decoded(&wires, zone, std::iter::once(stream), usize::MAX);
    let cut = decoded(&wires, zone, stream.chunks(piece), usize::MAX);
    assert_eq!(contents(&whole), contents(&cut), "cut otherwise, the answer is another");
    let chunks = decoded(&wires, zone, stream.chunks(piece), rows_per_chunk);
    let Ok([Chunk { batch, .. }]) = whole.as_deref() else {
        // A text that is not UTF-8 is found when its chunk is taken, perhaps before a later error.
        assert_eq!(chunks.is_err(), whole.is_err());
        return;
    };
    let rows: usize = chunks.expect("the same stream was decoded whole").iter().map(|chunk| chunk.batch.num_rows()).sum();
    assert_eq!(rows, batch.num_rows());

    // Civil times of a repeated hour read back as the first; in UTC all is as it was.
    let (encoder, mut bytes) = (Encoder::new(wires.clone(), TimeZone::UTC), Vec::new());
    encoder.header(&mut bytes);
    if encoder.rows(batch.columns(), 0..rows, &mut bytes).is_err() {
        // The server has no texts with NUL characters, and times of other zones may leave its calendar.
        return;
    }
    encoder.trailer(&mut bytes);
    let again = decoded(&wires, &TimeZone::UTC, std::iter::once(bytes.as_slice()), usize::MAX);
    if *zone == TimeZone::UTC {
        // The reference is without its unreadable dates, which were NULL when they were encoded.
        let known = [Chunk { batch: batch.clone(), unreadable: BTreeMap::new() }];
        assert_eq!(contents(&again), contents(&Ok(known.to_vec())));
    }
});
