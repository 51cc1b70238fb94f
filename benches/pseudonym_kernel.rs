//! The pseudonym kernel beside a bare loop over the hmac crate with a cached key.
//!
//! `cargo bench --bench pseudonym_kernel`. Two loops are what somebody would write who knows the crate: one that computes the code of each row
//! and keeps nothing of it, the least that can be done, and one that also writes the hexadecimal text into a column, as the kernel does. All
//! work on the same rows, which the same seed always gives, in turns; the ratios of their medians are printed. Nothing is asserted about speed.

use std::hint::black_box;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{Array, ArrayRef, Int64Array, StringArray, StringBuilder};
use data_encoding::HEXLOWER;
use gallra::kernels::pseudonym::{PseudonymFormat, pseudonyms};
use gallra::keys::{DerivedKey, Keyring, Purpose};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const ROWS: usize = 1_000_000;
const ROUNDS: usize = 15;
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const DOMAIN: &str = "customer";
const KEY: [u8; 64] = [7; 64];

/// Customer numbers as order rows hold them, in no order, the same ones on every machine: `people` of them, or one per row.
fn numbers(people: Option<u64>) -> Vec<i64> {
    let mut state = SEED;
    let mut next = move || {
        // xorshift64, Marsaglia 2003: any sequence would do, as long as it is always the same.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    // The sequence repeats nothing within its period of 2^64 - 1.
    let drawn = (0..ROWS).map(|_| next());
    drawn.map(|number| people.map_or(number, |people| number % people) as i64).collect()
}

fn keyed() -> Hmac<Sha256> {
    Hmac::new((&KEY).into())
}

/// One code per row, and nothing kept of it.
fn codes(keys: &[i64]) -> u64 {
    let keyed = keyed();
    let mut sum = 0_u64;
    for key in keys {
        let mut code = keyed.clone();
        code.update(DOMAIN.as_bytes());
        code.update(&key.to_be_bytes());
        sum ^= u64::from(black_box(code.finalize().into_bytes())[15]);
    }
    sum
}

/// One code and one hexadecimal text per row.
fn texts(keys: &[i64]) -> StringArray {
    let keyed = keyed();
    let mut digits = [0; 32];
    let mut out = StringBuilder::with_capacity(keys.len(), keys.len() * 32);
    for key in keys {
        let mut code = keyed.clone();
        code.update(DOMAIN.as_bytes());
        code.update(&key.to_be_bytes());
        out.append_value(HEXLOWER.encode_mut_str(&code.finalize().into_bytes()[..16], &mut digits));
    }
    out.finish()
}

fn kernel(column: &ArrayRef, key: &DerivedKey, format: PseudonymFormat) -> usize {
    pseudonyms(std::slice::from_ref(column), key, DOMAIN, format).map_or(0, |found| found.len())
}

/// Runs the work on as many columns at once, and says how long it took.
fn timed(parts: usize, work: &(dyn Fn(usize) -> usize + Sync)) -> Duration {
    let started = Instant::now();
    std::thread::scope(|scope| {
        for part in 1..parts {
            scope.spawn(move || black_box(work(part)));
        }
        black_box(work(0));
    });
    started.elapsed()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times.get(times.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
}

/// Each core has a column of its own, as when several tenants or sets are at work.
fn compare(what: &str, keys: &[i64], cores: usize, key: &DerivedKey, out: &mut dyn Write) -> std::io::Result<()> {
    let parts: Vec<Vec<i64>> = vec![keys.to_vec(); cores];
    let columns: Vec<ArrayRef> = parts.iter().map(|part| Arc::new(Int64Array::from(part.clone())) as ArrayRef).collect();
    let works: [&(dyn Fn(usize) -> usize + Sync); 6] = [
        &|part| codes(&parts[part]) as usize,
        &|part| texts(&parts[part]).len(),
        &|part| kernel(&columns[part], key, PseudonymFormat::Hex),
        &|part| kernel(&columns[part], key, PseudonymFormat::Uuid),
        &|part| kernel(&columns[part], key, PseudonymFormat::Base32),
        &|part| kernel(&columns[part], key, PseudonymFormat::Integer),
    ];
    let mut times: [Vec<Duration>; 6] = Default::default();
    for _ in 0..ROUNDS {
        for (work, times) in works.iter().zip(&mut times) {
            times.push(timed(parts.len(), work));
        }
    }
    let [codes, texts, hex, uuid, base32, integer] = times.map(median);
    let rate = |seconds: f64| (cores * keys.len()) as f64 / 1e6 / seconds;
    writeln!(out, "{what}, {cores} core{}:", if cores == 1 { "" } else { "s" })?;
    writeln!(out, "  bare loop, codes alone  {:6.2} million rows/s", rate(codes))?;
    writeln!(out, "  bare loop with texts    {:6.2} million rows/s", rate(texts))?;
    for (name, seconds) in [("hex", hex), ("uuid", uuid), ("base32", base32), ("int64", integer)] {
        let (rate, to_codes, to_texts) = (rate(seconds), codes / seconds, texts / seconds);
        writeln!(
            out,
            "  kernel, {name:<15} {rate:6.2} million rows/s, {to_codes:.2} of the codes alone, {to_texts:.2} of the loop with texts"
        )?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keyring = Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [7; 40]);
    let key = keyring.derive("", Purpose::Pseudonym("analytics".to_owned()), 1)?;
    let mut out = std::io::stdout().lock();
    for (what, people) in [("1 million keys, each once", None), ("1 million rows of 50,000 keys", Some(50_000))] {
        let keys = numbers(people);
        for cores in [1, 2] {
            compare(what, &keys, cores, &key, &mut out)?;
        }
    }
    Ok(())
}
