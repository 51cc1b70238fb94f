//! References without an index: whoever asks which rows point at one reads their whole table. The server asks for each row that is deleted,
//! and a batch asks for the people in it.

use std::collections::BTreeSet;

use super::connection::Connection;
use super::failure::Failure;
use super::relation::Relations;

/// Tables smaller than this are read quickly enough.
const FEW_PAGES: u32 = 128;

/// Of these (table, columns) those that no index begins with, by position.
pub(super) fn unindexed(connection: &Connection, relations: &Relations, wanted: &[(String, Vec<String>)]) -> Result<Vec<usize>, Failure> {
    let parts: Vec<u32> = relations.iter().flat_map(|relation| &relation.parts).map(|part| part.oid).collect();
    let sql = "SELECT i.indrelid,
                   ARRAY(SELECT a.attname::text FROM unnest(i.indkey) WITH ORDINALITY AS k (number, position)
                         JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.position)
               FROM pg_catalog.pg_index AS i WHERE i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indrelid = ANY ($1)";
    let rows = connection.rows(sql, &[&parts])?;
    let indexes: Vec<(u32, Vec<String>)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let begins = |index: &[String], columns: &BTreeSet<&String>| {
        index.len() >= columns.len() && index[..columns.len()].iter().collect::<BTreeSet<_>>() == *columns
    };
    let lacks = |(table, columns): &(String, Vec<String>)| {
        let columns: BTreeSet<&String> = columns.iter().collect();
        let Some(relation) = relations.get(table) else { return false };
        let large = relation.parts.iter().filter(|part| part.pages >= FEW_PAGES);
        large.into_iter().any(|part| !indexes.iter().any(|(of, index)| *of == part.oid && begins(index, &columns)))
    };
    Ok((0..wanted.len()).filter(|position| lacks(&wanted[*position])).collect())
}
