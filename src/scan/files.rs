//! Files, one after the other, each by the kind that its name says.

use std::io;
use std::path::{Path, PathBuf};

use super::findings::{Findings, Row, Target, into};
use super::parallel::Workers;
use super::tally::{Part, shown};
use super::{Choice, Problem, Search, Summary, csv, parquet, text};
use crate::detect::Scanner;
use crate::error::Error;
use crate::progress::{Progress, Stage};

/// Broken lines of one file that are named.
const NAMED: usize = 20;

/// Scans files: `.csv` and `.tsv`, `.jsonl` and `.ndjson`, `.parquet`, and every other name as lines of text.
///
/// What can not be read is told to `complain` and kept in the summary; the other files go on. Bytes that are not UTF-8 are skipped over.
///
/// # Errors
/// [`Error::Usage`] for a column that no file has, [`Error::File`] where the findings can not be written.
pub fn files(
    paths: &[PathBuf],
    choice: &Choice,
    search: &Search,
    target: Option<Target<'_>>,
    progress: &dyn Progress,
    complain: &mut dyn FnMut(&Problem),
) -> Result<Summary, Error> {
    let scanner = search.scanner();
    let workers = Workers::new();
    into(target, &mut |mut findings| {
        let mut summary = Summary::default();
        let size = |path: &PathBuf| std::fs::metadata(path).map_or(0, |file| file.len());
        let stage = progress.start("scan", paths.iter().map(size).sum());
        let mut absent: Vec<(&Path, String)> = Vec::new();
        for path in paths {
            let each = findings.is_some();
            let open = Open { path, scanner: &scanner, workers: &workers, choice, each, stage: &*stage };
            let mut source = Gathering::new(path.display().to_string(), findings.as_deref_mut());
            let mut problems: Vec<Problem> = Vec::new();
            match one(&open, &mut source) {
                Ok(scanned) => absent.extend(scanned.absent.into_iter().map(|column| (path.as_path(), column))),
                Err(Failure::Problem(problem)) => problems.push(problem),
                Err(Failure::Stop(error)) => return Err(error),
            }
            source.broken(&open, &mut problems);
            source.tell(&mut summary);
            problems.iter().for_each(&mut *complain);
            summary.problems.append(&mut problems);
        }
        for column in &choice.columns {
            let without: Vec<&Path> = absent.iter().filter(|(_, name)| name == column).map(|(path, _)| *path).collect();
            if without.len() == paths.len() {
                let message = match paths {
                    [path] => format!("`{}` has no column `{column}`", path.display()),
                    _ => format!("none of the files has a column `{column}`"),
                };
                return Err(Error::Usage {
                    message,
                    hint: Some("the first line of a CSV file names its columns; text files have none".to_owned()),
                });
            }
            for path in without {
                let reason = format!("has no column `{column}`");
                let problem = Problem { file: path.to_owned(), line: None, reason, hint: None };
                complain(&problem);
                summary.problems.push(problem);
            }
        }
        stage.finish();
        Ok(summary)
    })
}

/// A file that is scanned.
pub(super) struct Open<'a> {
    pub(super) path: &'a Path,
    pub(super) scanner: &'a Scanner,
    pub(super) workers: &'a Workers,
    pub(super) choice: &'a Choice,
    /// Whether each finding is wanted.
    pub(super) each: bool,
    pub(super) stage: &'a dyn Stage,
}

/// What came of a file that could be read.
#[derive(Debug, Default)]
pub(super) struct Scanned {
    /// Columns that were asked for and are not there.
    pub(super) absent: Vec<String>,
}

/// Why a file was not scanned to its end.
pub(super) enum Failure {
    /// The file's own trouble: the others go on.
    Problem(Problem),
    /// Nothing goes on.
    Stop(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Stop(error)
    }
}

