//! The register beside the ledger: what the ledger knows of holds, whether the register still has it, and entering what is new.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;

use super::{Hold, HoldsError, Register};
use crate::error::Error;
use crate::keys::Keyring;
use crate::ledger::{
    FILE_NAME, Head, Hex, HoldAdded, HoldId, HoldReleased, KnownHold, Ledger, LedgerError, LedgerId, Record, Report, Severity, check,
    exists,
};
use crate::run::ledger_mac;

/// What the ledger knows of holds.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The ledger; `None` where there is none yet.
    pub ledger: Option<LedgerId>,
    /// The holds that were entered, released ones as well.
    pub holds: BTreeMap<HoldId, KnownHold>,
}

impl Known {
    /// Of a ledger that is open.
    pub fn of(ledger: &Ledger) -> Self {
        Self { ledger: Some(ledger.opening().ledger), holds: ledger.holds().clone() }
    }

    /// Of the ledger in a folder, looked at without locking or mending it. A missing one knows nothing.
    ///
    /// # Errors
    /// The ledger can not be read, is not intact, or lacks what the store's `head` says that it has.
    pub fn look(folder: &Path, keyring: &Keyring, head: Option<&Head>) -> Result<Self, Error> {
        Ok(Self::report(folder, keyring, head)?.map_or_else(Self::default, |report| Self::reported(&report)))
    }

    /// All that the ledger in a folder says, looked at in the same way; `None` where there is none.
    ///
    /// # Errors
    /// As [`Self::look`].
    pub fn report(folder: &Path, keyring: &Keyring, head: Option<&Head>) -> Result<Option<Report>, Error> {
        let path = folder.join(FILE_NAME);
        if !exists(&path)? {
            return Ok(None);
        }
        let report = check(&path, &*ledger_mac(keyring)?, head, keyring.id())?;
        if let Some(finding) = report.findings.iter().find(|finding| finding.problem.severity() == Severity::Error) {
            return Err(Error::Ledgerless {
                message: format!("the ledger is not intact: {finding}"),
                hint: "`gallra ledger check` lists all findings".into(),
            });
        }
        Ok(Some(report))
    }

    /// Of a ledger that was checked.
    pub fn reported(report: &Report) -> Self {
        let ledger = report.head.as_ref().and_then(|head| Hex::parse(head.ledger.as_bytes()).ok());
        Self { ledger, holds: report.holds.clone() }
    }
}

/// Refuses a register that lacks what the ledger knows, or that belongs to another ledger. It may know more.
///
/// The register must have been read after the ledger was.
///
/// # Errors
/// The register is missing, lacks a hold, has one otherwise, or is foreign.
pub fn compare(path: &Path, register: Option<&Register>, known: &Known) -> Result<(), HoldsError> {
    let path = || path.to_owned();
    let Some(register) = register else {
        let holds = known.holds.len();
        return if holds == 0 { Ok(()) } else { Err(HoldsError::Missing { path: path(), holds }) };
    };
    if let Some(expected) = known.ledger.filter(|ledger| *ledger != register.ledger) {
        return Err(HoldsError::ForeignLedger { path: path(), found: register.ledger.to_string(), expected: expected.to_string() });
    }
    for (id, known) in &known.holds {
        let Some(hold) = register.hold(*id) else { return Err(HoldsError::Lacks { path: path(), hold: *id }) };
        if added(hold) != known.added || (known.released && hold.released.is_none()) {
            return Err(HoldsError::Disagrees { path: path(), hold: *id });
        }
    }
    Ok(())
}

/// Enters in the ledger what the register has and the ledger does not know yet. Returns how many entries that were.
///
/// # Errors
/// The ledger refuses; what was entered before that stays.
pub fn enter(ledger: &mut Ledger, register: &Register, now: Timestamp) -> Result<u64, LedgerError> {
    let mut entered = 0;
    for hold in &register.holds {
        let known = ledger.holds().get(&hold.id).map(|known| known.released);
        if known.is_none() {
            ledger.append(&Record::HoldAdded(added(hold)), now)?;
            entered += 1;
        }
        if hold.released.is_some() && known != Some(true) {
            ledger.append(&Record::HoldReleased(HoldReleased { hold: hold.id }), now)?;
            entered += 1;
        }
    }
    Ok(entered)
}

