//! The file of findings: where each stands, what it is, and never what it says.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Builder, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::detect::Finding;
use crate::error::Error;

/// Rows handed to the writer at a time.
const ROWS: usize = 65_536;

/// A file to write findings into.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Its path.
    pub path: &'a Path,
    /// Whether one that is there is replaced.
    pub overwrite: bool,
}

impl Target<'_> {
    /// Looks at what is there, before anything is scanned.
    pub fn check(&self) -> Result<(), Error> {
        let usage = |message: String, hint: &str| Err(Error::Usage { message, hint: Some(hint.to_owned()) });
        let shown = self.path.display();
        match self.path.symlink_metadata() {
            Ok(there) if there.is_dir() => return usage(format!("`{shown}` is a folder"), "name a file in it"),
            Ok(_) if !self.overwrite => return usage(format!("`{shown}` exists"), "`--overwrite` replaces it"),
            // Not what is scanned, not a database, not a device: a slip of the hand must not cost them.
            Ok(_) if !self.is_replaceable() => {
                return usage(
                    format!("`{shown}` is no file of findings"),
                    "`--overwrite` replaces what an earlier scan wrote; name another file",
                );
            }
            _ => {}
        }
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() {
            return usage(format!("there is no folder `{}` to write `{shown}` into", folder.display()), "make it first");
        }
        Ok(())
    }

    /// Whether what is there is a file of findings, or an empty one.
    fn is_replaceable(&self) -> bool {
        let Ok(file) = self
            .path
            .metadata()
            .and_then(|there| if there.is_file() { File::open(self.path) } else { Err(std::io::ErrorKind::Other.into()) })
        else {
            return false;
        };
        let is_empty = file.metadata().is_ok_and(|file| file.len() == 0);
        let has_columns = |reader: SerializedFileReader<File>| {
            let columns = reader
                .metadata()
                .file_metadata()
                .schema_descr()
                .columns()
                .iter()
                .map(|column| column.name().to_owned())
                .collect::<Vec<_>>();
            columns == schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>()
        };
        is_empty || SerializedFileReader::new(file).is_ok_and(has_columns)
    }

    /// Writes what `scan` finds, whole or not at all. Nobody but its owner can read it.
    fn write<T>(&self, scan: &mut dyn FnMut(&mut Findings) -> Result<T, Error>) -> Result<T, Error> {
        let mut done = None;
        let written = crate::files::private(self.path, self.overwrite, &mut |file| {
            let mut findings = Findings::to(file.try_clone()?, self.path)?;
            let result = scan(&mut findings);
            let failed = result.is_err();
            done = Some(result);
            if failed {
                // What is written so far goes with its temporary file.
                return Err(std::io::Error::other("the scan failed"));
            }
            findings.finish()
        });
        match (done, written) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(match error.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    Error::Usage { message: format!("`{}` exists", self.path.display()), hint: Some("`--overwrite` replaces it".into()) }
                }
                _ => Error::file("write", self.path, &error),
            }),
            (Some(Ok(done)), Ok(())) => Ok(done),
            (None, Ok(())) => Err(Error::file("write", self.path, &std::io::Error::other("nothing was written"))),
        }
    }
}

/// Scans into a file of findings, or without one.
pub(super) fn into<T>(target: Option<Target<'_>>, scan: &mut dyn FnMut(Option<&mut Findings>) -> Result<T, Error>) -> Result<T, Error> {
    match target {
        Some(target) => {
            target.check()?;
            target.write(&mut |findings| scan(Some(findings)))
        }
        None => scan(None),
    }
}

/// Which row a finding is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// Its number in a file, counted from 1: without a line of column names.
    Number(u64),
    /// Its token in reports; none where its tenant is not processed.
    Token(Option<String>),
}

/// A file of findings that is being written.
pub(super) struct Findings {
    writer: ArrowWriter<BufWriter<File>>,
    schema: SchemaRef,
    source: StringBuilder,
    column: StringBuilder,
    row: Int64Builder,
    token: StringBuilder,
    start: Int64Builder,
    end: Int64Builder,
    kind: StringBuilder,
    confidence: Float32Builder,
    waiting: usize,
    /// The file, for errors.
    path: PathBuf,
}

fn failed(error: ParquetError) -> std::io::Error {
    // What fails here is the disk; the rows have the schema that was said.
    std::io::Error::other(error.to_string())
}

/// The columns of a file of findings.
fn schema() -> SchemaRef {
    let field = |name: &str, data_type: DataType, nullable: bool| Field::new(name, data_type, nullable);
    Arc::new(Schema::new(vec![
        field("source", DataType::Utf8, false),
        field("column", DataType::Utf8, true),
        field("row", DataType::Int64, true),
        field("row_token", DataType::Utf8, true),
        field("start", DataType::Int64, false),
        field("end", DataType::Int64, false),
        field("kind", DataType::Utf8, false),
        field("confidence", DataType::Float32, false),
    ]))
}

impl Findings {
    fn to(file: File, path: &Path) -> std::io::Result<Self> {
        let schema = schema();
        let properties = WriterProperties::builder()
            .set_created_by("gallra".to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(failed)?))
            .build();
        let writer = ArrowWriter::try_new(BufWriter::new(file), schema.clone(), Some(properties)).map_err(failed)?;
        Ok(Self {
            writer,
            schema,
            source: StringBuilder::new(),
            column: StringBuilder::new(),
            row: Int64Builder::new(),
            token: StringBuilder::new(),
            start: Int64Builder::new(),
            end: Int64Builder::new(),
            kind: StringBuilder::new(),
            confidence: Float32Builder::new(),
            waiting: 0,
            path: path.to_owned(),
        })
    }

    /// Adds a finding.
    pub(super) fn add(&mut self, source: &str, column: Option<&str>, row: &Row, finding: &Finding) -> Result<(), Error> {
        let offset = |offset: usize| i64::try_from(offset).unwrap_or(i64::MAX);
        self.source.append_value(source);
        self.column.append_option(column);
        let (number, token) = match row {
            Row::Number(number) => (i64::try_from(*number).ok(), None),
            Row::Token(token) => (None, token.as_deref()),
        };
        self.row.append_option(number);
        self.token.append_option(token);
        self.start.append_value(offset(finding.start));
        self.end.append_value(offset(finding.end));
        self.kind.append_value(finding.kind.as_str());
        self.confidence.append_value(finding.confidence);
        self.waiting += 1;
        if self.waiting == ROWS {
            self.flush().map_err(|error| Error::file("write", &self.path, &error))?;
        }
        Ok(())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.waiting = 0;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.source.finish()),
            Arc::new(self.column.finish()),
            Arc::new(self.row.finish()),
            Arc::new(self.token.finish()),
            Arc::new(self.start.finish()),
            Arc::new(self.end.finish()),
            Arc::new(self.kind.finish()),
            Arc::new(self.confidence.finish()),
        ];
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(std::io::Error::other)?;
        self.writer.write(&batch).map_err(failed)
    }

    fn finish(mut self) -> std::io::Result<()> {
        self.flush()?;
        let buffered = self.writer.into_inner().map_err(failed)?;
        buffered.into_inner().map_err(std::io::IntoInnerError::into_error).map(drop)
    }
}
