//! How a set lies on disk: its partitions, the order of its rows, and how long versions and pseudonyms stay.

use super::super::*;
use crate::decide::clocks::Period;
use crate::kernels::convert::Target;
use crate::pipeline::AfterForgetting;
use crate::pipeline::raw::RawSet;

impl Resolver<'_> {
    /// The column by which the files are parted: a period or a day. Of anything else there would be a folder per value.
    pub(super) fn partition(&mut self, name: &str, raw: &RawSet, columns: &[SetColumn]) -> Option<usize> {
        let at = self.set_column(name, "partition", raw.partition.as_ref()?, columns)?;
        let is_day = match &columns[at].source {
            SetSource::Column { generalise: Generalised::Period(_), .. } => true,
            SetSource::Column { generalise: Generalised::Value, table, columns, cast, .. } => {
                let stored =
                    |column: &ColumnIndex| self.tables[*table].catalog.columns[*column].data_type == crate::store::ColumnType::Date;
                cast.map_or_else(|| columns.iter().all(stored), |target| target == Target::Date)
            }
            _ => false,
        };
        if !is_day {
            let message = format!("the column `{}` of the set `{name}` is neither a period nor a date", columns[at].name);
            let hint =
                "a partition is a folder per period: a column with `as = \"month\"`, `\"quarter\"` or `\"year\"`, or a DATE".to_owned();
            self.problem(&["set", name, "partition"], message, Some(hint));
        }
        is_day.then_some(at)
    }

    /// The columns by which rows are sorted.
    pub(super) fn sort(&mut self, name: &str, raw: &RawSet, columns: &[SetColumn]) -> Vec<usize> {
        let mut sort = Vec::new();
        for wanted in &raw.sort {
            let Some(at) = self.set_column(name, "sort", wanted, columns) else { continue };
            if sort.contains(&at) {
                self.problem(&["set", name, "sort"], format!("the set `{name}` is sorted by `{wanted}` twice"), None);
            } else {
                sort.push(at);
            }
        }
        sort
    }

    fn set_column(&mut self, name: &str, key: &str, wanted: &str, columns: &[SetColumn]) -> Option<usize> {
        let found = columns.iter().position(|column| column.name == wanted);
        if found.is_none() {
            let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
            self.problem(&["set", name, key], format!("the set `{name}` has no column `{wanted}`"), suggestion(wanted, &names));
        }
        found
    }

    /// What stays of the forgotten. It says something only where rows carry the subject's own pseudonym.
    pub(super) fn after_forgetting(
        &mut self,
        name: &str,
        raw: &RawSet,
        subject: Option<&(Vec<ReferenceIndex>, CategoryIndex)>,
        columns: &[SetColumn],
    ) -> AfterForgetting {
        let Some(wanted) = raw.after_forgetting else { return AfterForgetting::default() };
        let is_subject = |column: &SetColumn| match (&column.source, subject) {
            (SetSource::Column { path, table, columns, generalise: Generalised::Pseudonym { .. }, .. }, Some((to_subject, _))) => {
                // A primary key names its own row, a foreign key the row that it points at.
                let points = |step: ReferenceIndex| {
                    let known = &self.references[step];
                    known.from == *table && known.columns.iter().any(|at| columns.contains(at))
                };
                let own = path == to_subject && columns.iter().all(|at| self.tables[*table].catalog.primary_key.contains(at));
                own || to_subject.split_last().is_some_and(|(last, before)| before == path && points(*last))
            }
            _ => false,
        };
        if !columns.iter().any(is_subject) {
            let message = format!("the set `{name}` says what stays `after_forgetting`, but no column is the pseudonym of its `subject`");
            let hint = "publish the key of the subject `as = \"pseudonym\"`, or leave `after_forgetting` out".to_owned();
            self.problem(&["set", name, "after_forgetting"], message, Some(hint));
        }
        wanted
    }

    pub(super) fn set_period(&mut self, name: &str, key: &str, text: &str, example: &str) -> Option<Period> {
        let period = Period::from_str(text);
        if period.is_err() {
            self.problem(&["set", name, key], format!("`{text}` is not a period"), Some(format!("a period such as `{example}`")));
        }
        period.ok()
    }
}
