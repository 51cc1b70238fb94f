//! Expiry: the plan applied to the snapshot's columns. Gives the state after tonight, and narrows the plan to what really changes.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, UInt32Array};

use super::{Cells, PassError, Treating, gather, in_pieces, scatter};
use crate::decide::{Outcome, Plan};
use crate::detect::known::KnownSubject;
use crate::detect::normalise;
use crate::kernels::cast::text_equal;
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

/// The state after tonight's forgetting. `plan` is narrowed: cells that are already as they should be leave it, and with them subjects and
/// records on which nothing is left to do.
pub fn apply(treating: &Treating<'_>, state: &State, plan: &mut Plan) -> Result<State, PassError> {
    let pipeline = treating.pipeline;
    let mut after = state.clone();
    let mut touched: Vec<Vec<bool>> = plan.subjects.iter().map(|subjects| vec![false; subjects.outcome.len()]).collect();
    let mut known = KnownSubjects::new(pipeline, state);
    for table in 0..pipeline.tables.len() {
        let columns: Vec<ColumnIndex> = plan.rows[table].treat.keys().copied().collect();
        let mut changed_rows = vec![false; state.tables[table].rows];
        for column in columns {
            let mask = &plan.rows[table].treat[&column];
            let mut stays = 0;
            let changed = treat_column(treating, state, &mut after, table, column, mask, &mut known, &mut stays)?;
            if stays > 0 {
                plan.unreadable.insert((table, column), stays);
            }
            mark_touched(pipeline, state, table, column, &changed, &mut touched);
            changed.iter().zip(&mut changed_rows).for_each(|(changed, row)| *row |= changed);
            if changed.contains(&true) {
                plan.rows[table].treat.insert(column, changed);
            } else {
                plan.rows[table].treat.remove(&column);
            }
        }
        narrow_records(plan, table, &changed_rows);
        if plan.rows[table].delete.contains(&true) {
            after.tables[table].present = Some(plan.rows[table].delete.iter().map(|gone| Some(!gone)).collect());
        }
    }
    copy_new_keys(treating, state, &mut after, plan)?;
    release_pointers(treating, state, &mut after, plan, &mut touched)?;
    for (category, subjects) in plan.subjects.iter_mut().enumerate() {
        let restricted = subjects.outcome.contains(&Outcome::Restricted);
        if restricted {
            let publishable: BooleanArray = subjects.outcome.iter().map(|outcome| Some(*outcome != Outcome::Restricted)).collect();
            after.tables[pipeline.categories[category].table].publishable = Some(publishable);
        }
        for row in 0..subjects.work.len() {
            // What is due tonight for the first time is entered in the journal even where nothing was left to replace.
            let remembered = subjects.outcome[row] == Outcome::Forgotten || subjects.remembered.contains(&(row as u32));
            subjects.work[row] &= !remembered || touched[category][row];
        }
        // Of whom an ended purpose left nothing more is what they were without it.
        for (row, (outcome, reason)) in &subjects.released {
            let row = *row as usize;
            if !touched[category][row] {
                subjects.work[row] = false;
                (subjects.outcome[row], subjects.reason[row]) = (*outcome, *reason);
            }
        }
    }
    Ok(after)
}

