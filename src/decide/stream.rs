//! Deciding about subjects whose linked rows come piece by piece and are not kept.
//!
//! What a decision needs of other tables' rows are facts about subjects ([`super::facts`]): the latest activity, whether a hold or block applies,
//! whether anything links to them, until when a document's duty lasts. Each is a few bytes per subject, so tables of any size can be read once,
//! in pieces, by several threads or machines that each gather their own part ([`Gathered::merge`]). The decision itself is the same code
//! that a run decides with.
//!
//! It covers categories whose tables of evidence reference them directly. What needs rows beyond that (a path over other tables, records with
//! clocks of their own, one person in several categories, ended purposes) is [`StreamError::Unsupported`], never decided half.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::datatypes::{DataType, Int32Type};

use super::activity::{self, Due};
use super::condition::passes_column;
use super::days::{DayCells, DecideError};
use super::duties::FOREVER;
use super::facts::{Ahead, Latest, Marks, NO_DAY, Piece, Tenants};
use super::holds::Guards;
use super::keys::KeyIndex;
use super::{Given, Outcome, Reasons, Standing, SubjectPlan, stand};
use crate::kernels::KernelError;
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

/// Why a category can not be decided from pieces.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// It needs more than rows that reference it directly.
    #[error("`{category}` can not be decided piece by piece: {reason}")]
    Unsupported {
        /// The category.
        category: String,
        /// What it needs.
        reason: &'static str,
    },
    /// A piece lacks a column.
    #[error("a piece of `{table}` has no column `{column}`")]
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A key can not be compared.
    #[error(transparent)]
    Key(#[from] KernelError),
    /// A column that a rule needs was not read or can not be compared.
    #[error(transparent)]
    Decide(#[from] DecideError),
}

/// One category, ready to take in the rows that reference it.
pub struct Stream<'a> {
    pipeline: &'a Pipeline,
    state: &'a State,
    given: Given<'a>,
    category: CategoryIndex,
    keys: KeyIndex,
    /// The numbers of the reasons that linked rows can give, in the order of the holds.
    held: Vec<u32>,
    blocked: Vec<u32>,
    restricted: Vec<u32>,
    reasons: Reasons,
    own: Guards,
}

/// What was gathered about a category's subjects. A few bytes per subject and rule.
#[derive(Debug, Clone)]
pub struct Gathered {
    latest: Vec<Latest>,
    guards: Guards,
    linked: Vec<bool>,
    /// Per duty the last day for each subject, [`NO_DAY`] where none runs; empty where nothing of the subject's own row is protected.
    duties: Vec<Vec<i32>>,
    /// The last day for which a duty keeps cells of the subject's documents, [`NO_DAY`] where it keeps none that hold something.
    documents: Vec<i32>,
}

impl Gathered {
    /// Adds what was gathered elsewhere about the same subjects.
    pub fn merge(&mut self, other: &Self) {
        self.latest.iter_mut().zip(&other.latest).for_each(|(known, more)| known.merge(more));
        self.guards.merge(&other.guards);
        self.linked.iter_mut().zip(&other.linked).for_each(|(known, more)| *known |= more);
        for (known, more) in self.duties.iter_mut().zip(&other.duties) {
            known.iter_mut().zip(more).for_each(|(known, more)| *known = (*known).max(*more));
        }
        self.documents.iter_mut().zip(&other.documents).for_each(|(known, more)| *known = (*known).max(*more));
    }
}

/// The decisions on a category's subjects.
#[derive(Debug)]
pub struct Decided {
    /// Outcome, reason, clock's start and due day per subject, in the order of the category's table.
    pub plan: SubjectPlan,
    /// The texts behind the reasons' numbers.
    pub reasons: Vec<String>,
}

