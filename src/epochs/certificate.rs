//! The certificate that an epoch's key was destroyed, and how to check it.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{agreement, ledger_path, look, said_of};
use crate::error::Error;
use crate::ledger::{Digest, LedgerError};
use crate::pipeline::resolve::Locations;

const FORMAT: &str = "gallra-shredding-certificate-1";

/// What the certificate states. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// `gallra-shredding-certificate-1`.
    pub format: String,
    /// The keyring's public identifier.
    pub keyring: String,
    /// The epoch.
    pub epoch: u32,
    /// When it began.
    pub created: Timestamp,
    /// When its master key was destroyed.
    pub shredded: Timestamp,
    /// When its key had been destroyed before, as the ledger says: a copy of the keyring had brought it back in between. Mostly none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shredded_before: Vec<Timestamp>,
    /// What follows from that, and what does not.
    pub statement: String,
    /// Where the ledger says so.
    pub evidence: Evidence,
    /// How to check it.
    pub verification: Vec<String>,
    /// When the certificate was made.
    pub exported: Timestamp,
}

/// The entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The ledger's public identifier.
    pub ledger: String,
    /// The number of the entry, from 0.
    pub entry: u64,
    /// The line of `ledger.jsonl` in which it stands, from 1.
    pub line: u64,
    /// When it was entered.
    pub entered: Timestamp,
    /// Its MAC under the ledger's key, which covers the MAC of the entry before it and so the whole ledger up to here.
    pub mac: Digest,
    /// SHA-256 of the line without its line feed.
    pub line_sha256: String,
    /// The number of the ledger's last entry when the certificate was made.
    pub head: u64,
    /// The MAC of that entry.
    pub head_mac: Digest,
}

/// The certificate for an epoch that was shredded: the keyring in use has no key of it, and an intact ledger says when it went.
///
/// # Errors
/// The epoch was not shredded, its key came back, or its shredding is not entered; the keyring is older than the ledger; the ledger is missing or
/// not intact.
pub fn certificate(locations: &Locations, epoch: u32, now: Timestamp) -> Result<Certificate, Error> {
    let keyring = locations.keyring.open()?;
    let report = look(locations, &keyring)?;
    if let Some(report) = &report {
        // A certificate of another copy than the newest would say nothing of that one.
        let came_back = agreement::came_back(&keyring, epoch, &report.shreddings);
        came_back.or(agreement::older(&keyring, &report.epochs)).map_or(Ok(()), Err)?;
    }
    if keyring.shredded(epoch).is_none() && keyring.epochs().any(|(number, _)| number == epoch) {
        return Err(Error::Usage {
            message: format!("epoch {epoch} of keyring `{}` was not shredded: there is nothing to certify", keyring.id()),
            hint: Some(format!("`gallra keys shred PIPELINE {epoch}` says what would be lost; with `--yes` it destroys the key")),
        });
    }
    let said = said_of(&keyring, epoch)?;
    let path = ledger_path(locations);
    let Some(report) = report else { return Err(LedgerError::Missing { path }.into()) };
    let (Some(entry), Some(head)) = (report.shreddings.iter().rfind(|known| known.said == said), &report.head) else {
        return Err(Error::Usage {
            message: format!("epoch {epoch} of keyring `{}` was shredded, but this ledger does not say so yet", keyring.id()),
            hint: Some(format!("`gallra keys shred PIPELINE {epoch} --yes` enters it")),
        });
    };
    let earlier =
        report.shreddings.iter().map(|known| &known.said).filter(|before| before.epoch == epoch && before.keyring == said.keyring);
    let shredded_before: Vec<Timestamp> = earlier.map(|before| before.shredded).filter(|before| *before != said.shredded).collect();
    let came_back = match shredded_before.is_empty() {
        true => "",
        false => {
            " It had been removed before, and came back with a copy of the keyring: until the last removal that copy could compute them."
        }
    };
    let line = entry.seq + 1;
    let lines = File::open(&path).map(BufReader::new);
    let text = lines.and_then(|lines| {
        let at = usize::try_from(entry.seq).map_err(|_| ErrorKind::InvalidData)?;
        lines.split(b'\n').nth(at).unwrap_or_else(|| Err(ErrorKind::UnexpectedEof.into()))
    });
    let line_sha256 = HEXLOWER.encode(&Sha256::digest(text.map_err(|error| Error::file("read", &path, &error))?));
    Ok(Certificate {
        format: FORMAT.to_owned(),
        keyring: said.keyring,
        epoch,
        created: said.created,
        shredded: said.shredded,
        shredded_before,
        statement: "The master key of this epoch was removed from the keyring in use. Every pseudonym key of the epoch was derived from it and \
                    can not be derived any more, so that nobody who has this keyring can compute the pseudonym of a person in the sets of the \
                    epoch, or tell from one whose it is. Copies of the keyring that were made before can: this certificate does not cover them, \
                    and their keepers must have destroyed them."
            .to_owned()
            + came_back,
        evidence: Evidence {
            ledger: head.ledger.clone(),
            entry: entry.seq,
            line,
            entered: entry.entered,
            mac: entry.mac,
            line_sha256,
            head: head.seq,
            head_mac: head.mac,
        },
        verification: vec![
            "`gallra ledger check PIPELINE` proves every entry of the ledger, and names this one among its shreddings; it needs the keyring."
                .to_owned(),
            format!("`sed -n {line}p ledger.jsonl | tr -d '\\n' | sha256sum` gives `line_sha256`, and the line ends in `mac`; this needs nothing."),
            "`gallra keys list PIPELINE` shows the epoch as shredded at the same time.".to_owned(),
        ],
        exported: now,
    })
}