/// Treats the masked cells of a column in `after`; returns which of them really changed. `stays` counts those that can neither be read nor
/// emptied.
#[expect(clippy::too_many_arguments, reason = "the pass's own parts, each once")]
fn treat_column(
    treating: &Treating<'_>,
    state: &State,
    after: &mut State,
    table: TableIndex,
    column: ColumnIndex,
    mask: &[bool],
    known: &mut KnownSubjects<'_>,
    stays: &mut u64,
) -> Result<Vec<bool>, PassError> {
    let pipeline = treating.pipeline;
    let original = state.column(table, column).ok_or_else(|| treating.not_read(table, column))?;
    let subjects = known.of_scrubbed(table, column, mask);
    let mut changed = vec![false; mask.len()];
    let mut current = after.column(table, column).unwrap_or(original).clone();
    for tenant in 0..treating.tenants.len() {
        let rows: Vec<u32> = (0..mask.len() as u32)
            .filter(|row| mask[*row as usize] && state.tables[table].tenants[*row as usize] == tenant as u16)
            .collect();
        let pieces = treated(treating, state, table, column, tenant, &rows, &subjects)?;
        let mut at = rows.iter();
        for (_, equal) in &pieces {
            for equal in equal.iter() {
                if let Some(row) = at.next() {
                    changed[*row as usize] = equal != Some(true);
                }
            }
        }
        let treated: Vec<ArrayRef> = pieces.into_iter().map(|(treated, _)| treated).collect();
        if !treated.is_empty() {
            current = scatter(&current, &rows, &treated).ok_or_else(|| treating.assembly(table, column))?;
        }
    }
    // What could not be read looks empty here and is not: a date that somebody typed as a sentence, `infinity`.
    let empties = empties_unreadable(&pipeline.tables[table], column);
    for row in state.tables[table].unreadable.get(&column).into_iter().flatten().map(|row| *row as usize).filter(|row| mask[*row]) {
        match empties {
            true => changed[row] = true,
            false if !changed[row] => *stays += 1,
            false => {}
        }
    }
    debug_assert!(state.tables[table].tenants.iter().zip(mask).all(|(tenant, mask)| !mask || *tenant != NO_TENANT));
    after.tables[table].columns[column] = Some(current);
    Ok(changed)
}

/// Whether a cell that can not be read becomes empty when its time has come.
fn empties_unreadable(table: &ScopedTable, column: ColumnIndex) -> bool {
    match table.columns[column].treatment {
        Treatment::Null => true,
        Treatment::Period(_) => table.catalog.columns[column].nullable,
        _ => false,
    }
}

/// Cells of some rows (ascending, of one tenant) as they are after their time has come, in pieces, each with whether a cell stays as it was.
fn treated(
    treating: &Treating<'_>,
    state: &State,
    table: TableIndex,
    column: ColumnIndex,
    tenant: usize,
    rows: &[u32],
    subjects: &HashMap<u32, Arc<KnownSubject>>,
) -> Result<Vec<(ArrayRef, BooleanArray)>, PassError> {
    let scoped = &treating.pipeline.tables[table];
    let mut needed = vec![column];
    if matches!(scoped.columns[column].treatment, Treatment::Derived(_)) {
        needed.extend(&scoped.key);
    }
    let scrubs = scoped.columns[column].treatment.scrubs();
    in_pieces(rows, |rows| {
        let mut columns: Vec<Option<ArrayRef>> = vec![None; scoped.columns.len()];
        for needed in &needed {
            let cells = state.column(table, *needed).ok_or_else(|| treating.not_read(table, *needed))?;
            columns[*needed] = Some(gather(cells, rows).ok_or_else(|| treating.assembly(table, *needed))?);
        }
        let known: Vec<Option<Arc<KnownSubject>>> =
            if scrubs { rows.iter().map(|row| subjects.get(row).cloned()).collect() } else { Vec::new() };
        let cells = Cells { table, tenant, columns: &columns, rows: rows.len(), known: &known };
        let treated = treating.treat(cells, column)?;
        let before = columns[column].as_ref().ok_or_else(|| treating.not_read(table, column))?;
        let equal = text_equal(before, &treated).map_err(|source| treating.failed(table, column, source))?;
        Ok::<_, PassError>((treated, equal))
    })
}

/// Which of the masked cells of a column would change, if their time came; nothing is changed.
pub fn would_change(
    treating: &Treating<'_>,
    state: &State,
    table: TableIndex,
    column: ColumnIndex,
    mask: &[bool],
    known: &mut KnownSubjects<'_>,
) -> Result<Vec<bool>, PassError> {
    let subjects = known.of_scrubbed(table, column, mask);
    let mut changed = vec![false; mask.len()];
    for tenant in 0..treating.tenants.len() {
        let of_tenant = |row: &u32| mask[*row as usize] && state.tables[table].tenants[*row as usize] == tenant as u16;
        let rows: Vec<u32> = (0..mask.len() as u32).filter(of_tenant).collect();
        let pieces = treated(treating, state, table, column, tenant, &rows, &subjects)?;
        let equal = pieces.iter().flat_map(|(_, equal)| equal.iter());
        rows.iter().zip(equal).for_each(|(row, equal)| changed[*row as usize] = equal != Some(true));
    }
    if empties_unreadable(&treating.pipeline.tables[table], column) {
        for row in state.tables[table].unreadable.get(&column).into_iter().flatten() {
            changed[*row as usize] |= mask[*row as usize];
        }
    }
    Ok(changed)
}

