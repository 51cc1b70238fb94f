//! A whole night on a made-up company with a million order rows: rows per second and processor time of every stage, peak memory.
//!
//! `cargo bench --bench night`, or `cargo bench --bench night -- --quick` for a tenth of it. The database is generated in a temporary
//! folder (`TMPDIR` chooses the disk) and is the same on every machine of one day. Nothing is asserted.

use std::fs;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use gallra::demo::{Size, generate};
use gallra::error::Error;
use gallra::progress::{Progress, Stage};
use gallra::run::{Request, run};
use gallra::session::{Access, LockUse, Session, World, locate};

const FORTNOX: &str = include_str!("../pipelines/fortnox.toml");
const FULL: Size = Size { customers: 100_000, order_rows: 1_000_000 };
const QUICK: Size = Size { customers: 10_000, order_rows: 100_000 };
/// Clock ticks per second in `/proc`, which Linux fixes for user programs.
const TICKS: f64 = 100.0;

/// What a stage took.
struct Taken {
    stage: String,
    units: u64,
    seconds: f64,
    processor: f64,
}

#[derive(Clone, Default)]
struct Clock {
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Clock {
    fn taken(&self) -> MutexGuard<'_, Vec<Taken>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Clock {
    fn start(&self, stage: &str, _total: u64) -> Box<dyn Stage> {
        Box::new(Running {
            clock: self.clone(),
            stage: stage.to_owned(),
            units: Mutex::new(0),
            started: Instant::now(),
            processor: processor(),
        })
    }
}

struct Running {
    clock: Clock,
    stage: String,
    units: Mutex<u64>,
    started: Instant,
    processor: f64,
}

impl Stage for Running {
    fn advance(&self, units: u64) {
        *self.units.lock().unwrap_or_else(PoisonError::into_inner) += units;
    }

    fn finish(&self) {
        let units = *self.units.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = self.started.elapsed().as_secs_f64();
        self.clock.taken().push(Taken { stage: self.stage.clone(), units, seconds, processor: processor() - self.processor });
    }
}

/// Processor seconds of this process so far, in all threads; 0 where there is no `/proc`.
fn processor() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The program's name stands in parentheses and may hold spaces; the times are the 12th and 13th field after it.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    (ticks(11) + ticks(12)) / TICKS
}

/// Processor seconds of all programs on this machine so far.
fn all_processors() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields: Vec<f64> =
        stat.lines().next().unwrap_or_default().split_whitespace().skip(1).map(|field| field.parse().unwrap_or_default()).collect();
    // user, nice, system, then idle and waiting for the disk, which are no work, then interrupts.
    fields.iter().take(8).enumerate().filter(|(at, _)| !matches!(at, 3 | 4)).map(|(_, ticks)| ticks).sum::<f64>() / TICKS
}