/// A hold as the ledger takes it down.
fn added(hold: &Hold) -> HoldAdded {
    HoldAdded {
        hold: hold.id,
        tenant: hold.tenant.clone(),
        category: hold.category.clone(),
        subject: hold.subject,
        fields: hold.fields.clone(),
        until: hold.until,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests::hold;
    use super::super::{Release, Words};
    use super::*;
    use crate::ledger::Opening;

    fn ledger(folder: &Path) -> Ledger {
        let keyring = Keyring::generate(Timestamp::UNIX_EPOCH, [7; 40]);
        let opening =
            Opening { ledger: Hex([9; 8]), keyring: keyring.id().into(), store: Hex([9; 8]).to_string(), gallra_version: "1".into() };
        let key = keyring.control("", crate::keys::Purpose::LedgerMac).unwrap();
        Ledger::open_or_create(folder, Arc::new(key), opening, Timestamp::UNIX_EPOCH).unwrap()
    }

    fn released(hold: Hold) -> Hold {
        let release = Release { at: Timestamp::UNIX_EPOCH, reason: Words("paid".into()), owner: Words("Olle".into()) };
        Hold { released: Some(release), ..hold }
    }

    #[test]
    fn what_is_new_is_entered_once_and_none_of_the_words() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = ledger(folder.path());
        let mut register = Register { ledger: Hex([9; 8]), holds: vec![hold(1), released(hold(2))] };
        assert_eq!(enter(&mut ledger, &register, Timestamp::UNIX_EPOCH).unwrap(), 3);
        assert_eq!(enter(&mut ledger, &register, Timestamp::UNIX_EPOCH).unwrap(), 0);
        register.holds[0] = released(hold(1));
        register.holds.push(Hold { subject: None, fields: vec!["customer.name".into()], ..hold(3) });
        assert_eq!(enter(&mut ledger, &register, Timestamp::UNIX_EPOCH).unwrap(), 2);
        let states: Vec<(String, bool)> = ledger.holds().iter().map(|(id, known)| (id.to_string(), known.released)).collect();
        assert_eq!(states, [("H-2026-0001".into(), true), ("H-2026-0002".into(), true), ("H-2026-0003".into(), false)]);
        drop(ledger);
        let text = std::fs::read_to_string(folder.path().join(FILE_NAME)).unwrap();
        assert_eq!(text.lines().count(), 6);
        for word in ["unpaid", "Ada", "Olle", "paid", "reason", "owner"] {
            assert!(!text.contains(word), "{word} stands in the ledger");
        }
        let again = self::ledger(folder.path());
        assert_eq!(Known::of(&again).holds.len(), 3);
        let keyring = Keyring::generate(Timestamp::UNIX_EPOCH, [7; 40]);
        assert_eq!(Known::look(folder.path(), &keyring, None).unwrap().holds, Known::of(&again).holds);
    }

    #[test]
    fn a_register_may_know_more_than_the_ledger_and_never_less() {
        let folder = tempfile::tempdir().unwrap();
        let mut ledger = ledger(folder.path());
        let path = Path::new("holds.json");
        let with = |holds: &[Hold]| Register { ledger: Hex([9; 8]), holds: holds.to_vec() };
        let nothing = Known::of(&ledger);
        assert!(compare(path, None, &nothing).is_ok());
        enter(&mut ledger, &with(&[hold(1), released(hold(2))]), Timestamp::UNIX_EPOCH).unwrap();
        let known = Known::of(&ledger);
        for more in
            [vec![hold(1), released(hold(2))], vec![released(hold(1)), released(hold(2))], vec![hold(1), released(hold(2)), hold(3)]]
        {
            compare(path, Some(&with(&more)), &known).unwrap();
        }
        let refused = |register: Option<&Register>| compare(path, register, &known).unwrap_err();
        assert!(matches!(refused(None), HoldsError::Missing { holds: 2, .. }));
        assert!(matches!(refused(Some(&with(&[hold(1)]))), HoldsError::Lacks { hold: HoldId { number: 2, .. }, .. }));
        assert!(matches!(refused(Some(&with(&[hold(1), hold(2)]))), HoldsError::Disagrees { hold: HoldId { number: 2, .. }, .. }));
        let other = [Hold { subject: None, ..hold(1) }, released(hold(2))];
        assert!(matches!(refused(Some(&with(&other))), HoldsError::Disagrees { hold: HoldId { number: 1, .. }, .. }));
        let foreign = Register { ledger: Hex([8; 8]), ..with(&[hold(1), released(hold(2))]) };
        assert!(matches!(refused(Some(&foreign)), HoldsError::ForeignLedger { .. }));
    }
}
