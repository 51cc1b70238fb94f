//! A pipeline made ready: the file read and resolved, the store open, the keyring at hand.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::error::Error;
use crate::keys::{DerivedKey, Keyring, KeysError, Purpose};
use crate::passes::TenantKeys;
use crate::pipeline::diagnose::{Problems, line_of, render};
use crate::pipeline::lock::Lock;
use crate::pipeline::raw::{RawPipeline, RawRun};
use crate::pipeline::resolve::{Database, Locations, check_outputs, hash, locations, resolve};
use crate::pipeline::source::Source;
use crate::pipeline::{Approval, Pipeline, Tenant};
use crate::store::postgres::{self, PostgresStore};
use crate::store::sqlite::{self, SqliteStore};
use crate::store::{RowToken, Store};

/// How long another program's lock on the store is waited for.
const BUSY_SECONDS: u64 = 30;

/// What comes from outside: the environment, the clock and chance.
pub struct World<'a> {
    /// Environment variables.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// The clock.
    pub now: &'a dyn Fn() -> Timestamp,
    /// Chance.
    pub random: &'a dyn Fn() -> [u8; 40],
    /// Whether problems are drawn in color.
    pub color: bool,
}

/// What a command does with the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Only looks.
    Read,
    /// Writes; nobody else may.
    Write,
}

/// What is done about the lock file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockUse {
    /// A difference is a problem.
    Compare,
    /// The lock file is written anew.
    Accept,
    /// It will be, by [`Session::accept`], once all is well; until then a difference is none.
    AcceptLater,
}

/// A pipeline made ready.
pub struct Session {
    /// Where everything stands.
    pub locations: Locations,
    /// The pipeline.
    pub pipeline: Pipeline,
    /// The store.
    pub store: Box<dyn Store>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Session").field("locations", &self.locations).finish_non_exhaustive()
    }
}

impl Session {
    /// Reads, opens and resolves; all problems of the file are reported at once.
    pub fn open(path: &Path, access: Access, lock: LockUse, world: &World<'_>) -> Result<Self, Error> {
        let mut problems = Problems::default();
        let (source, raw) = Source::read(path, &mut problems)?;
        let Some(raw) = raw else { return Err(refused(&source, &problems, world)) };
        let Some(locations) = locations(&raw, &source, world.environment, &mut problems) else {
            return Err(refused(&source, &problems, world));
        };
        if !check_outputs(&raw, &source, &locations, world.environment, &mut problems) {
            return Err(refused(&source, &problems, world));
        }
        let mut store = open_store(&locations, &raw.controller.timestamps, &raw.run, access, world)?;
        let mut pipeline = resolved(&raw, &source, &mut *store, &mut problems, world)?;
        pipeline.lock_hash = use_lock(&locations.lock, &pipeline, lock, &mut problems)?;
        if !problems.is_empty() {
            return Err(refused(&source, &problems, world));
        }
        tracing::info!(store = %store.name(), tables = pipeline.tables.len(), pipeline_sha256 = %pipeline.file_hash, "pipeline resolved");
        Ok(Self { locations, pipeline, store })
    }

    /// Resolves another pipeline file against the store of this one. Its lock file is not looked at: what was accepted then need not fit the
    /// columns that there are now.
    pub fn other(&mut self, path: &Path, world: &World<'_>) -> Result<Pipeline, Error> {
        let mut problems = Problems::default();
        let (source, raw) = Source::read(path, &mut problems)?;
        let Some(raw) = raw else { return Err(refused(&source, &problems, world)) };
        let Some(locations) = locations(&raw, &source, world.environment, &mut problems) else {
            return Err(refused(&source, &problems, world));
        };
        if !same_database(&self.locations.source, &locations.source) {
            let message = format!("`{}` is about another database than this pipeline", path.display());
            return Err(Error::Usage { message, hint: Some("compare two files over one database: give both the same `source`".into()) });
        }
        let pipeline = resolved(&raw, &source, &mut *self.store, &mut problems, world)?;
        if pipeline.controller.timestamps != self.pipeline.controller.timestamps {
            let message = format!("`{}` reads timestamps without a zone in another zone than this pipeline", path.display());
            return Err(Error::Usage { message, hint: Some("give both files the same `timestamps` for the comparison".into()) });
        }
        Ok(pipeline)
    }