/// A number out of a file of `name: number` lines.
fn proc_number(file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let size = if quick { QUICK } else { FULL };
    let mut out = std::io::stdout().lock();
    let folder = tempfile::tempdir()?;
    let pipeline = folder.path().join("fortnox.toml");
    fs::write(&pipeline, FORTNOX)?;
    let environment = |_: &str| None;
    let random = || [11; 40];
    // The random bytes of the run are its id and the keys of this one night: fixed, so that two measurements do the same work.
    let world = World { environment: &environment, now: &jiff::Timestamp::now, random: &random, color: false };
    let locations = locate(&pipeline, &world)?;
    let database = folder.path().join("fortnox.db");
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::get("Europe/Stockholm")?).date();

    let started = Instant::now();
    let generated = generate(&database, &size, today, &mut |_, _| {})?;
    let rows: u64 = generated.counts.iter().map(|count| count.rows).sum();
    let megabytes = fs::metadata(&database)?.len() / 1_000_000;
    writeln!(
        out,
        "generated {} order rows, {rows} rows in all, {megabytes} MB, in {:.1} s",
        size.order_rows,
        started.elapsed().as_secs_f64()
    )?;

    locations.keyring.create(jiff::Timestamp::now(), [7; 40])?;
    drop(Session::open(&pipeline, Access::Read, LockUse::Accept, &world)?);
    // The generator's own peak is not the run's.
    let reset = fs::write("/proc/self/clear_refs", "5").is_ok();
    let clock = Clock::default();
    let written_before = proc_number("/proc/self/io", "write_bytes");
    let (all_before, processor_before, started) = (all_processors(), processor(), Instant::now());
    let report = match run(&pipeline, &Request::default(), &world, &clock) {
        Err(Error::Brake { count, .. }) => {
            writeln!(out, "the brake asked to confirm {count}: the measurement includes planning twice")?;
            run(&pipeline, &Request { confirm: Some(count), ..Request::default() }, &world, &clock)?
        }
        other => other?,
    };
    let seconds = started.elapsed().as_secs_f64();
    let busy = (processor() - processor_before) / seconds;
    let others = ((all_processors() - all_before) / seconds - busy).max(0.0);

    writeln!(out, "\n{:<12} {:>9} {:>7} {:>14} {:>12}", "stage", "seconds", "share", "rows/second", "cores busy")?;
    let taken = clock.taken();
    for stage in taken.iter() {
        // A stage that does not count looks at every row of the database.
        let units = if stage.units == 0 || stage.stage == "stage sets" { rows } else { stage.units };
        let speed = if stage.seconds > 0.0 { units as f64 / stage.seconds } else { f64::NAN };
        let (share, cores) = (stage.seconds * 100.0 / seconds, stage.processor / stage.seconds.max(1e-9));
        writeln!(out, "{:<12} {:>9.2} {:>6.1}% {:>14.0} {:>12.2}", stage.stage, stage.seconds, share, speed, cores)?;
    }
    let other = seconds - taken.iter().map(|stage| stage.seconds).sum::<f64>();
    writeln!(out, "{:<12} {:>9.2} {:>6.1}%", "all else", other, other * 100.0 / seconds)?;
    writeln!(out, "(rows of the database per second; for write back: subjects and records per second)")?;
    writeln!(
        out,
        "\ntotal: {seconds:.2} s, {:.0} rows/second, {:.0} order rows/second",
        rows as f64 / seconds,
        size.order_rows as f64 / seconds
    )?;
    writeln!(
        out,
        "wrote: {} rows updated, {} deleted, in {} batches; exit code {}",
        report.rows_written, report.rows_deleted, report.batches, report.exit_code
    )?;
    match proc_number("/proc/self/status", "VmHWM") {
        Some(kilobytes) => {
            let includes = if reset { "" } else { ", the generator's included" };
            writeln!(out, "peak memory: {} MB{includes} ({} bytes per row)", kilobytes / 1_000, kilobytes * 1_024 / rows.max(1))?;
        }
        None => writeln!(out, "peak memory: not known on this system")?,
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if let Some(longest) = taken.iter().max_by(|left, right| left.seconds.total_cmp(&right.seconds)) {
        let to_disk =
            proc_number("/proc/self/io", "write_bytes").zip(written_before).map_or(0, |(after, before)| after.saturating_sub(before))
                / 1_000_000;
        let idle = cores as f64 - others;
        let limit = match longest.processor / longest.seconds.max(1e-9) {
            busy if busy > 0.8 * idle => "the cores that other programs left",
            busy if busy < 0.7 => "waiting, for the disk or a lock",
            busy if busy < 1.3 => "one core: more cores would not help it",
            _ => "the work that its cores share",
        };
        writeln!(out, "limit: `{}` takes {:.0}% and is bound by {limit}", longest.stage, longest.seconds * 100.0 / seconds)?;
        writeln!(
            out,
            "       the whole run kept {busy:.2} of {cores} cores busy and wrote {to_disk} MB to disk; other programs took {others:.2} cores"
        )?;
    }
    Ok(())
}
