//! Columns that are said to hold no personal data, looked at: the detectors run over samples of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow::array::{Array, AsArray, StringArray};

use crate::detect::{Country, Kind, Kinds, Scanner};
use crate::kernels::json::{Edit, Path, rewrite};
use crate::pipeline::*;
use crate::store::{ColumnType, Request, Snapshot, StoreError};

/// Cells looked at per column, spread over all rows.
const SAMPLE: usize = 2_000;
/// The share of a sample from which on a column is reported; below it a stray mention is likelier than a wrong class.
const SHARE: f64 = 0.05;

/// A column is not called suspicious for a guess.
const SURE: f32 = 0.8;

/// Products, towns and teams are called like people: a column of names is one where many cells are.
const SHARE_OF_NAMES: f64 = 0.3;
/// And not a handful of them.
const FEWEST_NAMES: usize = 10;

/// A column whose class should be looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspicion {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// Its class.
    pub class: Class,
    /// What was found, as the kind's word.
    pub kind: &'static str,
    /// In how many of the cells.
    pub found: usize,
    /// Cells looked at.
    pub sampled: usize,
}

impl std::fmt::Display for Suspicion {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let class = crate::pipeline::lock::class_name(self.class);
        write!(
            formatter,
            "the column `{}.{}` is classed `{class}`, but {} of {} sampled cells look like {}",
            self.table, self.column, self.found, self.sampled, self.kind
        )
    }
}

/// Values that a hold, restriction, block, person rule or a set's `where` compares with and that no row has: often a slip of the pen. Each as a
/// sentence.
pub fn unmatched_conditions(pipeline: &Pipeline, snapshot: &mut dyn Snapshot) -> Result<Vec<String>, StoreError> {
    let mut conditions: Vec<(String, TableIndex, Condition)> = Vec::new();
    for category in &pipeline.categories {
        let of_category = crate::pipeline::resolve::rules::conditions(category);
        conditions.extend(
            of_category.into_iter().map(|(kind, table, condition)| (format!("the {kind} of `{}`", category.name), table, condition)),
        );
    }
    for set in &pipeline.sets {
        let end = |path: &[ReferenceIndex]| path.last().map_or(set.base, |step| pipeline.references[*step].to);
        conditions.extend(set.filter.iter().map(|(path, condition)| (format!("the set `{}`", set.name), end(path), condition.clone())));
    }
    let mut found = Vec::new();
    for (who, table, condition) in conditions {
        let scoped = &pipeline.tables[table];
        let values = condition.tests.iter().filter_map(|test| if let Test::Is(values) = test { Some(values) } else { None }).flatten();
        let mut values = values.peekable();
        if values.peek().is_none() {
            continue;
        }
        let rows = snapshot.read(&Request { table: scoped.catalog.clone(), columns: vec![condition.column] }, &mut |_| {})?;
        for value in values {
            let test = [Test::Is(vec![value.clone()])];
            let has = |batch: &arrow::array::RecordBatch| {
                crate::decide::condition::passes_column(&scoped.catalog.columns[condition.column], batch.column(0), &test)
                    .is_none_or(|passing| passing.contains(&true))
            };
            let any_row = rows.batches.iter().any(|batch| batch.num_rows() > 0);
            if any_row && !rows.batches.iter().any(has) {
                let column = &scoped.catalog.columns[condition.column].name;
                found.push(format!("{who} compares `{}.{column}` with `{value}`, which no row has", scoped.name()));
            }
        }
    }
    Ok(found)
}

/// References of some rows only that no row has: often a slip of the pen too. Each as a sentence.
pub fn unmatched_references(pipeline: &Pipeline, snapshot: &mut dyn Snapshot) -> Result<Vec<String>, StoreError> {
    let mut found = Vec::new();
    for reference in pipeline.references.iter().filter(|reference| reference.is_partial()) {
        let scoped = &pipeline.tables[reference.from];
        let text = reference.prefix.as_ref().and(reference.columns.first());
        let columns: Vec<ColumnIndex> = reference.when.iter().map(|(column, _)| column).chain(text).copied().collect();
        let rows = snapshot.read(&Request { table: scoped.catalog.clone(), columns: columns.clone() }, &mut |_| {})?;
        let has = |batch: &arrow::array::RecordBatch| {
            let mut has = vec![true; batch.num_rows()];
            for (position, (column, value)) in reference.when.iter().enumerate() {
                let test = [Test::Is(vec![value.clone()])];
                let passing = crate::decide::condition::passes_column(&scoped.catalog.columns[*column], batch.column(position), &test);
                has.iter_mut().zip(passing.into_iter().flatten()).for_each(|(has, passing)| *has &= passing);
            }
            if let (Some(prefix), Some(texts)) = (&reference.prefix, batch.columns().last().and_then(|cells| cells.as_string_opt::<i32>()))
            {
                has.iter_mut().zip(texts).for_each(|(has, text)| *has &= text.is_some_and(|text| text.starts_with(prefix.as_str())));
            }
            has.contains(&true)
        };
        if rows.batches.iter().any(|batch| batch.num_rows() > 0) && !rows.batches.iter().any(has) {
            let name = |column: &ColumnIndex| scoped.catalog.columns[*column].name.as_str();
            let mut tests: Vec<String> = reference.when.iter().map(|(column, value)| format!("`{}` is `{value}`", name(column))).collect();
            tests.extend(text.zip(reference.prefix.as_ref()).map(|(column, prefix)| format!("`{}` begins with `{prefix}`", name(column))));
            found.push(format!(
                "the reference of `{}` to `{}` is for rows of which {}, and there is none",
                scoped.name(),
                pipeline.tables[reference.to].name(),
                tests.join(" and ")
            ));
        }
    }
    Ok(found)
}

