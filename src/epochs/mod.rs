//! The epochs of the keyring: beginning one, destroying an old one's key, and proving that it is gone.
//!
//! A keyring's file is changed in its place. What comes from a variable or a command can not be: the changed keyring is written to a file, and
//! whoever keeps the keyring puts it back where it comes from.
//!
//! First the key goes, then the ledger says so: whoever is killed in between repeats the command, which finds the key gone and enters it. So
//! the ledger never says of a key that it is gone while the keyring in use has it.
//!
//! The number of an epoch is given once: where the keyring at hand is an older copy, the ledger knows those that were begun since.

mod agreement;
mod beginning;
mod certificate;
mod published;

use std::path::{Path, PathBuf};
use std::time::Duration;

use backon::{BlockingRetryable, ConstantBuilder};
use jiff::Timestamp;

pub use agreement::{came_back, disagreements, fingerprint, is_another_key, refuse_disagreement};
pub use beginning::{foreign_sets, refuse_beside_ledger};
pub use certificate::{Certificate, Evidence, certificate};
pub use published::{PublishedUnder, WrongMark, published_under, unmarked, wrong_marks};

use crate::error::Error;
use crate::keys::{Keyring, KeyringFile, KeysError};
use crate::ledger::{
    EpochShredded, FILE_NAME, Hex, KnownEpochs, KnownShredding, Ledger, LedgerError, Opening, Problem, Record, Report, Severity, check,
};
use crate::pipeline::resolve::Locations;
use crate::run::ledger_mac;
use crate::session::World;

/// How often, and how long in between, the ledger is asked for while somebody else has it: whoever adds a hold has it for a moment, and a run
/// for as long as it works, which is not waited for.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// Where a changed keyring went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It took the place of the one before.
    InPlace(PathBuf),
    /// To a file, which whoever keeps the keyring puts back where it comes from.
    Aside(PathBuf),
}

/// A new epoch.
#[derive(Debug)]
pub struct Rotated {
    /// The keyring.
    pub keyring: Keyring,
    /// Where it is now.
    pub written: Written,
    /// Why the keyring before was not the one that the ledger knows, where it was not.
    pub before: Vec<KeysError>,
    /// What still keeps the keyring from being used.
    pub left: Vec<KeysError>,
}

/// How far a shredding came.
#[derive(Debug)]
pub enum Shredded {
    /// The key is gone from the keyring in use, and the ledger says so.
    Entered {
        /// The entry.
        entry: KnownShredding,
        /// Whether there was anything left to do.
        before: bool,
        /// Whether the old file's bytes were overwritten; `None` where no file was replaced.
        overwritten: Option<bool>,
    },
    /// A keyring without the key was written aside; the one in use still has it, so the ledger says nothing yet.
    Aside(PathBuf),
}

/// Begins a new epoch, under which the next run publishes. Nothing but pseudonyms follows it. Its number is none that the ledger knows.
///
/// # Errors
/// The keyring can not be opened or changed, or there is a ledger and it is not intact; nothing is changed then.
pub fn rotate(locations: &Locations, output: Option<&Path>, world: &World<'_>) -> Result<Rotated, Error> {
    let keyring = locations.keyring.open()?;
    let (known, shreddings) = look(locations, &keyring)?.map(|report| (report.epochs, report.shreddings)).unwrap_or_default();
    let before = disagreements(&keyring, &known, &shreddings)?;
    let begin = |keyring: &mut Keyring| keyring.rotate(known.highest(), (world.now)(), (world.random)()).map(drop);
    let (keyring, written, _) = change(locations, output, false, &begin)?;
    tracing::info!(keyring = keyring.id(), epoch = keyring.current_epoch(), "epoch begun");
    let left = disagreements(&keyring, &known, &shreddings)?;
    Ok(Rotated { keyring, written, before, left })
}