impl<'a> Stream<'a> {
    /// `state` holds the category's own table; other tables can be empty in it.
    ///
    /// # Errors
    /// [`StreamError::Unsupported`] where direct references do not say all.
    pub fn new(pipeline: &'a Pipeline, state: &'a State, given: Given<'a>, category: CategoryIndex) -> Result<Self, StreamError> {
        let settings = &pipeline.categories[category];
        let own = settings.table;
        let refuse = |reason| Err(StreamError::Unsupported { category: settings.name.clone(), reason });
        let direct = pipeline.tables.iter().flat_map(|table| &table.leads).filter(|lead| lead.category == category);
        let paths: Vec<&Lead> = direct.collect();
        if paths.iter().any(|lead| lead.path.len() > 1) {
            return refuse("some of its rows reference it through other tables");
        }
        if pipeline.same_person.iter().flatten().any(|(of, _)| *of == category) {
            return refuse("its people can be people of other categories");
        }
        if !settings.purposes.is_empty() || settings.retention.iter().any(|rule| rule.ended.is_some()) {
            return refuse("its purposes or rules can have ended");
        }
        if pipeline.records.iter().any(|record| pipeline.tables[record.table].leads.iter().any(|lead| lead.category == category)) {
            return refuse("rows that link to it have clocks of their own");
        }
        if pipeline.references.iter().any(|reference| reference.is_partial() && reference.to == own) {
            return refuse("only some rows of a table reference it");
        }
        let fields = settings.holds.iter().any(|hold| !hold.fields.is_empty());
        if fields || given.registered.iter().any(|hold| hold.category == category && !hold.fields.is_empty()) {
            return refuse("a hold keeps some of its fields");
        }
        let mut reasons = Reasons::default();
        // The holds of its own table and of the register are known already; those of other tables come with their rows.
        let mut without = settings.clone();
        let elsewhere = |hold: &Hold| hold.table == own;
        without.holds.retain(elsewhere);
        without.blocks.retain(elsewhere);
        without.restrictions.retain(elsewhere);
        let mut number = |word: &str, holds: &[Hold]| -> Vec<u32> {
            let mut ordered: Vec<&Hold> = holds.iter().collect();
            ordered.sort_by(|one, other| one.reason.cmp(&other.reason));
            for hold in ordered {
                reasons.add(&format!("{word}: {}", hold.reason));
            }
            holds.iter().map(|hold| reasons.add(&format!("{word}: {}", hold.reason))).collect()
        };
        let (restricted, held, blocked) =
            (number("restricted", &settings.restrictions), number("held", &settings.holds), number("blocked", &settings.blocks));
        let guards = Guards::of(pipeline, state, &given, category, &without, &mut reasons)?;
        let key = pipeline.references.iter().find(|reference| reference.to == own).map(|reference| reference.to_columns.clone());
        let key = key.unwrap_or_else(|| pipeline.tables[own].key.clone());
        if pipeline.references.iter().any(|reference| reference.to == own && reference.to_columns != key) {
            return refuse("it is referenced by several keys");
        }
        let cells = key.iter().map(|column| state.column(own, *column).cloned().ok_or_else(|| column_missing(pipeline, own, *column)));
        let keys = KeyIndex::of(&cells.collect::<Result<Vec<_>, _>>()?)?;
        Ok(Self { pipeline, state, given, category, keys, held, blocked, restricted, reasons, own: guards })
    }

    /// The tables whose rows say something about the category, with the columns that are needed of each.
    pub fn tables(&self) -> Vec<(TableIndex, Vec<ColumnIndex>)> {
        let needed = crate::snapshot::read::needed(self.pipeline);
        let own = self.own_table();
        let pointing: Vec<&Reference> = self.pipeline.references.iter().filter(|reference| reference.to == own).collect();
        let mut tables: Vec<TableIndex> = pointing.iter().map(|reference| reference.from).collect();
        tables.sort_unstable();
        tables.dedup();
        let category = &self.pipeline.categories[self.category];
        let mut found = Vec::new();
        for table in tables {
            let mut columns: Vec<ColumnIndex> =
                pointing.iter().filter(|reference| reference.from == table).flat_map(|reference| reference.columns.clone()).collect();
            columns.extend(
                category.retention.iter().flat_map(|rule| &rule.linked).filter(|(of, ..)| *of == table).map(|(.., column)| *column),
            );
            let holds = category.holds.iter().chain(&category.blocks).chain(&category.restrictions).filter(|hold| hold.table == table);
            columns.extend(holds.flat_map(|hold| hold.when.iter().map(|when| when.column).chain(hold.until)));
            columns.extend(self.pipeline.duties.iter().flat_map(|duty| self.kept_on_documents(duty, table)));
            let duties = self.pipeline.duties.iter().filter(|duty| duty.table == table);
            columns.extend(duties.flat_map(|duty| std::iter::once(duty.clock).chain(duty.when.iter().map(|when| when.column))));
            columns.retain(|column| needed[table].contains(column));
            columns.sort_unstable();
            columns.dedup();
            found.push((table, columns));
        }
        found
    }

