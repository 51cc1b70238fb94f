//! What ends a rule or a purpose before its time: consent withdrawn (GDPR article 7(3)), an objection (article 21).

use super::days::{DayCells, DecideError};
use super::facts::{Ahead, Latest, Piece, Tenants};
use super::{clocks, condition};
use crate::pipeline::*;
use crate::snapshot::{NO_TENANT, State};

/// Whether a rule or purpose has ended for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It has not, or it was renewed.
    Not,
    /// Since this day, in days since 1970-01-01; nothing is kept from it on.
    Since(i32),
    /// Somebody ended it on a day that can not be read, and it is not known whether it was renewed later.
    Unclear,
}

/// Per row of a table what its rows, or those that lead to it, say about the end.
#[derive(Debug, Clone)]
pub struct Endings {
    on: Latest,
    given: Option<Latest>,
}

impl Endings {
    /// Gathers what a state says about the rows of `table`.
    ///
    /// # Errors
    /// [`DecideError`] where a column was not read or can not be compared.
    pub fn of(pipeline: &Pipeline, state: &State, tenants: &[Tenant], table: TableIndex, ended: &Ended) -> Result<Self, DecideError> {
        let when = ended.when.as_ref().map(|when| condition::passes(pipeline, state, ended.table, when)).transpose()?;
        let cells = |column: ColumnIndex| DayCells::in_state(pipeline, state, ended.table, column);
        let (on, given) = (ended.on.map(cells).transpose()?, ended.given.map(cells).transpose()?);
        let subjects = state.tables[table].rows;
        let mut endings = Self { on: Latest::none(subjects), given: given.is_some().then(|| Latest::none(subjects)) };
        let rows = &state.tables[ended.table].tenants;
        for path in &ended.paths {
            let reached = state.follow(ended.table, path);
            let piece = Piece { subjects: &reached, tenants: Tenants::PerRow(rows), counts: when.as_deref() };
            match &on {
                Some(on) => endings.on.take(piece, on, tenants, Ahead::Waits),
                None => endings.flag(piece, tenants),
            }
            if let (Some(cells), Some(given)) = (&given, &mut endings.given) {
                given.take(piece, cells, tenants, Ahead::Waits);
            }
        }
        Ok(endings)
    }

    /// Rows without a day say that it ended: today at the latest.
    fn flag(&mut self, piece: Piece<'_>, tenants: &[Tenant]) {
        for (row, subject) in piece.subjects.iter().enumerate() {
            let tenant = piece.tenants.of(row);
            let counts = tenant != NO_TENANT && piece.counts.is_none_or(|counts| counts[row]);
            if let Some(subject) = subject.filter(|_| counts) {
                self.on.note(subject, clocks::day_of_date(tenants[tenant as usize].as_of));
            }
        }
    }

    /// What is said of one row. On the same day the withdrawal counts: it is the later word in any doubt.
    pub fn of_subject(&self, row: usize, tenant: &Tenant) -> Ending {
        let given = self.given.as_ref().and_then(|given| given.day(row));
        match (self.on.day(row), self.on.unclear(row)) {
            (Some(on), _) if given.is_none_or(|given| given <= on) => Ending::Since(on.min(tenant.today())),
            (_, Some(_)) => Ending::Unclear,
            _ => Ending::Not,
        }
    }
}
