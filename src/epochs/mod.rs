//! The epochs of the keyring: beginning one, destroying an old one's key, and proving that it is gone.
//!
//! A keyring's file is changed in its place. What comes from a variable or a command can not be: the changed keyring is written to a file, and
//! whoever keeps the keyring puts it back where it comes from.
//!
//! First the key goes, then the ledger says so: whoever is killed in between repeats the command, which finds the key gone and enters it. So
//! the ledger never says of a key that it is gone while the keyring in use has it.

mod certificate;
mod published;

use std::path::{Path, PathBuf};
use std::time::Duration;

use backon::{BlockingRetryable, ConstantBuilder};
use jiff::Timestamp;

pub use certificate::{Certificate, Evidence, certificate};
pub use published::{PublishedUnder, published_under};

use crate::error::Error;
use crate::holds::Known;
use crate::keys::{Keyring, KeyringFile, KeysError};
use crate::ledger::{EpochShredded, FILE_NAME, KnownShredding, Ledger, LedgerError, Opening, Record, check};
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

/// Begins a new epoch, under which the next run publishes. Nothing but pseudonyms follows it.
///
/// # Errors
/// The keyring can not be opened or changed; nothing is changed then.
pub fn rotate(locations: &Locations, output: Option<&Path>, world: &World<'_>) -> Result<Rotated, Error> {
    let begin = |keyring: &mut Keyring| keyring.rotate((world.now)(), (world.random)()).map(drop);
    let (keyring, written, _) = change(locations, output, false, &begin)?;
    tracing::info!(keyring = keyring.id(), epoch = keyring.current_epoch(), "epoch begun");
    Ok(Rotated { keyring, written })
}

/// Destroys the key of an epoch, and enters it in the ledger. Repeating it does what is left to do, which may be nothing.
///
/// # Errors
/// The epoch can not be shredded; the keyring can not be changed; the ledger is missing, in use or not intact. The key is still there then,
/// unless it is the last entry that was refused: then the command is to be repeated.
pub fn shred(locations: &Locations, epoch: u32, output: Option<&Path>, world: &World<'_>) -> Result<Shredded, Error> {
    let mut keyring = locations.keyring.open()?;
    keyring.check_shreddable(epoch)?;
    let gone_before = keyring.shredded(epoch).is_some();
    // Held from here on, so that no run enters anything meanwhile, and known to be intact before anything is destroyed.
    let mut ledger = open_ledger(locations, &keyring, world)?;
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
    let head = ledger.append(&Record::EpochShredded(said.clone()), now)?;
    let entry = KnownShredding { seq: head.seq, entered: now, mac: head.mac, said };
    Ok(Shredded::Entered { entry, before: false, overwritten })
}

/// The epochs whose keys are gone from a keyring and of which a ledger with these entries does not say so: whoever shredded them was killed
/// before the entry, or put the keyring back and did not repeat the command.
#[must_use]
pub fn not_entered(keyring: &Keyring, entered: &[KnownShredding]) -> Vec<u32> {
    let gone = keyring.epochs().filter_map(|(epoch, _)| said_of(keyring, epoch).ok());
    gone.filter(|said| !entered.iter().any(|known| known.said == *said)).map(|said| said.epoch).collect()
}

/// The same, of the pipeline's own ledger. None where there is no intact one of this keyring; `gallra ledger check` says why.
#[must_use]
pub fn not_entered_in(locations: &Locations, keyring: &Keyring) -> Vec<u32> {
    // In most keyrings nothing was shredded, and a ledger is long.
    if not_entered(keyring, &[]).is_empty() {
        return Vec::new();
    }
    let report = ledger_mac(keyring).ok().and_then(|key| check(&ledger_path(locations), &*key, None, keyring.id()).ok());
    report.filter(|report| report.is_intact()).map_or_else(Vec::new, |report| not_entered(keyring, &report.shreddings))
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
    match (source.file(), output) {
        (Some(path), None) => {
            let (file, mut keyring) = KeyringFile::open(path)?;
            how(&mut keyring)?;
            let wiped = file.replace(&keyring, wipe)?;
            Ok((keyring, Written::InPlace(path.to_owned()), wiped))
        }
        (Some(_), Some(_)) => Err(Error::Usage {
            message: format!("`--output` is for keyrings that come from a variable or a command; this one is the file `{source}`"),
            hint: Some("leave `--output` out: the file is changed in its place".into()),
        }),
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
    let Some(id) = Known::look(&locations.ledger, keyring, None)?.ledger else {
        return Err(Error::Ledgerless {
            message: format!("there is no ledger in `{}`, in which a shredding would be entered", locations.ledger.display()),
            hint: "bring it back from where it is kept; where nothing was ever run, nothing was published and there is nothing to shred"
                .into(),
        });
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