/// Destroys the key of an epoch, and enters it in the ledger. Repeating it does what is left to do, which may be nothing.
///
/// # Errors
/// The epoch can not be shredded; the keyring can not be changed, or is not the one that the ledger knows; the ledger is missing, in use or not
/// intact. The key is still there then, unless it is the last entry that was refused: then the command is to be repeated, and the error says so.
pub fn shred(locations: &Locations, epoch: u32, output: Option<&Path>, world: &World<'_>) -> Result<Shredded, Error> {
    let mut keyring = locations.keyring.open()?;
    keyring.check_shreddable(epoch)?;
    let gone_before = keyring.shredded(epoch).is_some();
    // Held from here on, so that no run enters anything meanwhile, and known to be intact before anything is destroyed.
    let mut ledger = open_ledger(locations, &keyring, world)?;
    refuse_shredding(&keyring, epoch, ledger.epochs(), ledger.shreddings())?;
    let mut overwritten = None;
    if !gone_before {
        let destroy = |keyring: &mut Keyring| keyring.shred(epoch, (world.now)());
        let (changed, written, wiped) = change(locations, output, true, &destroy)?;
        if let Written::Aside(path) = written {
            return Ok(Shredded::Aside(path));
        }
        (keyring, overwritten) = (changed, Some(wiped));
        tracing::info!(keyring = keyring.id(), epoch, "epoch shredded");
    }
    let said = said_of(&keyring, epoch)?;
    let known = |ledger: &Ledger| ledger.shreddings().iter().rfind(|known| known.said == said).cloned();
    if let Some(entry) = known(&ledger) {
        return Ok(Shredded::Entered { entry, before: true, overwritten });
    }
    let now = (world.now)();
    let head = ledger.append(&Record::EpochShredded(said.clone()), now).map_err(|error| {
        let reason = std::error::Error::source(&error).map(|reason| format!(" ({reason})")).unwrap_or_default();
        Error::Ledgerless {
            message: format!("the key of epoch {epoch} is destroyed, and the ledger does not say so yet: {error}{reason}"),
            hint: format!("{}; repeating `gallra keys shred PIPELINE {epoch} --yes` enters it", error.hint()),
        }
    })?;
    let entry = KnownShredding { seq: head.seq, entered: now, mac: head.mac, said };
    Ok(Shredded::Entered { entry, before: false, overwritten })
}

/// What [`shred`] would refuse, without changing anything: what it would find in use or can not write shows when it is done alone.
///
/// # Errors
/// As [`shred`].
pub fn refuse_to_shred(locations: &Locations, epoch: u32, output: Option<&Path>) -> Result<Keyring, Error> {
    let keyring = locations.keyring.open()?;
    keyring.check_shreddable(epoch)?;
    let report = look(locations, &keyring)?.ok_or_else(|| no_ledger(locations))?;
    refuse_shredding(&keyring, epoch, &report.epochs, &report.shreddings)?;
    if keyring.shredded(epoch).is_none() {
        refuse_the_place(locations, output)?;
    }
    Ok(keyring)
}

/// That a changed keyring can not go where it is to go.
fn refuse_the_place(locations: &Locations, output: Option<&Path>) -> Result<(), Error> {
    let source = &locations.keyring;
    match (source.file(), output) {
        (Some(_), Some(_)) => Err(Error::Usage {
            message: format!("`--output` is for keyrings that come from a variable or a command; this one is the file `{source}`"),
            hint: Some("leave `--output` out: the file is changed in its place".into()),
        }),
        (None, None) => Err(KeysError::NotInPlace { place: source.place() }.into()),
        _ => Ok(()),
    }
}

fn no_ledger(locations: &Locations) -> Error {
    Error::Ledgerless {
        message: format!("there is no ledger in `{}`, in which a shredding would be entered", locations.ledger.display()),
        hint: "bring it back from where it is kept; where nothing was ever run, nothing was published and there is nothing to shred".into(),
    }
}

/// Refuses to enter that a key is gone which is not the one that the ledger's runs used: theirs may still be somewhere.
fn refuse_shredding(keyring: &Keyring, epoch: u32, known: &KnownEpochs, shreddings: &[KnownShredding]) -> Result<(), KeysError> {
    let current = agreement::another_key(keyring, keyring.current_epoch(), known)?;
    // Where the ledger says already that the key under which was published is gone, another one of this number goes as well.
    let is_gone = shreddings.iter().any(|known| known.said.epoch == epoch && known.said.keyring == keyring.id());
    let this = agreement::another_key(keyring, epoch, known)?.filter(|_| !is_gone);
    agreement::older(keyring, known).or(current).or(this).map_or(Ok(()), Err)
}