/// A document without what stands at the paths that the file names: a person has looked at that already. A text that is no document says
/// all that it says.
fn without_paths<'t>(text: &'t str, paths: &[Path]) -> Cow<'t, str> {
    if paths.is_empty() {
        return Cow::Borrowed(text);
    }
    let edits: Vec<(Path, Edit<'_>)> = paths.iter().map(|path| (path.clone(), Edit::Null)).collect();
    match rewrite(&StringArray::from(vec![text]), &edits, None, None) {
        Ok(rest) => Cow::Owned(rest.value(0).to_owned()),
        Err(_) => Cow::Borrowed(text),
    }
}

/// Looks at samples of all text columns of class `plain`, `key` and `reference`.
pub fn suspicions(pipeline: &Pipeline, snapshot: &mut dyn Snapshot) -> Result<Vec<Suspicion>, StoreError> {
    let scanner = Scanner::new(&Country::ALL).of_kinds(Kinds::replaced()).at_least(SURE);
    let mut found = Vec::new();
    for table in pipeline.tables.iter().filter(|table| table.out_of_scope.is_none()) {
        // A child's copy of a personal key is replaced together with the key.
        let copies_personal_key = |column: ColumnIndex| {
            pipeline.references.iter().any(|reference| {
                let target = &pipeline.tables[reference.to].columns;
                pipeline.tables[reference.from].name() == table.name()
                    && reference
                        .columns
                        .iter()
                        .zip(&reference.to_columns)
                        .any(|(from, to)| *from == column && matches!(target[*to].treatment, Treatment::Rekey(_)))
            })
        };
        let looked_at = |column: &ColumnIndex| {
            !copies_personal_key(*column)
                && matches!(table.columns[*column].class, Class::Plain | Class::Key | Class::Reference)
                && table.catalog.columns[*column].data_type == ColumnType::Text
        };
        let columns: Vec<ColumnIndex> = (0..table.columns.len()).filter(looked_at).collect();
        if columns.is_empty() {
            continue;
        }
        let rows = snapshot.read(&Request { table: table.catalog.clone(), columns: columns.clone() }, &mut |_| {})?;
        let total: usize = rows.batches.iter().map(|batch| batch.num_rows()).sum();
        let step = (total / SAMPLE).max(1);
        for (position, column) in columns.iter().enumerate() {
            let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
            let mut sampled = 0;
            for batch in &rows.batches {
                let Some(texts) = batch.column(position).as_string_opt::<i32>() else { continue };
                for row in (0..texts.len()).step_by(step).filter(|row| texts.is_valid(*row)) {
                    sampled += 1;
                    let said = without_paths(texts.value(row), &table.columns[*column].paths);
                    let mut kinds: Vec<&'static str> = scanner.scan(&said).iter().map(|finding| finding.kind.as_str()).collect();
                    kinds.sort_unstable();
                    kinds.dedup();
                    kinds.into_iter().for_each(|kind| *counts.entry(kind).or_default() += 1);
                }
            }
            let is_much = |(kind, count): &(&'static str, usize)| match *kind == Kind::Name.as_str() {
                true => *count >= FEWEST_NAMES && *count as f64 > sampled as f64 * SHARE_OF_NAMES,
                false => *count as f64 > sampled as f64 * SHARE,
            };
            for (kind, count) in counts.into_iter().filter(is_much) {
                found.push(Suspicion {
                    table: table.name().to_owned(),
                    column: table.catalog.columns[*column].name.clone(),
                    class: table.columns[*column].class,
                    kind,
                    found: count,
                    sampled,
                });
            }
        }
    }
    Ok(found)
}