impl Open<'_> {
    pub(super) fn problem(&self, reason: String, hint: Option<&str>) -> Problem {
        Problem { file: self.path.to_owned(), line: None, reason, hint: hint.map(str::to_owned) }
    }

    /// A file that the system does not give.
    pub(super) fn unreadable(&self, error: &io::Error) -> Failure {
        Failure::Problem(self.problem(format!("can not be read: {}", crate::pipeline::source::reason_of(error)), None))
    }

    /// A file from its beginning, unless that shows that its bytes are no UTF-8 text at all.
    fn readable(&self, mut file: std::fs::File) -> Result<std::fs::File, Failure> {
        use std::io::{Read, Seek};
        let mut first = Vec::with_capacity(4);
        let read = (&mut file).take(4).read_to_end(&mut first).and_then(|_| file.rewind());
        read.map_err(|error| self.unreadable(&error))?;
        let (what, hint) = match first[..] {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => ("is written in UTF-16", "`iconv -f UTF-16 -t UTF-8` converts it"),
            [0x1f, 0x8b, ..] => ("is compressed with gzip", "`gunzip` unpacks it"),
            [0x28, 0xb5, 0x2f, 0xfd] => ("is compressed with zstd", "`unzstd` unpacks it"),
            [b'P', b'K', 3, 4] => ("is a ZIP archive or a workbook", "unpack it, or save the sheet as CSV"),
            _ => return Ok(file),
        };
        Err(Failure::Problem(self.problem(what.to_owned(), Some(hint))))
    }

    /// The file's bytes as a reader.
    pub(super) fn open(&self) -> Result<std::fs::File, Failure> {
        let file = std::fs::File::open(self.path).map_err(|error| self.unreadable(&error))?;
        match file.metadata() {
            Ok(file) if file.is_dir() => Err(Failure::Problem(self.problem("is a folder".to_owned(), Some("name the files in it")))),
            Ok(there) if is_device(&there) => Err(Failure::Problem(self.problem("is a device".to_owned(), None))),
            Ok(there) if there.is_file() => self.readable(file),
            Ok(_) => Ok(file),
            Err(error) => Err(self.unreadable(&error)),
        }
    }
}

/// Whether it is a disk, or something like `/dev/zero` that never ends.
fn is_device(file: &std::fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        file.file_type().is_block_device() || file.file_type().is_char_device()
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        false
    }
}

fn one(open: &Open<'_>, source: &mut Gathering<'_>) -> Result<Scanned, Failure> {
    let ending = open.path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("csv" | "tsv") => csv::scan(open, source),
        Some("jsonl" | "ndjson") => text::json_lines(open, source),
        Some("parquet") => parquet::scan(open, source),
        _ => text::text(open, source),
    }
}

/// What one source gives, part by part.
pub(super) struct Gathering<'f> {
    source: String,
    part: Part,
    findings: Option<&'f mut Findings>,
    /// The columns' names as they may be shown, where they are known beforehand.
    names: Option<Vec<String>>,
    /// The names of columns that were found while scanning.
    found: Vec<String>,
}

impl<'f> Gathering<'f> {
    pub(super) fn new(source: String, findings: Option<&'f mut Findings>) -> Self {
        Self { source, part: Part::default(), findings, names: None, found: Vec::new() }
    }

    /// The names of the columns, in order, as they may be shown.
    pub(super) fn set_names(&mut self, names: Vec<String>) {
        self.names = Some(names);
    }

    /// Adds the rows that follow. Their findings go into the file of findings: each with the row that `row` makes of its number, counted from 0.
    pub(super) fn take(&mut self, part: Part, row: &dyn Fn(u64) -> Row) -> Result<(), Error> {
        self.part.append(part);
        while let Some(name) = self.part.name(self.found.len()) {
            self.found.push(shown(name, self.found.len()));
        }
        let names = self.names.as_ref().unwrap_or(&self.found);
        let found = std::mem::take(&mut self.part.findings);
        if let Some(file) = &mut self.findings {
            for one in found {
                file.add(&self.source, names.get(one.column).map(String::as_str), &row(one.row), &one.finding)?;
            }
        }
        Ok(())
    }

    /// The names of columns that were found while scanning, as they are written.
    pub(super) fn has(&self, wanted: impl Fn(&str) -> bool) -> bool {
        (0..).map_while(|column| self.part.name(column)).any(wanted)
    }

    fn broken(&self, open: &Open<'_>, problems: &mut Vec<Problem>) {
        let broken = &self.part.broken;
        let reason = "is not JSON".to_owned();
        problems.extend(broken.iter().take(NAMED).map(|row| Problem { line: Some(row + 1), ..open.problem(reason.clone(), None) }));
        if broken.len() > NAMED {
            problems.push(open.problem(format!("{} more lines are not JSON", broken.len() - NAMED), None));
        }
    }

    pub(super) fn tell(self, summary: &mut Summary) {
        let names = self.names.as_ref().unwrap_or(&self.found);
        self.part.tell(&self.source, names.len(), &|column| names.get(column).cloned(), summary);
        if self.part.invalid > 0 {
            summary.notes.push(format!(
                "`{}`: in {} of its texts there are bytes that are not UTF-8, which were skipped over; `iconv -f LATIN1 -t UTF-8` converts older files",
                self.source, self.part.invalid
            ));
        }
    }
}

/// The number of a row of a file.
pub(super) fn number(row: u64) -> Row {
    Row::Number(row + 1)
}