/// Marks the subjects whose data changed.
fn mark_touched(pipeline: &Pipeline, state: &State, table: TableIndex, column: ColumnIndex, changed: &[bool], touched: &mut [Vec<bool>]) {
    let scoped = &pipeline.tables[table];
    if let Some(category) = scoped.category {
        changed.iter().zip(&mut touched[category]).for_each(|(changed, touched)| *touched |= changed);
        return;
    }
    for lead in scoped.columns[column].owners.iter().map(|lead| &scoped.leads[*lead]) {
        let subjects = state.follow(table, &lead.path);
        for (row, changed) in changed.iter().enumerate() {
            if *changed && subjects.is_valid(row) {
                touched[lead.category][subjects.value(row) as usize] = true;
            }
        }
    }
}

fn narrow_records(plan: &mut Plan, table: TableIndex, changed: &[bool]) {
    let before = plan.reason("forgotten before");
    let with_owner = plan.reason("deleted with whom it belongs to");
    let deleted = &plan.rows[table].delete;
    for record in plan.records.iter_mut().filter(|record| record.table == table) {
        for (row, changed) in changed.iter().enumerate() {
            if *changed || !matches!(record.outcome[row], Outcome::Anonymise | Outcome::Partly) {
                continue;
            }
            if record.outcome[row] == Outcome::Partly {
                // What a duty keeps is all that is left.
                record.work[row] = false;
                continue;
            }
            // Its owner's batch takes it along; there is nothing left for its own.
            record.work[row] = false;
            if deleted[row] {
                record.outcome[row] = Outcome::Delete;
                record.reason[row] = with_owner;
            } else {
                record.outcome[row] = Outcome::Forgotten;
                record.reason[row] = before;
            }
        }
    }
}

/// Children of a row whose personal key was replaced point at the new key, and so do theirs that carry it on.
fn copy_new_keys(treating: &Treating<'_>, state: &State, after: &mut State, plan: &Plan) -> Result<(), PassError> {
    let mut changed: HashMap<(TableIndex, ColumnIndex), Vec<bool>> = HashMap::new();
    for (table, scoped) in treating.pipeline.tables.iter().enumerate() {
        let replaced =
            plan.rows[table].treat.iter().filter(|(column, _)| matches!(scoped.columns[**column].treatment, Treatment::Rekey(_)));
        changed.extend(replaced.map(|(column, rows)| ((table, *column), rows.clone())));
    }
    while !changed.is_empty() {
        changed = copy_to_children(treating, state, after, &changed)?;
    }
    Ok(())
}

