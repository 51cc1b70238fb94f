//! gallra's own tables `gallra.journal` and `gallra.head`; a third, `gallra.stale_view`, is explained where it is used.
//!
//! They are created by a run alone, in a schema of their own. Where they are missing, the journal is empty and there is no head. The journal
//! has one row per batch and table, with its entries packed into bytes: a row of its own per forgotten person would double what a night
//! writes to the log. A later entry of the same tenant, table and token replaces an earlier one when the journal is read.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::connection::Connection;
use super::failure::Failure;
use super::{misuse, stale};
use crate::store::{Head, JournalEntry, StoreError};

/// `entries` is not compressed: tokens are random.
const CREATE: &str = r#"
CREATE TABLE IF NOT EXISTS gallra.journal (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    "table" text NOT NULL,
    batch text NOT NULL,
    entries bytea NOT NULL
);
ALTER TABLE gallra.journal ALTER COLUMN entries SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS gallra.head (
    session smallint PRIMARY KEY,
    ledger text NOT NULL,
    sequence bigint NOT NULL,
    mac text NOT NULL
);
"#;

/// Outcomes that are packed as one byte; others are spelled out after a zero.
const OUTCOMES: [&str; 6] = ["delete", "anonymise", "partly", "activity", "left", "committed"];

/// Creates what is missing; where all tables are there, writes nothing.
pub(super) fn prepare(connection: &Connection) -> Result<(), StoreError> {
    let known = connection.first_row("SELECT to_regnamespace('gallra') IS NOT NULL");
    let known = known.is_ok_and(|known| known.first().and_then(Option::as_deref) == Some("t"));
    let failed = |failure: Failure| match connection.store_error("creating the journal", None, &failure) {
        StoreError::Refused { doing, reason, privilege: true, .. } => {
            let hint = match known {
                true => "run as the role that has run before; of the roles that `gallra grants` makes, only the one that runs may",
                false => "let the owner of the database run what `gallra grants` prints: it makes the schema `gallra` once",
            };
            StoreError::Refused { doing, reason, hint: Some(hint.into()), privilege: true }
        }
        other => other,
    };
    let exists = |table| exists(connection, table).map_err(failed);
    if exists("gallra.journal")? && exists("gallra.head")? && exists("gallra.stale_view")? {
        let sql = "SELECT bool_and(has_table_privilege('gallra.' || t, 'INSERT') AND (t = 'journal' OR has_table_privilege('gallra.' || t, 'UPDATE')))
                       AND has_table_privilege('gallra.stale_view', 'DELETE')
                   FROM unnest(ARRAY['journal', 'head', 'stale_view']) AS t";
        let may = connection.first_row(sql).map_err(failed)?;
        if may.first().and_then(Option::as_deref) == Some("t") {
            return Ok(());
        }
        let reason = format!("`{}` may not write gallra's own tables", connection.role());
        let hint = "run as the role that made them, or let it GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA gallra; of the \
                    roles that `gallra grants` makes, only the one that runs may";
        let hint = Some(hint.into());
        return Err(StoreError::Refused { doing: "writing the journal".into(), reason, hint, privilege: true });
    }
    let schema = if known { "" } else { "CREATE SCHEMA gallra;" };
    connection.execute(&format!("BEGIN; {schema} {CREATE} {} COMMIT", stale::CREATE)).map_err(|failure| {
        let _ = connection.execute("ROLLBACK");
        failed(failure)
    })
}

pub(super) fn exists(connection: &Connection, table: &str) -> Result<bool, Failure> {
    let answer = connection.first_row(&format!("SELECT to_regclass('{table}') IS NOT NULL"))?;
    Ok(answer.first().and_then(Option::as_deref) == Some("t"))
}

