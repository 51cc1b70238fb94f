//! The pseudonym kernel beside what one would write without it: a loop over the hmac crate, row by row.
//!
//! `cargo bench --bench pseudonym_kernel`. Both run in one process on the same rows, which the same seed always gives; the ratio of their
//! medians is printed at the end. Nothing is asserted about speed.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{Array, ArrayRef, Int64Array, StringArray, StringBuilder};
use criterion::{Criterion, Throughput};
use data_encoding::HEXLOWER;
use gallra::kernels::pseudonym::{PseudonymFormat, pseudonyms};
use gallra::keys::{DerivedKey, Keyring, Purpose};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const ROWS: usize = 200_000;
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
const DOMAIN: &str = "customer";
const KEY: [u8; 32] = [7; 32];

/// Customer numbers as order rows hold them: `people` of them in no order, the same ones on every machine.
fn numbers(people: u64) -> Vec<i64> {
    let mut state = SEED;
    let mut next = move || {
        // xorshift64, Marsaglia 2003: any sequence would do, as long as it is always the same.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..ROWS).map(|_| (next() % people) as i64).collect()
}

/// What somebody who knows the hmac crate would write: the key is set up once; per row one code and one hexadecimal text.
fn bare_loop(keys: &[i64]) -> StringArray {
    let mut out = StringBuilder::with_capacity(keys.len(), keys.len() * 32);
    let keyed: Hmac<Sha256> = Hmac::new((&padded()).into());
    for key in keys {
        let mut code = keyed.clone();
        code.update(DOMAIN.as_bytes());
        code.update(key.to_string().as_bytes());
        out.append_value(HEXLOWER.encode(&code.finalize().into_bytes()[..16]));
    }
    out.finish()
}

fn padded() -> [u8; 64] {
    let mut block = [0; 64];
    block[..32].copy_from_slice(&KEY);
    block
}

/// Times one round, and keeps the time for the ratio.
fn timed(times: &RefCell<Vec<Duration>>, rounds: u64, mut work: impl FnMut() -> usize) -> Duration {
    let mut total = Duration::ZERO;
    for _ in 0..rounds {
        let started = Instant::now();
        black_box(work());
        let taken = started.elapsed();
        times.borrow_mut().push(taken);
        total += taken;
    }
    total
}

fn median(times: &RefCell<Vec<Duration>>) -> f64 {
    let mut times = times.borrow().clone();
    times.sort_unstable();
    times.get(times.len() / 2).map_or(f64::NAN, Duration::as_secs_f64)
}

fn compare(criterion: &mut Criterion, what: &str, people: u64, key: &DerivedKey) -> String {
    let keys = numbers(people);
    let column: ArrayRef = Arc::new(Int64Array::from(keys.clone()));
    let (kernel, bare) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let mut group = criterion.benchmark_group(format!("pseudonyms of {what}"));
    group.throughput(Throughput::Elements(ROWS as u64));
    group.sample_size(20);
    group.bench_function("kernel", |bencher| {
        bencher.iter_custom(|rounds| {
            timed(&kernel, rounds, || {
                pseudonyms(std::slice::from_ref(&column), key, DOMAIN, PseudonymFormat::Hex).map_or(0, |found| found.len())
            })
        });
    });
    group.bench_function("bare loop over hmac", |bencher| {
        bencher.iter_custom(|rounds| timed(&bare, rounds, || bare_loop(&keys).len()));
    });
    group.finish();
    let (kernel, bare) = (median(&kernel), median(&bare));
    let million = ROWS as f64 / 1e6;
    format!(
        "{what}: kernel {:.2} million rows/s, bare loop {:.2} million rows/s, ratio {:.2}",
        million / kernel,
        million / bare,
        bare / kernel
    )
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keyring = Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [7; 40]);
    let key = keyring.derive("", Purpose::Pseudonym("analytics".to_owned()), 1)?;
    let mut criterion = Criterion::default().configure_from_args();
    let lines = [
        compare(&mut criterion, "keys that repeat (20,000 customers)", 20_000, &key),
        compare(&mut criterion, "keys that hardly repeat (1 in 10,000)", ROWS as u64 * 10_000, &key),
    ];
    criterion.final_summary();
    let mut out = std::io::stdout().lock();
    for line in lines {
        std::io::Write::write_all(&mut out, format!("{line}\n").as_bytes())?;
    }
    Ok(())
}
