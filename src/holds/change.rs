//! Adding and releasing holds.
//!
//! First the register, then the ledger: whoever is killed in between has added a hold that counts, and the next run enters it. While a run has
//! the ledger, the hold counts from that run's next batch on, and the run enters it.

use std::path::Path;
use std::time::Duration;

use backon::{BlockingRetryable, ConstantBuilder};
use jiff::civil::Date;

use super::register::{Lock, Seal};
use super::{Hold, HoldsError, Known, Register, Release, Words, compare, enter, subject};
use crate::epochs::disagreements;
use crate::error::Error;
use crate::keys::{Keyring, KeysError};
use crate::ledger::{FILE_NAME, Head, Hex, HoldId, HoldIdError, KnownHold, Ledger, LedgerError, LedgerId, Opening};
use crate::pipeline::resolve::Locations;
use crate::run::ledger_mac;
use crate::session::{Access, LockUse, Session, World, locate};

/// How often, and how long in between, the ledger is asked for while somebody else has it. A run has it for as long as it works, which is not
/// waited for.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// A hold as somebody asks for it.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The category.
    pub category: &'a str,
    /// The values of the subject's key, in its order.
    pub key: &'a [String],
    /// Whether the whole category is held.
    pub whole: bool,
    /// The tenant, where the store has several.
    pub tenant: Option<&'a str>,
    /// Columns that alone are kept: `column`, `table.column` or `table.*`.
    pub fields: &'a [String],
    /// Tables whose columns are kept.
    pub tables: &'a [String],
    /// The last day.
    pub until: Option<Date>,
    /// Why.
    pub reason: &'a str,
    /// Who answers for it.
    pub owner: &'a str,
}

/// Whether the ledger has taken a change down.
#[derive(Debug)]
pub enum Entered {
    /// It has.
    Yes,
    /// A run is at work and has the ledger; it, or the next one, does it.
    RunAtWork,
    /// The ledger refused; the next run does it.
    Refused(LedgerError),
}

/// A hold that was added.
#[derive(Debug)]
pub struct Added {
    /// The hold.
    pub hold: Hold,
    /// The subject as reports name it.
    pub row: Option<String>,
    /// Whether the ledger knows.
    pub entered: Entered,
    /// Why no run would begin with this keyring, where none would: the hold counts all the same, because nothing is forgotten until then.
    pub disagreements: Vec<KeysError>,
}

/// A hold that was released.
#[derive(Debug)]
pub struct Released {
    /// The hold.
    pub hold: Hold,
    /// Whether the ledger knows.
    pub entered: Entered,
}

/// Adds a hold. When this returns, every batch that begins afterwards honours it, of a run that is under way as well.
///
/// # Errors
/// What was asked for does not exist; the register or the ledger can not be relied on. Nothing is changed then.
pub fn add(path: &Path, wish: &Wish<'_>, world: &World<'_>) -> Result<Added, Error> {
    let (reason, owner) = (Words::typed("--reason", wish.reason)?, Words::typed("--owner", wish.owner)?);
    let mut session = Session::open(path, Access::Read, LockUse::Compare, world)?;
    let now = (world.now)();
    let today = crate::decide::clocks::today(now, &session.pipeline.controller.time_zone);
    if let Some(until) = wish.until.filter(|until| *until < today) {
        return Err(Error::Usage {
            message: format!("a hold until {until} would have lapsed already: today is {today}"),
            hint: Some("the last day counts; without `--until` a hold lasts until it is released".into()),
        });
    }
    let keyring = session.keyring()?;
    let aim = subject::resolve(&mut session, &keyring, wish)?;
    let head = session.store.snapshot()?.head()?.as_ref().and_then(crate::write_back::ledger_head);
    let report = Known::report(&session.locations.ledger, &keyring, head.as_ref())?;
    let disagreements = report.map(|report| disagreements(&keyring, &report.epochs, &report.shreddings)).transpose()?.unwrap_or_default();
    let mut book = Book::open(&session.locations, &keyring, head.as_ref(), world)?;
    let year = u16::try_from(today.year()).unwrap_or_default();
    let last = book.register.holds.iter().filter(|hold| hold.id.year == year).map(|hold| hold.id.number).max();
    let hold = Hold {
        id: HoldId { year, number: last.unwrap_or_default() + 1 },
        tenant: aim.tenant,
        category: aim.category,
        subject: aim.subject,
        fields: aim.fields,
        reason,
        owner,
        since: now,
        until: wish.until,
        released: None,
    };
    book.register.holds.push(hold.clone());
    let entered = book.close(&session.locations, &keyring, world)?;
    tracing::info!(hold = %hold.id, "hold added");
    Ok(Added { hold, row: aim.row, entered, disagreements })
}