/// One step from the columns pointed at to those that point. Gives what changed and was not as it should be yet.
fn copy_to_children(
    treating: &Treating<'_>,
    state: &State,
    after: &mut State,
    above: &HashMap<(TableIndex, ColumnIndex), Vec<bool>>,
) -> Result<HashMap<(TableIndex, ColumnIndex), Vec<bool>>, PassError> {
    let mut below: HashMap<(TableIndex, ColumnIndex), Vec<bool>> = HashMap::new();
    for (index, reference) in treating.pipeline.references.iter().enumerate() {
        for (from, to) in reference.columns.iter().zip(&reference.to_columns) {
            let Some(changed) = above.get(&(reference.to, *to)) else { continue };
            let parents = &state.parents[index];
            let mut rows: Vec<u32> = (0..parents.len() as u32)
                .filter(|row| parents.is_valid(*row as usize) && changed[parents.value(*row as usize) as usize])
                .collect();
            let (Some(children), Some(new)) = (after.column(reference.from, *from), after.column(reference.to, *to)) else { continue };
            if rows.is_empty() || children.data_type() != new.data_type() {
                continue;
            }
            let failed = || treating.assembly(reference.from, *from);
            let keys: Vec<u32> = rows.iter().map(|row| parents.value(*row as usize)).collect();
            let (had, new) = (gather(children, &rows).ok_or_else(failed)?, gather(new, &keys).ok_or_else(failed)?);
            let equal = text_equal(&had, &new).map_err(|source| treating.failed(reference.from, *from, source))?;
            let children = scatter(children, &rows, &[new]).ok_or_else(failed)?;
            after.tables[reference.from].columns[*from] = Some(children);
            // A row that points at itself in a circle has the new key already.
            let mut differs = equal.iter().map(|equal| equal != Some(true));
            rows.retain(|_| differs.next().unwrap_or(false));
            if !rows.is_empty() {
                let changed = below.entry((reference.from, *from)).or_insert_with(|| vec![false; parents.len()]);
                rows.iter().for_each(|row| changed[*row as usize] = true);
            }
        }
    }
    Ok(below)
}

/// The columns of a reference that change when a pointer leaves: all but the tenant's. A key that stands behind a prefix gets it before it.
pub fn released_columns(pipeline: &Pipeline, reference: &Reference) -> Vec<(ColumnIndex, Option<Scalar>)> {
    let tenant = pipeline.tables[reference.from].tenant;
    let target_tenant = pipeline.tables[reference.to].tenant;
    let mut values = reference.placeholder_row.iter().flatten();
    let mut columns = Vec::new();
    for (from, to) in reference.columns.iter().zip(&reference.to_columns) {
        let value = if Some(*to) == target_tenant { None } else { values.next().cloned() };
        let value = match (value, &reference.prefix) {
            (Some(key), Some(prefix)) => Some(Scalar::Text(format!("{prefix}{key}"))),
            (value, _) => value,
        };
        if Some(*from) != tenant {
            columns.push((*from, value));
        }
    }
    columns
}

/// The cells of a released pointer: NULL, or the key of the placeholder row.
pub fn released_cells(
    treating: &Treating<'_>,
    table: TableIndex,
    column: ColumnIndex,
    value: &Option<Scalar>,
    cells: &ArrayRef,
) -> Result<ArrayRef, PassError> {
    let treatment = value.as_ref().map_or(Treatment::Null, |value| Treatment::Constant(value.clone()));
    super::minimise::minimise(cells, &treatment, &treating.pipeline.controller.time_zone)
        .map_err(|source| treating.failed(table, column, source))
}

fn release_pointers(
    treating: &Treating<'_>,
    state: &State,
    after: &mut State,
    plan: &Plan,
    touched: &mut [Vec<bool>],
) -> Result<(), PassError> {
    let pipeline = treating.pipeline;
    for (table, rows) in plan.rows.iter().enumerate() {
        for (index, release) in &rows.release {
            let reference = &pipeline.references[*index];
            let leaving: Vec<u32> = (0..release.len() as u32).filter(|row| release[*row as usize]).collect();
            for (column, value) in released_columns(pipeline, reference) {
                let Some(cells) = after.column(table, column) else { continue };
                let gathered = gather(cells, &leaving).ok_or_else(|| treating.assembly(table, column))?;
                let released = released_cells(treating, table, column, &value, &gathered)?;
                let cells = scatter(cells, &leaving, &[released]).ok_or_else(|| treating.assembly(table, column))?;
                after.tables[table].columns[column] = Some(cells);
            }
            // Where the pointer went to a placeholder row, nothing of it is published either.
            let parents: UInt32Array =
                after.parents[*index].iter().enumerate().map(|(row, parent)| parent.filter(|_| !release[row])).collect();
            after.parents[*index] = parents;
            for row in leaving {
                for lead in pipeline.tables[table].category.iter() {
                    touched[*lead][row as usize] = true;
                }
                for lead in &pipeline.tables[table].leads {
                    let subjects = state.follow(table, &lead.path);
                    if subjects.is_valid(row as usize) {
                        touched[lead.category][subjects.value(row as usize) as usize] = true;
                    }
                }
            }
        }
    }
    Ok(())
}