/// All entries that count, by tenant, table and token.
pub(super) fn entries(connection: &Connection) -> Result<Vec<JournalEntry>, StoreError> {
    let doing = "reading the journal";
    let failed = |failure: Failure| connection.store_error(doing, None, &failure);
    if !exists(connection, "gallra.journal").map_err(failed)? {
        return Ok(Vec::new());
    }
    let rows = connection.rows(r#"SELECT tenant, "table", batch, entries FROM gallra.journal ORDER BY number"#, &[]).map_err(failed)?;
    let mut latest: HashMap<(String, String, String), JournalEntry> = HashMap::new();
    for row in &rows {
        let (tenant, table, batch): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let unpacked = unpack(row.get(3), &tenant, &table, &batch).ok_or_else(|| misuse(doing, "an entry is damaged"))?;
        latest.extend(unpacked.into_iter().map(|entry| ((tenant.clone(), table.clone(), entry.token.clone()), entry)));
    }
    let mut entries: Vec<JournalEntry> = latest.into_values().collect();
    entries.sort_by(|one, other| (&one.tenant, &one.table, &one.token).cmp(&(&other.tenant, &other.table, &other.token)));
    Ok(entries)
}

/// The ledger's head.
pub(super) fn head(connection: &Connection) -> Result<Option<Head>, StoreError> {
    let failed = |failure: Failure| connection.store_error("reading the ledger's head", None, &failure);
    if !exists(connection, "gallra.head").map_err(failed)? {
        return Ok(None);
    }
    let rows = connection.rows("SELECT ledger, sequence, mac FROM gallra.head ORDER BY sequence DESC LIMIT 1", &[]).map_err(failed)?;
    let head = |row: &tokio_postgres::Row| Head { ledger: row.get(0), sequence: row.get::<_, i64>(1).unsigned_abs(), mac: row.get(2) };
    Ok(rows.first().map(head))
}

/// Appends entries.
pub(super) fn enter(connection: &Connection, entries: &[JournalEntry]) -> Result<(), StoreError> {
    let doing = "writing the journal";
    let mut packed: BTreeMap<[&str; 3], Vec<u8>> = BTreeMap::new();
    for entry in entries {
        let bytes = packed.entry([&entry.tenant, &entry.table, &entry.batch]).or_default();
        pack(entry, bytes).ok_or_else(|| misuse(doing, "an entry is too long"))?;
    }
    for ([tenant, table, batch], bytes) in packed {
        connection
            .run(
                r#"INSERT INTO gallra.journal (tenant, "table", batch, entries) VALUES ($1, $2, $3, $4)"#,
                &[&tenant, &table, &batch, &bytes],
            )
            .map_err(|failure| connection.store_error(doing, None, &failure))?;
    }
    Ok(())
}

/// Keeps the ledger's head. Each session has a row of its own, so that none waits for another's commit; the latest counts.
pub(super) fn set_head(connection: &Connection, session: i16, head: &Head) -> Result<(), StoreError> {
    let doing = "writing the ledger's head";
    let sequence = i64::try_from(head.sequence).map_err(|_| misuse(doing, "the sequence does not fit 63 bits"))?;
    connection
        .run(
            "INSERT INTO gallra.head (session, ledger, sequence, mac) VALUES ($1, $2, $3, $4)
             ON CONFLICT (session) DO UPDATE SET ledger = excluded.ledger, sequence = excluded.sequence, mac = excluded.mac",
            &[&session, &head.ledger, &sequence, &head.mac],
        )
        .map_err(|failure| connection.store_error(doing, None, &failure))?;
    Ok(())
}

/// One entry: token, outcome, clock start, version, day. A token or version of 32 hexadecimal digits takes 16 bytes and a day four.
fn pack(entry: &JournalEntry, out: &mut Vec<u8>) -> Option<()> {
    pack_text(&entry.token, out)?;
    match OUTCOMES.iter().position(|known| *known == entry.outcome) {
        Some(at) => out.push(u8::try_from(at + 1).ok()?),
        None => {
            out.push(0);
            pack_text(&entry.outcome, out)?;
        }
    }
    pack_day(entry.clock_start.as_deref(), out)?;
    pack_text(&entry.version, out)?;
    pack_day(Some(&entry.written_on), out)
}

/// 255 and 16 bytes for 32 hexadecimal digits; else the length (at most 254) and the text.
fn pack_text(text: &str, out: &mut Vec<u8>) -> Option<()> {
    if text.len() == 32
        && let Ok(bytes) = data_encoding::HEXLOWER.decode(text.as_bytes())
    {
        out.push(u8::MAX);
        out.extend_from_slice(&bytes);
        return Some(());
    }
    let length = u8::try_from(text.len()).ok().filter(|length| *length < u8::MAX)?;
    out.push(length);
    out.extend_from_slice(text.as_bytes());
    Some(())
}

/// Year, month and day; zeros for none.
fn pack_day(day: Option<&str>, out: &mut Vec<u8>) -> Option<()> {
    let Some(day) = day else {
        out.extend_from_slice(&[0; 4]);
        return Some(());
    };
    let date: Date = day.parse().ok()?;
    out.extend_from_slice(&date.year().to_be_bytes());
    out.extend_from_slice(&[date.month().unsigned_abs(), date.day().unsigned_abs()]);
    Some(())
}

fn unpack(mut bytes: &[u8], tenant: &str, table: &str, batch: &str) -> Option<Vec<JournalEntry>> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let token = unpack_text(&mut bytes)?;
        let outcome = match usize::from(*bytes.split_off_first()?) {
            0 => unpack_text(&mut bytes)?,
            code => (*OUTCOMES.get(code - 1)?).to_owned(),
        };
        let clock_start = unpack_day(&mut bytes)?;
        let version = unpack_text(&mut bytes)?;
        let written_on = unpack_day(&mut bytes)??;
        let (tenant, table, batch) = (tenant.to_owned(), table.to_owned(), batch.to_owned());
        entries.push(JournalEntry { tenant, table, token, batch, outcome, clock_start, version, written_on });
    }
    Some(entries)
}