/// Releases a hold: the next run forgets again.
///
/// # Errors
/// There is no such hold, or it was released before; the register or the ledger can not be relied on.
pub fn release(path: &Path, id: &str, reason: &str, owner: &str, world: &World<'_>) -> Result<Released, Error> {
    let (reason, owner) = (Words::typed("--reason", reason)?, Words::typed("--owner", owner)?);
    // What was typed may be anything, also a name: it is not repeated.
    let id: HoldId = id.parse().map_err(|error: HoldIdError| Error::Usage {
        message: error.to_string(),
        hint: Some("`gallra hold list` shows those in force".into()),
    })?;
    let locations = locate(path, world)?;
    let keyring = locations.keyring.open()?;
    let known = Known::look(&locations.ledger, &keyring, None)?;
    let register = Register::read(&locations.holds, &Seal::of(&keyring)?)?;
    compare(&locations.holds, register.as_ref(), &known)?;
    let unknown = || Error::Usage {
        message: format!("there is no hold {id} in the register"),
        hint: Some("`gallra hold list` shows those in force".into()),
    };
    // Before the lock, which would make a folder.
    if register.is_none_or(|register| register.hold(id).is_none()) {
        return Err(unknown());
    }
    let mut book = Book::open(&locations, &keyring, None, world)?;
    let Some(found) = book.register.holds.iter_mut().find(|found| found.id == id) else { return Err(unknown()) };
    if let Some(release) = &found.released {
        return Err(Error::Usage { message: format!("the hold {id} was released before, at {}", release.at), hint: None });
    }
    found.released = Some(Release { at: (world.now)(), reason, owner });
    let hold = found.clone();
    let entered = book.close(&locations, &keyring, world)?;
    tracing::info!(hold = %hold.id, "hold released");
    Ok(Released { hold, entered })
}

/// Makes a register that is missing, damaged or older than the ledger anew, from what the ledger knows. What was typed about a hold is lost
/// with the file; whoever rebuilds answers for it. What was there is kept beside it. Returns how many holds were made.
///
/// # Errors
/// The register is as it should be, or the ledger can not be relied on.
pub fn rebuild(path: &Path, owner: &str, world: &World<'_>) -> Result<usize, Error> {
    let owner = Words::typed("--owner", owner)?;
    let locations = locate(path, world)?;
    let keyring = locations.keyring.open()?;
    let seal = Seal::of(&keyring)?;
    let lock = Lock::take(&locations.holds)?;
    let known = Known::look(&locations.ledger, &keyring, None)?;
    let found = Register::read(&locations.holds, &seal);
    let trouble = match &found {
        Ok(register) => compare(&locations.holds, register.as_ref(), &known).err(),
        Err(_) => None,
    };
    let holds = match (found, trouble) {
        (Ok(_), None) => {
            return Err(Error::Usage {
                message: "the register of holds is as it should be: there is nothing to rebuild".into(),
                hint: None,
            });
        }
        (Ok(Some(register)), Some(HoldsError::Lacks { .. } | HoldsError::Disagrees { .. })) => register.holds,
        (Ok(None), Some(_)) | (Err(HoldsError::NotARegister { .. } | HoldsError::Changed { .. }), _) => Vec::new(),
        // Another keyring's, another store's, or one that can not be read: that is not this register, and is left alone.
        (Ok(_), Some(error)) | (Err(error), _) => return Err(error.into()),
    };
    let Some(ledger) = known.ledger else { return Err(no_ledger(&locations)) };
    let mut register = Register { ledger, holds };
    let before = register.clone();
    register.holds.retain(|hold| {
        let alone = Register { ledger, holds: vec![hold.clone()] };
        let only = Known {
            ledger: None,
            holds: known.holds.iter().filter(|(id, _)| **id == hold.id).map(|(id, known)| (*id, known.clone())).collect(),
        };
        compare(&locations.holds, Some(&alone), &only).is_ok()
    });
    let lacking: Vec<&KnownHold> = known.holds.values().filter(|known| register.hold(known.added.hold).is_none()).collect();
    let made = lacking.len();
    for known in lacking {
        let words = before.hold(known.added.hold).map(|hold| hold.reason.clone());
        let reason = words.unwrap_or_else(|| Words("unknown: rebuilt from the ledger".to_owned()));
        let release = || Release { at: (world.now)(), reason: Words("unknown: rebuilt from the ledger".to_owned()), owner: owner.clone() };
        register.holds.push(Hold {
            id: known.added.hold,
            tenant: known.added.tenant.clone(),
            category: known.added.category.clone(),
            subject: known.added.subject,
            fields: known.added.fields.clone(),
            reason,
            owner: owner.clone(),
            since: known.entered,
            until: known.added.until,
            released: known.released.then(release),
        });
    }
    register.holds.sort_by_key(|hold| hold.id);
    if locations.holds.try_exists().unwrap_or(false) {
        let mut aside = locations.holds.as_os_str().to_owned();
        aside.push(".before-rebuild");
        std::fs::rename(&locations.holds, &aside).map_err(|error| Error::file("set aside", &locations.holds, &error))?;
    }
    register.write(&lock, &seal)?;
    Ok(made)
}