    fn own_table(&self) -> TableIndex {
        self.pipeline.categories[self.category].table
    }

    /// Nothing gathered yet.
    pub fn gather(&self) -> Gathered {
        let subjects = self.state.tables[self.own_table()].rows;
        let category = &self.pipeline.categories[self.category];
        let protects = |duty: &Duty| duty.protects.iter().any(|(path, _)| self.reaches_own(path));
        Gathered {
            documents: if self.pipeline.duties.is_empty() { Vec::new() } else { vec![NO_DAY; subjects] },
            latest: category.retention.iter().map(|_| Latest::none(subjects)).collect(),
            guards: Guards::default(),
            linked: vec![false; subjects],
            duties: self.pipeline.duties.iter().map(|duty| if protects(duty) { vec![NO_DAY; subjects] } else { Vec::new() }).collect(),
        }
    }

    /// The columns of a table itself that a duty over its rows keeps, of those that would go.
    fn kept_on_documents(&self, duty: &Duty, table: TableIndex) -> Vec<ColumnIndex> {
        let own = duty.protects.iter().filter(|(path, _)| path.is_empty() && duty.table == table).map(|(_, column)| *column);
        own.filter(|column| self.pipeline.tables[table].columns[*column].treatment != Treatment::Keep).collect()
    }

    fn reaches_own(&self, path: &[ReferenceIndex]) -> bool {
        matches!(path, [step] if self.pipeline.references[*step].to == self.own_table())
    }

    /// Takes in a piece of a table: any of its rows, in any order, with the columns of [`Stream::tables`] by name. Texts may be dictionaries.
    ///
    /// # Errors
    /// [`StreamError`] where a column is missing or has a type that can not be compared.
    pub fn take(&self, gathered: &mut Gathered, table: TableIndex, piece: &RecordBatch) -> Result<(), StreamError> {
        let scoped = &self.pipeline.tables[table];
        let column = |column: ColumnIndex| -> Result<ArrayRef, StreamError> {
            let name = &scoped.catalog.columns[column].name;
            piece.column_by_name(name).cloned().ok_or_else(|| column_missing(self.pipeline, table, column))
        };
        let own = self.own_table();
        let references =
            self.pipeline.references.iter().enumerate().filter(|(_, reference)| reference.from == table && reference.to == own);
        for (index, reference) in references {
            let pointers = reference.columns.iter().map(|of| column(*of)).collect::<Result<Vec<_>, _>>()?;
            let subjects = self.keys.find(&pointers)?;
            let tenants = self.tenants_of(&subjects);
            let tenants = tenants.as_deref().map_or(Tenants::All(0), Tenants::PerRow);
            if reference.kind != ReferenceKind::Owned || scoped.out_of_scope.is_some() {
                subjects.iter().flatten().for_each(|subject| gathered.linked[subject as usize] = true);
            }
            let lead = scoped.leads.iter().position(|lead| lead.path == [index]);
            self.clocks(gathered, table, lead, &subjects, tenants, &column)?;
            self.holds(gathered, table, lead, &subjects, &column)?;
            self.duties(gathered, table, index, &subjects, tenants, &column)?;
        }
        Ok(())
    }

    /// The tenant of each row's subject; `None` where there is one controller alone.
    fn tenants_of(&self, subjects: &UInt32Array) -> Option<Vec<u16>> {
        self.pipeline.tenants.as_ref()?;
        let tenants = &self.state.tables[self.own_table()].tenants;
        Some(subjects.iter().map(|subject| subject.map_or(NO_TENANT, |subject| tenants[subject as usize])).collect())
    }

    fn clocks(
        &self,
        gathered: &mut Gathered,
        table: TableIndex,
        lead: Option<usize>,
        subjects: &UInt32Array,
        tenants: Tenants<'_>,
        column: &dyn Fn(ColumnIndex) -> Result<ArrayRef, StreamError>,
    ) -> Result<(), StreamError> {
        for (rule, latest) in self.pipeline.categories[self.category].retention.iter().zip(&mut gathered.latest) {
            for (_, _, clock) in rule.linked.iter().filter(|(of, by, _)| *of == table && Some(*by) == lead) {
                let cells = column(*clock)?;
                let cells = DayCells::of(&cells, &[]).ok_or_else(|| wrong_type(self.pipeline, table, *clock, &cells))?;
                latest.take(Piece { subjects, tenants, counts: None }, &cells, self.given.tenants, Ahead::Counts);
            }
        }
        Ok(())
    }