    /// Writes the lock file: the columns are accepted as they are classed now.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn accept(&self) -> Result<(), Error> {
        let (path, text) = (&self.locations.lock, Lock::of(&self.pipeline.tables).text());
        crate::files::replace(path, text.as_bytes()).map_err(|error| Error::file("write", path, &error))
    }

    /// Opens the keyring.
    pub fn keyring(&self) -> Result<Keyring, Error> {
        Ok(self.locations.keyring.open()?)
    }
}

/// Resolves a file against the store; all problems so far and those found now are reported at once.
fn resolved(
    raw: &RawPipeline,
    source: &Source,
    store: &mut dyn Store,
    problems: &mut Problems,
    world: &World<'_>,
) -> Result<Pipeline, Error> {
    let catalog = store.catalog()?;
    let mut refusal = None;
    let mut check_rows = |table: &crate::store::Table, constants: &[(usize, Option<String>)]| match store.failing_checks(table, constants) {
        Ok(failing) => failing,
        Err(error) => {
            refusal = Some(error);
            Vec::new()
        }
    };
    let pipeline = resolve(raw, source, &catalog, &mut check_rows, problems);
    if let Some(error) = refusal {
        return Err(error.into());
    }
    pipeline.filter(|_| problems.is_empty()).ok_or_else(|| refused(source, problems, world))
}

/// Whether two files speak of one database, by whatever path or user they reach it.
fn same_database(left: &Database, right: &Database) -> bool {
    match (left, right) {
        (Database::Sqlite(left), Database::Sqlite(right)) => {
            left == right || matches!((left.canonicalize(), right.canonicalize()), (Ok(left), Ok(right)) if left == right)
        }
        (Database::Postgres(left), Database::Postgres(right)) => left.same_database(right),
        _ => false,
    }
}

/// Reads the locations alone, for commands that need no store.
pub fn locate(path: &Path, world: &World<'_>) -> Result<Locations, Error> {
    let mut problems = Problems::default();
    let (source, raw) = Source::read(path, &mut problems)?;
    let found = raw.and_then(|raw| locations(&raw, &source, world.environment, &mut problems));
    found.ok_or_else(|| refused(&source, &problems, world))
}

/// The locations, and the names of the sets that the file declares, for commands that need no store.
pub fn locate_sets(path: &Path, world: &World<'_>) -> Result<(Locations, Vec<String>), Error> {
    let mut problems = Problems::default();
    let (source, raw) = Source::read(path, &mut problems)?;
    let sets = raw.as_ref().map(|raw| raw.set.keys().map(ToString::to_string).collect()).unwrap_or_default();
    let found = raw.and_then(|raw| locations(&raw, &source, world.environment, &mut problems));
    found.map(|found| (found, sets)).ok_or_else(|| refused(&source, &problems, world))
}

/// Who has to approve a saved plan, and the pipeline file's SHA-256: for whoever approves and has no store.
pub fn read_approval(path: &Path, world: &World<'_>) -> Result<(Approval, String), Error> {
    let mut problems = Problems::default();
    let (source, raw) = Source::read(path, &mut problems)?;
    let Some(raw) = raw else { return Err(refused(&source, &problems, world)) };
    let approval = Approval::resolve(raw.approval.as_ref(), &source, &mut problems);
    if !problems.is_empty() {
        return Err(refused(&source, &problems, world));
    }
    Ok((approval, hash(source.text.as_bytes())))
}

