//! Replacing a key together with every copy of it.
//!
//! One statement for all tables: foreign keys that are not deferrable are checked at its end, when parents and children agree again, and an
//! ON UPDATE CASCADE finds nothing left to do.

use arrow::array::{Array, ArrayRef};

use super::batch::{Address, PostgresBatch};
use super::copy::Wire;
use super::failure::Access;
use super::linked::from_all;
use super::names::{qualified, quoted};
use super::staging::{Staged, value};
use super::{misuse, relation_of};
use crate::store::{StoreError, Table};

/// Replaces the keys in every target. Returns the rows changed.
pub(super) fn rekey(
    batch: &mut PostgresBatch<'_>,
    targets: &[(Table, Vec<usize>)],
    old: &[ArrayRef],
    new: &[ArrayRef],
) -> Result<u64, StoreError> {
    let Some((first, first_columns)) = targets.first() else {
        return Ok(0);
    };
    let doing = format!("replacing keys of `{}`", first.name);
    let length = old.first().map_or(0, |array| array.len());
    let fits =
        |(table, columns): &(Table, Vec<usize>)| columns.len() == old.len() && columns.iter().all(|column| *column < table.columns.len());
    if old.is_empty() || old.len() != new.len() || !targets.iter().all(fits) || old.iter().chain(new).any(|array| array.len() != length) {
        return Err(misuse(&doing, "the keys and their columns do not match"));
    }
    if new.iter().any(|array| array.logical_null_count() > 0) {
        return Err(misuse(&doing, "a new key is NULL"));
    }
    let key = relation_of(batch.relations, &first.name, &doing)?;
    let width = old.len();
    let columns =
        (0..2 * width).map(|index| Staged::of(format!("k{index}"), &key.columns[first_columns[index % width]])).collect::<Vec<_>>();
    let arrays: Vec<ArrayRef> = old.iter().chain(new).cloned().collect();
    let staged = batch.staging.fill(&columns, &arrays, &doing)?;
    let every = |pair: &dyn Fn(usize) -> String, between: &str| (0..width).map(pair).collect::<Vec<_>>().join(between);
    let clash = format!(
        "SELECT EXISTS (SELECT 1 FROM {staged} AS a JOIN {staged} AS b ON {})",
        every(&|index| format!("a.k{} = b.k{index}", width + index), " AND ")
    );
    let failed = |failure| batch.connection.store_error(&doing, None, &failure);
    if batch.connection.first_row(&clash).map_err(failed)?.first().and_then(Option::as_deref) == Some("t") {
        return Err(misuse(&doing, "a new key is also an old one"));
    }

    // A row may hold the key more than once (a table that points at itself), and one statement may touch it but once: all copies of a table are
    // replaced by one UPDATE, which finds each in the staged keys by itself.
    let mut tables: Vec<(&Table, Vec<&Vec<usize>>)> = Vec::new();
    for (table, columns) in targets {
        match tables.iter_mut().find(|(known, _)| known.name == table.name) {
            Some((_, copies)) if !copies.contains(&columns) => copies.push(columns),
            Some(_) => {}
            None => tables.push((table, vec![columns])),
        }
    }
    let mut statements = Vec::new();
    for (at, (table, copies)) in tables.iter().enumerate() {
        let relation = relation_of(batch.relations, &table.name, &doing)?;
        let column = |copy: usize, index: usize| &relation.columns[copies[copy][index]];
        let mut joins = String::new();
        let mut settings: Vec<String> = Vec::new();
        let mut found = Vec::new();
        for copy in 0..copies.len() {
            let same = every(
                &|index| {
                    format!(
                        "o.{} = {}",
                        quoted(&column(copy, index).name),
                        value(&format!("m{copy}.k{index}"), &key.columns[first_columns[index]])
                    )
                },
                " AND ",
            );
            joins.push_str(&format!(" LEFT JOIN {staged} AS m{copy} ON {same}"));
            found.push(format!("m{copy}.k0 IS NOT NULL"));
            for index in 0..width {
                let name = quoted(&column(copy, index).name);
                let new = value(&format!("m{copy}.k{}", width + index), &key.columns[first_columns[index]]);
                let replaced = format!("CASE WHEN m{copy}.k0 IS NOT NULL THEN {new} ELSE ");
                // Two copies may share a column (the tenant's): it is replaced by whichever copy is found.
                match settings.iter_mut().find(|setting| setting.starts_with(&format!("{name} = "))) {
                    Some(setting) => *setting = setting.replacen(" = ", &format!(" = {replaced}"), 1) + " END",
                    None => settings.push(format!("{name} = {replaced}o.{name} END")),
                }
            }
        }
        let (from, only) = from_all(relation, "o");
        let only = only.map(|only| format!(" AND {only}")).unwrap_or_default();
        let target = qualified(&relation.schema, &relation.relation);
        statements.push(format!(
            "u{at} AS (UPDATE {target} AS t0 SET {} FROM {from}{joins} WHERE t0.tableoid = o.tableoid AND t0.ctid = o.ctid AND ({}){only} \
             RETURNING o.tableoid AS held_by, o.ctid AS before, t0.ctid AS after)",
            settings.join(", "),
            found.join(" OR ")
        ));
    }
    let all: Vec<String> = (0..tables.len()).map(|at| format!("SELECT held_by, before, after FROM u{at}")).collect();
    let sql = format!("WITH {} {}", statements.join(", "), all.join(" UNION ALL "));
    let name = qualified(&key.schema, &key.relation);
    let returned =
        batch.integers(&sql, &[Wire::Oid, Wire::Tid, Wire::Tid], &doing, Access { table: &name, privileges: "SELECT, UPDATE" })?;
    batch.staging.drop(&staged, &doing)?;
    let [tables, before, after] = returned.as_slice() else { return Err(misuse(&doing, "the server answered nothing")) };
    let moves: Vec<(Address, Address)> = (0..tables.len()).map(|row| ((tables[row], before[row]), (tables[row], after[row]))).collect();
    let changed = moves.len() as u64;
    batch.note_moves(moves);
    Ok(changed)
}
