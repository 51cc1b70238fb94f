//! One line of the ledger: composing it, and taking it apart without trusting it.

use jiff::Timestamp;

use super::record::Record;
use super::{Digest, Mac};

/// The first part of every MAC, so that the key can not be made to sign an entry by another use of it.
pub const LABEL: &[u8] = b"gallra.ledger.entry.1";

/// The longest line that is written or read, in bytes with its line feed: some 400,000 tokens.
///
/// A limit, because a file without line feeds must not be read into memory whole.
pub(super) const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// `previous` of entry 0.
pub(super) const NOTHING_BEFORE: Digest = super::Hex([0; 32]);

/// A line taken apart. Nothing in it is authentic until [`Entry::computed`] equals [`Entry::mac`].
#[derive(Debug)]
pub(super) struct Entry<'line> {
    pub seq: u64,
    pub time: Timestamp,
    pub previous: Digest,
    pub mac: Digest,
    seq_text: &'line [u8],
    time_text: &'line [u8],
    previous_text: &'line [u8],
    record_text: &'line [u8],
}

impl<'line> Entry<'line> {
    /// Takes apart a line without its line feed; `None` if it does not have the exact frame of an entry.
    pub fn parse(line: &'line [u8]) -> Option<Self> {
        let rest = line.strip_prefix(b"{\"seq\":")?;
        let (seq_text, rest) = split_before(rest, b',')?;
        let rest = rest.strip_prefix(b",\"time\":\"")?;
        let (time_text, rest) = split_before(rest, b'"')?;
        let rest = rest.strip_prefix(b"\",\"previous\":\"")?;
        let (previous_text, rest) = rest.split_at_checked(64)?;
        let rest = rest.strip_prefix(b"\",\"record\":")?;
        let rest = rest.strip_suffix(b"\"}")?;
        let (rest, mac_text) = rest.split_at_checked(rest.len().checked_sub(64)?)?;
        let record_text = rest.strip_suffix(b",\"mac\":\"")?;
        // "01" and "+1" are numbers to `parse`, but never what was written.
        let canonical = seq_text.first().is_some_and(u8::is_ascii_digit) && (seq_text.len() == 1 || seq_text[0] != b'0');
        if !canonical || !record_text.starts_with(b"{") || !record_text.ends_with(b"}") {
            return None;
        }
        Some(Self {
            seq: std::str::from_utf8(seq_text).ok()?.parse().ok()?,
            time: std::str::from_utf8(time_text).ok()?.parse().ok()?,
            previous: Digest::parse(previous_text).ok()?,
            mac: Digest::parse(mac_text).ok()?,
            seq_text,
            time_text,
            previous_text,
            record_text,
        })
    }

    /// The MAC that this line should carry.
    pub fn computed(&self, key: &dyn Mac) -> Digest {
        super::Hex(key.mac(&[LABEL, self.seq_text, self.time_text, self.previous_text, self.record_text]))
    }

    /// The record; `None` if this version does not know it.
    pub fn record(&self) -> Option<Record> {
        // The error is dropped on purpose: it quotes what it could not read.
        serde_json::from_slice(self.record_text).ok()
    }
}

fn split_before(bytes: &[u8], stop: u8) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(bytes.iter().position(|byte| *byte == stop)?)
}

/// A line ready to be appended, with its line feed, and its MAC.
pub(super) struct Composed {
    pub line: Vec<u8>,
    pub mac: Digest,
}

/// Composes an entry.
///
/// # Errors
///
/// Only if the record can not be written as JSON, which no record of this module is known to cause.
pub(super) fn compose(seq: u64, time: Timestamp, previous: Digest, record: &Record, key: &dyn Mac) -> Result<Composed, serde_json::Error> {
    let (seq, time, previous) = (seq.to_string(), time.to_string(), previous.to_string());
    let record = serde_json::to_vec(record)?;
    let mac = super::Hex(key.mac(&[LABEL, seq.as_bytes(), time.as_bytes(), previous.as_bytes(), &record]));
    let mut line = format!("{{\"seq\":{seq},\"time\":\"{time}\",\"previous\":\"{previous}\",\"record\":").into_bytes();
    line.extend_from_slice(&record);
    line.extend_from_slice(format!(",\"mac\":\"{mac}\"}}\n").as_bytes());
    Ok(Composed { line, mac })
}
