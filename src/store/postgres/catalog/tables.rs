//! Tables and their columns, from the answers.

use std::collections::{BTreeMap, BTreeSet};

use super::keys;
use super::layout::Layout;
use super::query::{Answers, Found, FoundColumn, of_kinds};
use super::types::Reading;
use crate::store::postgres::copy::Wire;
use crate::store::postgres::relation::{Part, Relation, RelationColumn, RelationKind, RowSecurity};
use crate::store::{Column, Table};

/// A table while it is put together.
pub(super) struct Draft<'a> {
    pub oid: u32,
    /// Itself and all below it.
    pub members: &'a [u32],
    /// Those that hold rows.
    pub parts: BTreeSet<u32>,
    pub columns: &'a [FoundColumn],
    pub readings: Vec<Reading>,
}

impl Draft<'_> {
    /// The index of a column. Names are compared exactly: two may differ in case alone.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The indices of columns. Every part has every column.
    pub fn indices(&self, names: &[String]) -> Vec<usize> {
        names.iter().filter_map(|name| self.column(name)).collect()
    }
}

/// All tables that can be read, sorted by name, and their relations in the same order.
pub(super) fn build(answers: &Answers, layout: &Layout) -> (Vec<Table>, Vec<Relation>) {
    let found = of_kinds(&answers.relations, &['r', 'p']);
    let drafts: BTreeMap<u32, Draft<'_>> = layout
        .readable()
        .map(|(root, members)| {
            let parts = members.iter().copied().filter(|oid| found.get(oid).is_some_and(|found| found.kind == 'r')).collect();
            let columns = answers.columns.get(&root).map_or(&[][..], Vec::as_slice);
            let readings = columns.iter().map(|column| answers.types.read(column.type_oid, column.modifier)).collect();
            (root, Draft { oid: root, members, parts, columns, readings })
        })
        .collect();
    let mut keys = keys::Keys::sorted(answers, layout, &drafts);
    let not_null = not_null(answers, layout);
    let partition_keys: BTreeSet<(u32, &str)> =
        answers.partition_keys.iter().filter_map(|(oid, column)| layout.root(*oid).map(|root| (root, column.as_str()))).collect();
    let mut built = Vec::with_capacity(drafts.len());
    for draft in drafts.values() {
        let (Some(own), Some(name)) = (found.get(&draft.oid), layout.name(draft.oid)) else { continue };
        let columns = draft
            .columns
            .iter()
            .zip(&draft.readings)
            .map(|(column, reading)| Column {
                name: column.name.clone(),
                declared: column.declared.clone(),
                data_type: reading.data_type,
                nullable: !reading.not_null && !not_null.contains(&(draft.oid, column.name.as_str())),
                max_length: reading.max_length.or(most_digits(reading.wire)),
                generated: column.generated,
                fixed: column.identity_always.then_some("it is an identity column that is always generated"),
                case_insensitive: reading.case_insensitive || !column.deterministic,
            })
            .collect();
        let of_table = keys.take(draft.oid);
        let table = Table {
            name: name.to_owned(),
            columns,
            primary_key: of_table.primary,
            unique: of_table.unique,
            partial_unique: of_table.partial_unique,
            equal_nulls: of_table.equal_nulls,
            foreign_keys: of_table.foreign_keys,
            checks: of_table.checks,
            has_row_number: true,
            reacts: false,
        };
        let relation = Relation {
            name: name.to_owned(),
            schema: own.schema.clone(),
            relation: own.name.clone(),
            oid: draft.oid,
            kind: kind(own, draft),
            parts: draft
                .members
                .iter()
                .filter(|oid| draft.parts.contains(oid))
                .filter_map(|oid| found.get(oid))
                .map(|found| part(found))
                .collect(),
            columns: relation_columns(draft, answers, &partition_keys),
            checks: of_table.relation_checks,
            row_security: row_security(draft, &found),
        };
        built.push((table, relation));
    }
    built.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    built.into_iter().unzip()
}

/// Digits of which every number fits a type that holds fewer than 64 bits do.
fn most_digits(wire: Wire) -> Option<usize> {
    match wire {
        Wire::Int2 => Some(4),
        Wire::Int4 | Wire::Oid => Some(9),
        _ => None,
    }
}

fn kind(own: &Found, draft: &Draft<'_>) -> RelationKind {
    match own.kind {
        'p' => RelationKind::Partitioned,
        _ if draft.members.len() > 1 => RelationKind::Inherited,
        _ => RelationKind::Ordinary,
    }
}

fn part(found: &Found) -> Part {
    Part { schema: found.schema.clone(), relation: found.name.clone(), oid: found.oid, pages: found.pages }
}

/// The columns that some part does not let be NULL, by root.
fn not_null<'a>(answers: &'a Answers, layout: &Layout) -> BTreeSet<(u32, &'a str)> {
    let of_tables = answers
        .columns
        .iter()
        .flat_map(|(oid, columns)| columns.iter().filter(|column| column.not_null).map(|column| (*oid, column.name.as_str())));
    let of_partitions = answers.not_null_in_partitions.iter().map(|(oid, name)| (*oid, name.as_str()));
    of_tables.chain(of_partitions).filter_map(|(oid, name)| layout.root(oid).map(|root| (root, name))).collect()
}

fn relation_columns(draft: &Draft<'_>, answers: &Answers, partition_keys: &BTreeSet<(u32, &str)>) -> Vec<RelationColumn> {
    let by_number: BTreeMap<i16, usize> = draft.columns.iter().enumerate().map(|(index, column)| (column.number, index)).collect();
    let computed_from = |number: i16| {
        let first = answers.computed.partition_point(|(table, column, _)| (*table, *column) < (draft.oid, number));
        let of_column = answers.computed[first..].iter().take_while(|(table, column, _)| (*table, *column) == (draft.oid, number));
        of_column.filter_map(|(_, _, from)| by_number.get(from).copied()).collect()
    };
    draft
        .columns
        .iter()
        .zip(&draft.readings)
        .map(|(column, reading)| RelationColumn {
            name: column.name.clone(),
            type_name: column.declared.clone(),
            base_type_name: reading.base_name.clone().unwrap_or_else(|| column.declared.clone()),
            wire: reading.wire,
            cast: reading.cast.clone(),
            case_insensitive: reading.case_insensitive || !column.deterministic,
            partition_key: partition_keys.contains(&(draft.oid, column.name.as_str())),
            identity_always: column.identity_always,
            computed_from: if column.generated { computed_from(column.number) } else { Vec::new() },
        })
        .collect()
}

fn row_security(draft: &Draft<'_>, found: &BTreeMap<u32, &Found>) -> RowSecurity {
    let members = || draft.members.iter().filter_map(|oid| found.get(oid));
    RowSecurity {
        declared: members().any(|member| member.row_security),
        forced: members().any(|member| member.row_security && member.forced_row_security),
        hides_rows: members().any(|member| member.hides_rows),
    }
}