/// The epochs whose keys are gone from a keyring and of which a ledger with these entries does not say so: whoever shredded them was killed
/// before the entry, or put the keyring back and did not repeat the command.
#[must_use]
pub fn not_entered(keyring: &Keyring, entered: &[KnownShredding]) -> Vec<u32> {
    let gone = keyring.epochs().filter_map(|(epoch, _)| said_of(keyring, epoch).ok());
    gone.filter(|said| !entered.iter().any(|known| known.said == *said)).map(|said| said.epoch).collect()
}

/// What the pipeline's ledger says, looked at without locking or mending it; `None` where there is none yet.
///
/// # Errors
/// It can not be read, is not intact, or belongs to another keyring.
pub fn look(locations: &Locations, keyring: &Keyring) -> Result<Option<Report>, Error> {
    let path = ledger_path(locations);
    let report = match check(&path, &*ledger_mac(keyring)?, None, keyring.id()) {
        Err(LedgerError::Missing { .. }) => return Ok(None),
        report => report?,
    };
    match report.findings.iter().find(|finding| finding.problem.severity() == Severity::Error) {
        None => Ok(Some(report)),
        Some(finding) => Err(match &finding.problem {
            Problem::ForeignKeyring { found, expected } => {
                LedgerError::ForeignKeyring { path, found: found.clone(), expected: expected.clone() }.into()
            }
            _ => Error::Ledgerless {
                message: format!("the ledger is not intact: {finding}"),
                hint: "`gallra ledger check` lists all findings".into(),
            },
        }),
    }
}

/// What a keyring says of an epoch that was shredded.
fn said_of(keyring: &Keyring, epoch: u32) -> Result<EpochShredded, KeysError> {
    let unknown = || keyring.unknown(epoch);
    let created: Timestamp = keyring.epochs().find(|(number, _)| *number == epoch).ok_or_else(unknown)?.1;
    let shredded = keyring.shredded(epoch).ok_or_else(unknown)?;
    Ok(EpochShredded { keyring: keyring.id().to_owned(), epoch, created, shredded })
}

/// Changes the keyring, in its place or to a file.
fn change(
    locations: &Locations,
    output: Option<&Path>,
    wipe: bool,
    how: &dyn Fn(&mut Keyring) -> Result<(), KeysError>,
) -> Result<(Keyring, Written, bool), Error> {
    let source = &locations.keyring;
    refuse_the_place(locations, output)?;
    match (source.file(), output) {
        (Some(path), _) => {
            let (file, mut keyring) = KeyringFile::open(path)?;
            how(&mut keyring)?;
            let wiped = file.replace(&keyring, wipe)?;
            Ok((keyring, Written::InPlace(path.to_owned()), wiped))
        }
        (None, None) => Err(KeysError::NotInPlace { place: source.place() }.into()),
        (None, Some(output)) => {
            let mut keyring = source.open()?;
            how(&mut keyring)?;
            keyring.write_new(output)?;
            Ok((keyring, Written::Aside(output.to_owned()), false))
        }
    }
}

/// The ledger of the pipeline, open for an entry. One that is missing is not made: without a run nothing was published under any key.
fn open_ledger(locations: &Locations, keyring: &Keyring, world: &World<'_>) -> Result<Ledger, Error> {
    let head = look(locations, keyring)?.and_then(|report| report.head);
    let Some(id) = head.and_then(|head| Hex::parse(head.ledger.as_bytes()).ok()) else {
        return Err(no_ledger(locations));
    };
    let opening = Opening {
        ledger: id,
        keyring: keyring.id().to_owned(),
        store: id.to_string(),
        gallra_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let key = ledger_mac(keyring)?;
    let open = || Ledger::open_or_create(&locations.ledger, key.clone(), opening.clone(), (world.now)());
    let in_use = |error: &LedgerError| matches!(error, LedgerError::InUse { .. });
    Ok(open.retry(ConstantBuilder::default().with_delay(PAUSE).with_max_times(TRIES)).when(in_use).call()?)
}

/// The file of the ledger.
fn ledger_path(locations: &Locations) -> PathBuf {
    locations.ledger.join(FILE_NAME)
}