    fn holds(
        &self,
        gathered: &mut Gathered,
        table: TableIndex,
        lead: Option<usize>,
        subjects: &UInt32Array,
        column: &dyn Fn(ColumnIndex) -> Result<ArrayRef, StreamError>,
    ) -> Result<(), StreamError> {
        let category = &self.pipeline.categories[self.category];
        let guards = &mut gathered.guards;
        let kinds = [
            (&category.restrictions, &self.restricted, &mut guards.restricted),
            (&category.holds, &self.held, &mut guards.held),
            (&category.blocks, &self.blocked, &mut guards.blocked),
        ];
        let count = gathered.linked.len();
        for (holds, reasons, marks) in kinds {
            for (hold, reason) in holds.iter().zip(reasons).filter(|(hold, _)| hold.table == table && hold.lead == lead) {
                let when = hold.when.as_ref().map(|when| self.passes(table, when, column)).transpose()?;
                let until = hold.until.map(column).transpose()?;
                let until = match (&until, hold.until) {
                    (Some(cells), Some(of)) => Some(DayCells::of(cells, &[]).ok_or_else(|| wrong_type(self.pipeline, table, of, cells))?),
                    _ => None,
                };
                note_holds(marks, count, subjects, when.as_deref(), *reason, |row, subject| self.lasts(until.as_ref(), row, subject));
            }
        }
        Ok(())
    }

    /// Whether a hold of another table has not lapsed; an empty or unreadable end is none.
    fn lasts(&self, until: Option<&DayCells<'_>>, row: usize, subject: usize) -> bool {
        let tenant = self.state.tables[self.own_table()].tenants[subject];
        let Some(tenant) = self.given.tenants.get(tenant as usize) else { return false };
        match until.map(|until| until.day(row, &tenant.time_zone)) {
            Some(super::days::Day::At(until)) => until >= tenant.today() || super::clocks::date_of_day(until).is_none(),
            _ => true,
        }
    }

    fn duties(
        &self,
        gathered: &mut Gathered,
        table: TableIndex,
        reference: ReferenceIndex,
        subjects: &UInt32Array,
        tenants: Tenants<'_>,
        column: &dyn Fn(ColumnIndex) -> Result<ArrayRef, StreamError>,
    ) -> Result<(), StreamError> {
        let documents = &mut gathered.documents;
        for (duty, last) in self.pipeline.duties.iter().zip(&mut gathered.duties) {
            let protects = duty.table == table && duty.protects.iter().any(|(path, _)| path == &[reference]) && !last.is_empty();
            let kept = self.kept_on_documents(duty, table).into_iter().map(column).collect::<Result<Vec<_>, _>>()?;
            if !protects && kept.is_empty() {
                continue;
            }
            let when = duty.when.as_ref().map(|when| self.passes(table, when, column)).transpose()?;
            let cells = column(duty.clock)?;
            let cells = DayCells::of(&cells, &[]).ok_or_else(|| wrong_type(self.pipeline, table, duty.clock, &cells))?;
            let dues = activity::Dues::of_keep(&duty.keep, self.given.tenants);
            for (row, subject) in subjects.iter().enumerate() {
                let tenant_index = tenants.of(row);
                let counts = when.as_ref().is_none_or(|when| when[row]) && tenant_index != NO_TENANT;
                let Some(subject) = subject.filter(|_| counts) else { continue };
                let tenant = &self.given.tenants[tenant_index as usize];
                let until = match cells.day(row, &tenant.time_zone) {
                    super::days::Day::At(day) => match super::days::activity_day(day, tenant.today()) {
                        Ok(day) => match dues.of_day(day, tenant_index as usize, tenant) {
                            Due::Day(due) if due < tenant.today() => NO_DAY,
                            Due::Day(due) => due,
                            Due::OutsideFiscalYears => FOREVER,
                        },
                        Err(_) => FOREVER,
                    },
                    // A document whose date can not be read keeps its cells.
                    super::days::Day::Missing | super::days::Day::Unreadable => FOREVER,
                };
                if protects {
                    let known = &mut last[subject as usize];
                    *known = (*known).max(until);
                }
                if kept.iter().any(|cells| cells.is_valid(row)) {
                    let known = &mut documents[subject as usize];
                    *known = (*known).max(until);
                }
            }
        }
        Ok(())
    }

