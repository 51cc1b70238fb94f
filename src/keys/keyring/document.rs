//! The keyring as text.
//!
//! ```json
//! {"format": "gallra-keyring-2", "id": "<16 hexadecimal digits>", "created": "<RFC 3339>",
//!  "control": {"number": 0, "master": "<base64 of 32 bytes>"},
//!  "epochs": [{"number": 1, "created": "<RFC 3339>", "shredded": "<RFC 3339>"},
//!             {"number": 2, "created": "<RFC 3339>", "master": "<base64 of 32 bytes>"}]}
//! ```
//!
//! The first format, `gallra-keyring-1`, has no `control`: there the first epoch's master serves for
//! everything, and goes on doing so when the keyring is written in the second.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Control, Epoch, Keyring, Master, State};
use crate::keys::{KeysError, Place};

const FORMAT: &str = "gallra-keyring-2";
const FIRST_FORMAT: &str = "gallra-keyring-1";

/// The most bytes that are read. Far more than a thousand epochs need; a larger text is something else.
pub(in crate::keys) const LARGEST: usize = 1 << 20;

/// The text as written. Its parts are borrowed from the buffer that is wiped after reading.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKeyring<'a> {
    #[serde(borrow)]
    format: &'a str,
    id: &'a str,
    created: Timestamp,
    control: Option<RawControl<'a>>,
    epochs: Vec<RawEpoch<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawControl<'a> {
    number: u32,
    master: &'a str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEpoch<'a> {
    number: u32,
    created: Timestamp,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    master: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shredded: Option<Timestamp>,
}

/// Read first, so that a keyring of a later format is called foreign and not corrupt.
#[derive(Deserialize)]
struct RawFormat<'a> {
    #[serde(borrow)]
    format: Option<&'a str>,
}

impl Keyring {
    pub(super) fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        let encoded = |master: &Master| Zeroizing::new(BASE64.encode(master.expose_secret()));
        let control = encoded(&self.control.master);
        let masters: Vec<Option<Zeroizing<String>>> = self
            .epochs
            .values()
            .map(|epoch| match &epoch.state {
                State::Held(master) => Some(encoded(master)),
                State::Shredded(_) => None,
            })
            .collect();
        let epochs = self.epochs.iter().zip(&masters).map(|((number, epoch), master)| RawEpoch {
            number: *number,
            created: epoch.created,
            master: master.as_ref().map(|master| master.as_str()),
            shredded: self.shredded(*number),
        });
        let raw = RawKeyring {
            format: FORMAT,
            id: &self.id,
            created: self.created,
            control: Some(RawControl { number: self.control.number, master: &control }),
            epochs: epochs.collect(),
        };
        // Room for all of it from the start: a growing buffer leaves copies behind.
        let mut text = Zeroizing::new(Vec::with_capacity(1024 + 256 * raw.epochs.len()));
        serde_json::to_writer_pretty(&mut *text, &raw)?;
        text.push(b'\n');
        Ok(text)
    }

    /// Reads a keyring of either format; `place` is where it was found, for errors.
    pub(in crate::keys) fn parse(place: &Place, text: &[u8]) -> Result<Self, KeysError> {
        if text.trim_ascii().is_empty() {
            return Err(KeysError::Empty { place: place.clone() });
        }
        let invalid = |field| KeysError::InvalidField { place: place.clone(), field };
        let format: RawFormat<'_> = parse(place, text)?;
        if format.format.is_some_and(|format| format != FORMAT && format != FIRST_FORMAT) {
            return Err(KeysError::ForeignFormat { place: place.clone() });
        }
        let raw: RawKeyring<'_> = parse(place, text)?;
        if raw.id.len() != 16 || HEXLOWER.decode(raw.id.as_bytes()).is_err() {
            return Err(invalid("id"));
        }
        let mut epochs = BTreeMap::new();
        for epoch in &raw.epochs {
            if epoch.number == 0 {
                return Err(invalid("number"));
            }
            let state = match (epoch.master, epoch.shredded) {
                (Some(master), None) => State::Held(decode(place, epoch.number, master)?),
                (None, Some(shredded)) if raw.format == FORMAT => State::Shredded(shredded),
                (None, None) => return Err(invalid("master")),
                _ => return Err(invalid("shredded")),
            };
            if epochs.insert(epoch.number, Epoch { created: epoch.created, state }).is_some() {
                return Err(KeysError::DuplicateEpoch { place: place.clone(), epoch: epoch.number });
            }
        }
        let (Some(first), Some(last)) = (epochs.first_key_value(), epochs.last_key_value()) else {
            return Err(KeysError::NoEpoch { place: place.clone() });
        };
        let current = *last.0;
        if let State::Shredded(_) = last.1.state {
            // The current epoch never is: whoever wrote this took the newer ones out.
            return Err(invalid("shredded"));
        }
        let control = match (raw.format == FORMAT, &raw.control, first) {
            (true, Some(control), _) => Control { number: control.number, master: decode(place, control.number, control.master)? },
            (false, None, (number, Epoch { state: State::Held(master), .. })) => Control { number: *number, master: copied(master) },
            _ => return Err(invalid("control")),
        };
        Ok(Self { id: raw.id.to_owned(), created: raw.created, control, epochs, current })
    }
}

/// The parser's own message is dropped: it may quote the value that it stumbled over.
fn parse<'a, T: Deserialize<'a>>(place: &Place, text: &'a [u8]) -> Result<T, KeysError> {
    serde_json::from_slice(text).map_err(|error| KeysError::Corrupt { place: place.clone(), line: error.line(), column: error.column() })
}

fn copied(master: &Master) -> Master {
    SecretBox::init_with_mut(|copy: &mut [u8; 32]| copy.copy_from_slice(master.expose_secret()))
}

fn decode(place: &Place, epoch: u32, text: &str) -> Result<Master, KeysError> {
    let text = text.as_bytes();
    let invalid = || KeysError::InvalidField { place: place.clone(), field: "master" };
    let room = BASE64.decode_len(text.len()).map_err(|_| invalid())?;
    let mut bytes = Zeroizing::new(vec![0_u8; room]);
    let length = BASE64.decode_mut(text, &mut bytes).map_err(|_| invalid())?;
    let Some(found) = bytes.get(..length).filter(|found| found.len() == 32) else {
        return Err(KeysError::WrongKeyLength { place: place.clone(), epoch, found: length });
    };
    Ok(SecretBox::init_with_mut(|master: &mut [u8; 32]| {
        master.copy_from_slice(found);
    }))
}