fn unpack_text(bytes: &mut &[u8]) -> Option<String> {
    match *bytes.split_off_first()? {
        u8::MAX => Some(data_encoding::HEXLOWER.encode(bytes.split_off(..16)?)),
        length => String::from_utf8(bytes.split_off(..usize::from(length))?.to_vec()).ok(),
    }
}

/// The outer `None` for damaged bytes, the inner one for no day.
fn unpack_day(bytes: &mut &[u8]) -> Option<Option<String>> {
    let day: [u8; 4] = bytes.split_off(..4)?.try_into().ok()?;
    if day == [0; 4] {
        return Some(None);
    }
    let date = Date::new(i16::from_be_bytes([day[0], day[1]]), i8::try_from(day[2]).ok()?, i8::try_from(day[3]).ok()?).ok()?;
    Some(Some(date.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(token: &str, outcome: &str, clock_start: Option<&str>, version: &str) -> JournalEntry {
        JournalEntry {
            tenant: "t".into(),
            table: "customer".into(),
            token: token.into(),
            batch: "b/1".into(),
            outcome: outcome.into(),
            clock_start: clock_start.map(Into::into),
            version: version.into(),
            written_on: "2026-11-22".into(),
        }
    }

    #[test]
    fn an_entry_comes_back_as_it_was_and_takes_43_bytes() {
        let hex = "00112233445566778899aabbccddeeff";
        let entries = [
            entry(hex, "anonymise", Some("2018-02-28"), hex),
            entry(hex, "delete", None, ""),
            entry("20261122T120000Z-00000000/12", "committed", None, ""),
            entry("00112233445566778899AABBCCDDEEFF", "something_new", Some("0001-01-01"), "short"),
        ];
        let mut bytes = Vec::new();
        pack(&entries[0], &mut bytes).unwrap();
        assert_eq!(bytes.len(), 43);
        entries[1..].iter().for_each(|entry| pack(entry, &mut bytes).unwrap());
        assert_eq!(unpack(&bytes, "t", "customer", "b/1").unwrap(), entries);
        for end in 1..bytes.len() {
            if let Some(some) = unpack(&bytes[..end], "t", "customer", "b/1") {
                assert!(some.len() < entries.len(), "only whole entries");
            }
        }
    }
}