    /// Whether each row of a piece passes; of a dictionary each value is tested once.
    fn passes(
        &self,
        table: TableIndex,
        when: &Condition,
        column: &dyn Fn(ColumnIndex) -> Result<ArrayRef, StreamError>,
    ) -> Result<Vec<bool>, StreamError> {
        let cells = column(when.column)?;
        let described = &self.pipeline.tables[table].catalog.columns[when.column];
        let failed = || wrong_type(self.pipeline, table, when.column, &cells);
        if let DataType::Dictionary(key, _) = cells.data_type()
            && **key == DataType::Int32
        {
            let dictionary = cells.as_dictionary::<Int32Type>();
            let of_value = passes_column(described, dictionary.values(), &when.tests).ok_or_else(failed)?;
            let nothing = arrow::array::new_null_array(dictionary.values().data_type(), 1);
            let of_null = passes_column(described, &nothing, &when.tests).is_some_and(|passes| passes[0]);
            return Ok(dictionary.keys().iter().map(|key| key.map_or(of_null, |key| of_value[key as usize])).collect());
        }
        passes_column(described, &cells, &when.tests).ok_or_else(failed)
    }

    /// Decides, once all pieces are taken in.
    ///
    /// # Errors
    /// [`StreamError::Decide`] where a column of the category's own table was not read.
    pub fn decide(mut self, mut gathered: Gathered) -> Result<Decided, StreamError> {
        let category = &self.pipeline.categories[self.category];
        gathered.guards.merge(&self.own);
        let Gathered { latest, guards, linked, duties, documents } = gathered;
        let (mut plan, standings) = stand(self.pipeline, self.state, &self.given, self.category, latest, &guards, &mut self.reasons)?;
        for (row, standing) in standings.iter().enumerate() {
            let Standing::Due(reason) = standing else { continue };
            // The longest duty over the subject's own row.
            let until = duties.iter().filter(|last| !last.is_empty()).map(|last| last[row]).max().filter(|until| *until != NO_DAY);
            let stays = linked[row] || category.delete == DeleteRule::Never || until.is_some();
            let on_documents = documents.get(row).copied().filter(|until| *until != NO_DAY);
            let partly = (until.is_some() && self.keeps_something(row)) || on_documents.is_some();
            plan.reason[row] = *reason;
            plan.work[row] = true;
            plan.outcome[row] = match (stays, partly) {
                (_, true) => Outcome::Partly,
                (true, false) => Outcome::Anonymise,
                (false, false) => Outcome::Delete,
            };
            if let Some(until) = until.filter(|_| self.keeps_something(row)).max(on_documents).filter(|_| partly) {
                plan.next_due.insert(row as u32, Some(until).filter(|until| *until != FOREVER));
            }
        }
        Ok(Decided { plan, reasons: self.reasons.into_texts() })
    }

    /// Whether a duty's columns of a subject's own row hold anything that would otherwise go.
    fn keeps_something(&self, row: usize) -> bool {
        let own = self.own_table();
        let protected = self.pipeline.duties.iter().flat_map(|duty| &duty.protects).filter(|(path, _)| self.reaches_own(path));
        protected
            .filter(|(_, column)| self.pipeline.tables[own].columns[*column].treatment != Treatment::Keep)
            .any(|(_, column)| self.state.column(own, *column).is_none_or(|cells| cells.is_valid(row)))
    }
}

fn note_holds(
    marks: &mut Marks,
    count: usize,
    subjects: &UInt32Array,
    when: Option<&[bool]>,
    reason: u32,
    lasts: impl Fn(usize, usize) -> bool,
) {
    for (row, subject) in subjects.iter().enumerate() {
        let Some(subject) = subject.filter(|_| when.is_none_or(|when| when[row])) else { continue };
        if lasts(row, subject as usize) {
            marks.note(count, subject as usize, reason);
        }
    }
}

fn column_missing(pipeline: &Pipeline, table: TableIndex, column: ColumnIndex) -> StreamError {
    let scoped = &pipeline.tables[table];
    StreamError::Column { table: scoped.name().to_owned(), column: scoped.catalog.columns[column].name.clone() }
}

fn wrong_type(pipeline: &Pipeline, table: TableIndex, column: ColumnIndex, cells: &ArrayRef) -> StreamError {
    let scoped = &pipeline.tables[table];
    let (table, column) = (scoped.name().to_owned(), scoped.catalog.columns[column].name.clone());
    StreamError::Decide(DecideError::Type { table, column, data_type: cells.data_type().to_string() })
}
