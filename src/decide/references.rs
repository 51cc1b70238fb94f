//! References between rows: which row each pointer points at, found by joins over the key columns.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, UInt32Array};
use polars::prelude::*;

use super::condition::passes_column;
use super::days::DecideError;
use crate::kernels::cast::to_text;
use crate::pipeline::{Pipeline, Reference, Test};
use crate::snapshot::TableState;

/// Per reference of the pipeline: for each row of the pointing table the row pointed at, null where the pointer is NULL or dangles, or where the
/// row does not have the reference.
pub fn parents(pipeline: &Pipeline, tables: &[TableState]) -> Result<Vec<UInt32Array>, DecideError> {
    pipeline.references.iter().map(|reference| parents_of(pipeline, reference, tables)).collect()
}

fn parents_of(pipeline: &Pipeline, reference: &Reference, tables: &[TableState]) -> Result<UInt32Array, DecideError> {
    if tables[reference.from].rows == 0 {
        return Ok(UInt32Array::new_null(0));
    }
    let column = |table: usize, column: usize| {
        tables[table].columns[column].clone().ok_or_else(|| DecideError::NotRead {
            table: pipeline.tables[table].name().to_owned(),
            column: pipeline.tables[table].catalog.columns[column].name.clone(),
        })
    };
    if let Some(prefix) = &reference.prefix {
        let (Some(from), Some(to)) = (reference.columns.first(), reference.to_columns.first()) else {
            return Err(join("a prefix without a column"));
        };
        let keys = behind(prefix, &column(reference.from, *from)?)?;
        let to: ArrayRef = Arc::new(to_text(&column(reference.to, *to)?).map_err(join)?);
        let found = joined(reference, &[(keys, to)], tables[reference.from].rows, tables[reference.to].rows)?;
        return having(pipeline, reference, tables, found);
    }
    let mut cells = Vec::new();
    let mut folds = Vec::new();
    for (from, to) in reference.columns.iter().zip(&reference.to_columns) {
        cells.push(comparable(column(reference.from, *from)?, column(reference.to, *to)?)?);
        let ignores_case = |table: usize, column: usize| pipeline.tables[table].catalog.columns[column].case_insensitive;
        folds.push(ignores_case(reference.from, *from) || ignores_case(reference.to, *to));
    }
    let (child_rows, parent_rows) = (tables[reference.from].rows, tables[reference.to].rows);
    if folds.contains(&true) {
        let folded: Vec<_> = cells
            .iter()
            .zip(&folds)
            .map(|((from, to), folds)| if *folds { (lower(from), lower(to)) } else { (from.clone(), to.clone()) })
            .collect();
        // Where the store tells more keys apart than this does, they are compared as they are.
        if let Ok(found) = joined(reference, &folded, child_rows, parent_rows) {
            return having(pipeline, reference, tables, found);
        }
    }
    having(pipeline, reference, tables, joined(reference, &cells, child_rows, parent_rows)?)
}

/// What stands behind a prefix; null where the text begins otherwise.
fn behind(prefix: &str, texts: &ArrayRef) -> Result<ArrayRef, DecideError> {
    let texts = texts.as_string_opt::<i32>().ok_or_else(|| join("a prefix in what is no text"))?;
    Ok(Arc::new(texts.iter().map(|text| text.and_then(|text| text.strip_prefix(prefix))).collect::<StringArray>()))
}

/// The rows pointed at by those that have the reference: the columns of the others point elsewhere.
fn having(pipeline: &Pipeline, reference: &Reference, tables: &[TableState], found: UInt32Array) -> Result<UInt32Array, DecideError> {
    let mut found = found;
    for (column, value) in &reference.when {
        let known = &pipeline.tables[reference.from].catalog.columns[*column];
        let names = || (pipeline.tables[reference.from].name().to_owned(), known.name.clone());
        let cells = tables[reference.from].columns[*column].as_ref().ok_or_else(|| {
            let (table, column) = names();
            DecideError::NotRead { table, column }
        })?;
        let has = passes_column(known, cells, &[Test::Is(vec![value.clone()])]).ok_or_else(|| {
            let (table, column) = names();
            DecideError::Type { table, column, data_type: cells.data_type().to_string() }
        })?;
        found = found.iter().zip(has).map(|(parent, has)| parent.filter(|_| has)).collect();
    }
    Ok(found)
}

/// Texts in small letters.
fn lower(cells: &ArrayRef) -> ArrayRef {
    match cells.as_string_opt::<i32>() {
        Some(texts) => Arc::new(texts.iter().map(|text| text.map(str::to_lowercase)).collect::<StringArray>()),
        None => cells.clone(),
    }
}

/// Pairs of (pointing, pointed at) columns, joined.
fn joined(
    reference: &Reference,
    cells: &[(ArrayRef, ArrayRef)],
    child_rows: usize,
    parent_rows: usize,
) -> Result<UInt32Array, DecideError> {
    let mut children = Vec::new();
    let mut parents = Vec::new();
    let mut names = Vec::new();
    for (position, (from, to)) in cells.iter().enumerate() {
        let name = format!("key{position}");
        children.push(crate::interop::to_series(&name, from).map_err(join)?.into_column());
        parents.push(crate::interop::to_series(&name, to).map_err(join)?.into_column());
        names.push(col(name.as_str()));
    }
    let children = DataFrame::new(child_rows, children).map_err(join)?.lazy();
    let parents = DataFrame::new(parent_rows, parents).map_err(join)?.lazy().with_row_index("parent", None);
    let mut arguments = JoinArgs::new(JoinType::Left);
    arguments.maintain_order = MaintainOrderJoin::Left;
    let joined = children.join(parents, names.clone(), names, arguments).select([col("parent")]).collect().map_err(join)?;
    if joined.height() != child_rows {
        return Err(DecideError::Join { reason: format!("`{}` does not point at a unique key", reference.name) });
    }
    let found = joined.column("parent").map_err(join)?.u32().map_err(join)?;
    Ok(found.iter().collect())
}

/// Both sides in one type: their own where it is the same, otherwise their text.
fn comparable(from: ArrayRef, to: ArrayRef) -> Result<(ArrayRef, ArrayRef), DecideError> {
    use arrow::datatypes::DataType::{Int64, Utf8};
    if from.data_type() == to.data_type() && matches!(from.data_type(), Int64 | Utf8) {
        return Ok((from, to));
    }
    let text = |cells: &ArrayRef| to_text(cells).map(|text| Arc::new(text) as ArrayRef).map_err(join);
    Ok((text(&from)?, text(&to)?))
}

fn join(error: impl std::fmt::Display) -> DecideError {
    DecideError::Join { reason: error.to_string() }
}
