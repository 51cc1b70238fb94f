//! Progress bars on a terminal, plain lines otherwise, and the log.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gallra::progress::{Progress, Stage};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Starts the log on standard error.
pub fn start_log(verbose: u8, json: bool) {
    let level = match (verbose, json) {
        (0, false) => tracing::Level::WARN,
        (0, true) | (1, _) => tracing::Level::INFO,
        (2, _) => tracing::Level::DEBUG,
        _ => tracing::Level::TRACE,
    };
    let builder = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false);
    // A log that is already there (in tests) stays.
    let _ = if json {
        tracing::subscriber::set_global_default(builder.json().flatten_event(true).finish())
    } else {
        tracing::subscriber::set_global_default(builder.with_ansi(std::io::stderr().is_terminal()).finish())
    };
}

/// Bars where a person looks, lines where a file or a collector does.
pub fn reporter(json: bool) -> Box<dyn Progress> {
    if json {
        Box::new(Lines { json: true })
    } else if std::io::stderr().is_terminal() {
        Box::new(Bars)
    } else {
        Box::new(Lines { json: false })
    }
}

struct Bars;

impl Progress for Bars {
    fn start(&self, stage: &str, total: u64) -> Box<dyn Stage> {
        let bar = if total == 0 { ProgressBar::new_spinner() } else { ProgressBar::new(total) };
        bar.set_draw_target(ProgressDrawTarget::stderr());
        let template =
            if total == 0 { "{msg:16} {spinner} {elapsed}" } else { "{msg:16} {bar:40.cyan/dim} {human_pos:>10}/{human_len} {elapsed}" };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(stage.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        Box::new(Bar(bar))
    }
}

struct Bar(ProgressBar);

impl Stage for Bar {
    fn advance(&self, units: u64) {
        self.0.inc(units);
    }

    fn finish(&self) {
        self.0.finish();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if !self.0.is_finished() {
            self.0.abandon();
        }
    }
}

struct Lines {
    json: bool,
}

impl Progress for Lines {
    fn start(&self, stage: &str, _total: u64) -> Box<dyn Stage> {
        Box::new(Line { json: self.json, stage: stage.to_owned(), units: AtomicU64::new(0), started: Instant::now() })
    }
}

struct Line {
    json: bool,
    stage: String,
    units: AtomicU64,
    started: Instant,
}

impl Stage for Line {
    fn advance(&self, units: u64) {
        self.units.fetch_add(units, Ordering::Relaxed);
    }

    fn finish(&self) {
        let units = self.units.load(Ordering::Relaxed);
        let seconds = self.started.elapsed().as_secs_f64();
        if self.json {
            tracing::info!(stage = %self.stage, units, seconds, "stage done");
            return;
        }
        let of = if units == 0 { String::new() } else { format!(" {units}") };
        // Progress is a courtesy: a closed standard error stops nothing.
        let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{}:{of} in {seconds:.1} s\n", self.stage).as_bytes());
    }
}