fn refused(source: &Source, problems: &Problems, world: &World<'_>) -> Error {
    let name = source.path.display().to_string();
    let line = |problem: &crate::pipeline::diagnose::Problem| problem.span.as_ref().map(|span| line_of(&source.text, span.start));
    Error::Pipeline {
        count: problems.list.len(),
        drawn: render(problems, &name, &source.text, world.color),
        list: problems.list.iter().map(|problem| (line(problem), problem.message.clone(), problem.hint.clone())).collect(),
        path: name,
    }
}

fn use_lock(path: &Path, pipeline: &Pipeline, how: LockUse, problems: &mut Problems) -> Result<String, Error> {
    let live = Lock::of(&pipeline.tables);
    if how == LockUse::AcceptLater {
        return Ok(hash(live.text().as_bytes()));
    }
    if how == LockUse::Accept {
        let text = live.text();
        crate::files::replace(path, text.as_bytes()).map_err(|error| Error::file("write", path, &error))?;
        return Ok(hash(text.as_bytes()));
    }
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let message = format!("there is no lock file `{}`", path.display());
            problems.add(None, message, Some("`gallra check --accept` writes it; commit it beside the pipeline".to_owned()));
            return Ok(String::new());
        }
        Err(error) => return Err(Error::file("read", path, &error)),
    };
    match Lock::parse(&text) {
        Ok(accepted) => accepted.compare(&live, problems),
        Err(reason) => problems.add(None, format!("the lock file `{}` can not be used: {reason}", path.display()), None),
    }
    Ok(hash(text.as_bytes()))
}

fn open_store(locations: &Locations, timestamps: &str, run: &RawRun, access: Access, world: &World<'_>) -> Result<Box<dyn Store>, Error> {
    // A wrong zone is reported with all other problems; until then any zone does.
    let timestamps = jiff::tz::TimeZone::get(timestamps).unwrap_or(jiff::tz::TimeZone::UTC);
    let keyring = locations.keyring.open().ok();
    // Without a keyring rows in errors still have tokens, which only this process can make.
    let keyring = keyring.unwrap_or_else(|| Keyring::generate((world.now)(), (world.random)()));
    let key = keyring.control("", Purpose::RowToken)?;
    let row_token: RowToken = Arc::new(move |table: &str, row: &[u8]| key.token(&[table.as_bytes(), row]).to_string());
    let writable = access == Access::Write;
    match &locations.source {
        Database::Sqlite(path) => {
            let options = sqlite::Options { writable, timestamps, row_token, busy_seconds: BUSY_SECONDS };
            Ok(Box::new(SqliteStore::open(path, options)?))
        }
        Database::Postgres(settings) => {
            let mut settings = (**settings).clone();
            settings.lock_timeout = Duration::from_secs(run.lock_seconds);
            settings.statement_timeout = Duration::from_secs(run.statement_seconds);
            let snapshot_seconds = run.snapshot_minutes.saturating_mul(60);
            let options = postgres::Options { writable, timestamps, connections: run.connections, snapshot_seconds };
            Ok(Box::new(PostgresStore::open(settings, options)?))
        }
    }
}

/// The keys of all tenants, in their order.
pub fn tenant_keys(keyring: &Keyring, tenants: &[Tenant]) -> Result<Vec<TenantKeys>, KeysError> {
    tenants.iter().map(|tenant| TenantKeys::derive(keyring, &tenant.name)).collect()
}

/// A key that exists in this process alone.
pub fn ephemeral_key(world: &World<'_>, purpose: Purpose) -> Result<DerivedKey, KeysError> {
    Keyring::generate((world.now)(), (world.random)()).control("", purpose)
}

/// The ledger's head as the store keeps it, without resolving the pipeline against the catalog: a drifted schema hides no broken ledger.
pub fn store_head(path: &Path, world: &World<'_>) -> Result<Option<crate::ledger::Head>, Error> {
    let locations = locate(path, world)?;
    let mut store = open_store(&locations, "UTC", &RawRun::default(), Access::Read, world)?;
    let head = store.snapshot()?.head()?;
    Ok(head.as_ref().and_then(crate::write_back::ledger_head))
}