/// What the store knows of the subjects whose texts are scrubbed, prepared once per subject.
pub struct KnownSubjects<'a> {
    pipeline: &'a Pipeline,
    state: &'a State,
    prepared: HashMap<(CategoryIndex, u32), Arc<KnownSubject>>,
}

impl<'a> KnownSubjects<'a> {
    /// Over this state.
    pub fn new(pipeline: &'a Pipeline, state: &'a State) -> Self {
        Self { pipeline, state, prepared: HashMap::new() }
    }

    /// The same for a column whose texts are scrubbed; nothing for others, whose treatment needs to know nobody.
    fn of_scrubbed(&mut self, table: TableIndex, column: ColumnIndex, mask: &[bool]) -> HashMap<u32, Arc<KnownSubject>> {
        let scrubs = self.pipeline.tables[table].columns[column].treatment.scrubs();
        if scrubs { self.of_rows(table, column, mask) } else { HashMap::new() }
    }

    /// For the masked rows of a column the subject whose data it is.
    pub fn of_rows(&mut self, table: TableIndex, column: ColumnIndex, mask: &[bool]) -> HashMap<u32, Arc<KnownSubject>> {
        let scoped = &self.pipeline.tables[table];
        let whose: Vec<(CategoryIndex, UInt32Array)> = match scoped.category {
            Some(category) => vec![(category, self.state.follow(table, &[]))],
            None => {
                let leads = scoped.columns[column].owners.iter().map(|lead| &scoped.leads[*lead]);
                leads.map(|lead| (lead.category, self.state.follow(table, &lead.path))).collect()
            }
        };
        let mut found = HashMap::new();
        for (category, subjects) in whose {
            for (row, masked) in mask.iter().enumerate() {
                if *masked && subjects.is_valid(row) {
                    let subject = subjects.value(row);
                    let (pipeline, state) = (self.pipeline, self.state);
                    let known = self.prepared.entry((category, subject)).or_insert_with(|| {
                        let table = pipeline.categories[category].table;
                        Arc::new(known_subject(&pipeline.tables[table], &state.tables[table].columns, subject as usize))
                    });
                    found.insert(row as u32, known.clone());
                }
            }
        }
        found
    }
}

/// The classes of columns by which a text is known to speak of its subject.
pub const NAMING_CLASSES: [Class; 7] =
    [Class::Name, Class::Email, Class::Phone, Class::Address, Class::NationalId, Class::BankAccount, Class::Identifier];

/// What one row of a category table says of its subject, in the columns of [`NAMING_CLASSES`].
pub fn known_subject(table: &ScopedTable, columns: &[Option<ArrayRef>], row: usize) -> KnownSubject {
    let mut of: BTreeMap<Class, Vec<&str>> = BTreeMap::new();
    for (settings, cells) in table.columns.iter().zip(columns) {
        let Some(texts) = cells.as_ref().and_then(|cells| cells.as_string_opt::<i32>()) else { continue };
        // What stands where a name was erased is nobody's name.
        let is_erased = |text: &str| matches!(&settings.treatment, Treatment::Constant(Scalar::Text(constant)) if constant == text);
        if texts.is_valid(row) && !is_erased(texts.value(row)) {
            of.entry(settings.class).or_default().push(texts.value(row));
        }
    }
    let mut take = |class: Class| of.remove(&class).unwrap_or_default();
    let names = take(Class::Name);
    let spoken: Vec<String> = names.iter().map(|name| normalise::name(name)).collect();
    let identifiers = [Class::NationalId, Class::BankAccount, Class::Identifier].into_iter().flat_map(&mut take);
    // A name that also stands in a column of identifiers (a reference on invoices) is a name.
    let identifiers: Vec<&str> = identifiers.filter(|text| !spoken.contains(&normalise::name(text))).collect();
    KnownSubject::new(names, take(Class::Email), take(Class::Phone), identifiers, take(Class::Address))
}
