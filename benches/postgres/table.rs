//! Medians as a table, and the goals.

use std::error::Error;
use std::io::Write;

use super::measure::{Measured, median};

/// Who is measured, and what was.
pub struct Contender<'a> {
    /// Who.
    pub name: &'a str,
    /// One turn.
    pub work: Box<dyn FnMut() -> Result<Measured, Box<dyn Error>> + 'a>,
    /// The turns that count.
    pub measured: Vec<Measured>,
}

impl<'a> Contender<'a> {
    /// Somebody who was not measured yet.
    pub fn new(name: &'a str, work: impl FnMut() -> Result<Measured, Box<dyn Error>> + 'a) -> Self {
        Self { name, work: Box::new(work), measured: Vec::new() }
    }

    fn median(&self, value: impl Fn(&Measured) -> f64) -> f64 {
        median(self.measured.iter().map(value).collect())
    }

    /// Seconds.
    pub fn seconds(&self) -> f64 {
        self.median(|measured| measured.seconds)
    }

    /// The client's processor seconds.
    pub fn processor(&self) -> f64 {
        self.median(|measured| measured.processor)
    }

    /// The server's processor seconds.
    pub fn server(&self) -> f64 {
        self.median(|measured| measured.server)
    }

    /// Megabytes of the write-ahead log.
    pub fn logged(&self) -> f64 {
        self.median(|measured| measured.logged as f64 / 1e6)
    }

    /// The highest of all turns.
    pub fn peak_megabytes(&self) -> f64 {
        self.measured.iter().map(|measured| measured.peak_kilobytes as f64 * 1_024.0 / 1e6).fold(0.0, f64::max)
    }

    fn line(&self) -> String {
        let all: Vec<f64> = self.measured.iter().map(|measured| measured.seconds).collect();
        let (fastest, slowest) = (all.iter().copied().fold(f64::MAX, f64::min), all.iter().copied().fold(0.0, f64::max));
        let known = |value: f64, digits: usize| if value > 0.0 { format!("{value:.digits$}") } else { "–".into() };
        format!(
            "{:<34} {:>8.3} {:>16} {:>9} {:>9} {:>9} {:>8}",
            self.name,
            self.seconds(),
            format!("{fastest:.3}–{slowest:.3}"),
            known(self.processor(), 2),
            known(self.server(), 2),
            known(self.logged(), 1),
            known(self.peak_megabytes(), 0),
        )
    }
}

/// What is to be reached.
pub struct Goal<'a> {
    what: &'a str,
    value: f64,
    bound: f64,
    reached: bool,
}

impl<'a> Goal<'a> {
    /// More is better.
    pub fn at_least(what: &'a str, value: f64, bound: f64) -> Self {
        Self { what, value, bound, reached: value >= bound }
    }

    /// Less is better.
    pub fn at_most(what: &'a str, value: f64, bound: f64) -> Self {
        Self { what, value, bound, reached: value <= bound }
    }
}

/// Prints medians, and what of the goals was reached.
pub fn report(title: &str, contenders: &[Contender<'_>], goals: &[Goal<'_>]) -> Result<(), Box<dyn Error>> {
    let mut lines = vec![String::new(), title.to_owned()];
    lines.push(format!("{:<34} {:>8} {:>16} {:>9} {:>9} {:>9} {:>8}", "", "seconds", "range", "client s", "server s", "log MB", "peak MB"));
    lines.extend(contenders.iter().map(Contender::line));
    print(&lines)?;
    self::goals(goals)
}

/// Prints what of the goals was reached.
pub fn goals(goals: &[Goal<'_>]) -> Result<(), Box<dyn Error>> {
    let mut lines = Vec::new();
    for Goal { what, value, bound, reached } in goals {
        let digits = if *bound > 100.0 { 0 } else { 2 };
        lines.push(format!("  {what:<52} {value:>9.digits$}   goal {bound:>9.digits$}   {}", if *reached { "reached" } else { "MISSED" }));
    }
    print(&lines)
}

/// Prints lines.
pub fn print(lines: &[String]) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}