fn no_ledger(locations: &Locations) -> Error {
    Error::Ledgerless {
        message: format!("the ledger of this store is missing: there is none in `{}`", locations.ledger.display()),
        hint: "bring it back from where it is kept; without it nobody can prove what was forgotten, or which holds there are".into(),
    }
}

/// The register, open for a change.
struct Book {
    lock: Lock,
    seal: Seal,
    register: Register,
}

impl Book {
    /// Locks and reads it. A store without a ledger gets one: the register belongs to a ledger, so that no other store's is taken for it.
    fn open(locations: &Locations, keyring: &Keyring, head: Option<&Head>, world: &World<'_>) -> Result<Self, Error> {
        let seal = Seal::of(keyring)?;
        let lock = Lock::take(&locations.holds)?;
        // The ledger first: what it knows has long been in the register.
        let mut known = Known::look(&locations.ledger, keyring, head)?;
        let register = Register::read(&locations.holds, &seal)?;
        if known.ledger.is_none() {
            if register.is_some() || head.is_some() {
                return Err(no_ledger(locations));
            }
            let mut id = [0; 8];
            id.copy_from_slice(&(world.random)()[..8]);
            match open_ledger(locations, keyring, Hex(id), world) {
                // Somebody else, a run perhaps, has just made it.
                Ok(_) | Err(LedgerError::InUse { .. } | LedgerError::ForeignStore { .. }) => {}
                Err(error) => return Err(error.into()),
            }
            known = Known::look(&locations.ledger, keyring, None)?;
        }
        compare(&locations.holds, register.as_ref(), &known)?;
        let Some(ledger) = known.ledger else { return Err(no_ledger(locations)) };
        Ok(Self { lock, seal, register: register.unwrap_or(Register { ledger, holds: Vec::new() }) })
    }

    /// Puts the register in its place, and then enters what is new in the ledger.
    fn close(self, locations: &Locations, keyring: &Keyring, world: &World<'_>) -> Result<Entered, Error> {
        self.register.write(&self.lock, &self.seal)?;
        let ledger = self.register.ledger;
        // A large ledger takes its time to be read: nobody else who changes the register waits for that.
        drop(self.lock);
        let open = || open_ledger(locations, keyring, ledger, world);
        let in_use = |error: &LedgerError| matches!(error, LedgerError::InUse { .. });
        let mut ledger = match open.retry(ConstantBuilder::default().with_delay(PAUSE).with_max_times(TRIES)).when(in_use).call() {
            Ok(ledger) => ledger,
            Err(LedgerError::InUse { .. }) => return Ok(Entered::RunAtWork),
            Err(error) => return Ok(Entered::Refused(error)),
        };
        // As it is now that nobody else can enter anything.
        let register = Register::read(&locations.holds, &self.seal)?.unwrap_or(self.register);
        Ok(match enter(&mut ledger, &register, (world.now)()) {
            Ok(_) => Entered::Yes,
            Err(error) => Entered::Refused(error),
        })
    }
}

fn open_ledger(locations: &Locations, keyring: &Keyring, id: LedgerId, world: &World<'_>) -> Result<Ledger, LedgerError> {
    let opening = Opening {
        ledger: id,
        keyring: keyring.id().to_owned(),
        store: id.to_string(),
        gallra_version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let Ok(key) = ledger_mac(keyring) else { return Err(LedgerError::ForeignKey { path: locations.ledger.join(FILE_NAME) }) };
    Ledger::open_or_create(&locations.ledger, key, opening, (world.now)())
}
