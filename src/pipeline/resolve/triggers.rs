//! Triggers that copy old values: what gallra changes or deletes must not live on where they put it.
//!
//! A copy in a table that leads to the same subjects is treated with them, in the same transaction (see `write_back`). Any other place would
//! keep what was to be forgotten: that is a problem, unless somebody says in the file why it is none.

use super::*;
use crate::kernels::json::quoted;
use crate::store::Copying;

impl Resolver<'_> {
    /// Reports every trigger on a table that will be written and whose copies would stay.
    pub(super) fn check_triggers(&mut self) {
        let catalog = self.catalog;
        for (position, accepted) in self.raw.trigger.iter().enumerate() {
            let position = position.to_string();
            let exists = catalog.copying.iter().any(|copying| copying.table == accepted.table && copying.name == accepted.name);
            if !exists {
                let message = format!("the table `{}` has no trigger or rule `{}` that copies rows", accepted.table, accepted.name);
                self.problem(&["trigger", &position], message, Some("take it out, or mend it".to_owned()));
            }
            if accepted.reason.trim().is_empty() {
                self.problem(&["trigger", &position], "a trigger is accepted without a reason", Some("say why in `reason`".to_owned()));
            }
        }
        for copying in &catalog.copying {
            let accepted = self.raw.trigger.iter().any(|accepted| accepted.table == copying.table && accepted.name == copying.name);
            let table = self.tables.iter().position(|table| table.name() == copying.table && table.out_of_scope.is_none());
            if let Some(table) = table.filter(|table| !accepted && self.is_written(*table)) {
                self.check_trigger(table, copying);
            }
        }
    }

    /// The tables that triggers write.
    pub(super) fn copied_into(&self) -> Vec<TableIndex> {
        let written = |table: &TableIndex| {
            self.catalog.copying.iter().any(|copying| copying.targets.iter().any(|target| target == self.tables[*table].name()))
        };
        (0..self.tables.len()).filter(written).collect()
    }

    /// Whether a run may change or delete rows of a table.
    fn is_written(&self, table: TableIndex) -> bool {
        let scoped = &self.tables[table];
        scoped.category.is_some()
            || scoped.leads.iter().any(|lead| lead.owned)
            || scoped.columns.iter().any(|column| column.treatment != Treatment::Keep)
    }

    fn check_trigger(&mut self, table: TableIndex, copying: &Copying) {
        let (name, on) = (&copying.name, self.tables[table].name().to_owned());
        let place = ["table", on.as_str()];
        let accept = format!("or accept it: `[[trigger]]` with `table = {}`, `name = {}` and a `reason`", quoted(&on), quoted(name));
        if copying.instead {
            let message = format!("the rule `{name}` runs in place of what is written to `{on}`: nothing would be forgotten there");
            self.problem(&place, message, Some("drop the rule, or write its table in place of this one".to_owned()));
            return;
        }
        for target in &copying.targets {
            let found = self.tables.iter().position(|scoped| scoped.name() == target);
            let own: Vec<CategoryIndex> = self.categories_of(table);
            let leads = |target: &TableIndex| {
                let scoped = &self.tables[*target];
                scoped.out_of_scope.is_none() && scoped.leads.iter().any(|lead| own.contains(&lead.category))
            };
            if !found.as_ref().is_some_and(leads) {
                let message =
                    format!("the trigger `{name}` copies what is changed in `{on}` into `{target}`, which leads to none of its subjects");
                let hint = format!(
                    "connect it, so that copies are treated with their subject: a `[[reference]]` from `{target}` with `kind = \"owned\"`, and classes for its columns; {accept}"
                );
                self.problem(&place, message, Some(hint));
            }
        }
        if self.raw.record.values().any(|record| self.tables[table].name().eq_ignore_ascii_case(&record.table))
            && !copying.targets.is_empty()
        {
            let message = format!("the trigger `{name}` copies records of `{on}`, whose time comes before their subject's");
            self.problem(
                &place,
                message,
                Some(format!("give the copies a clock of their own, drop the trigger for the role that runs gallra, {accept}")),
            );
        }
        if copying.elsewhere {
            let message = format!("the trigger `{name}` on `{on}` may copy what is changed to a place that can not be seen from its text");
            self.problem(&place, message, Some(format!("look at what its function writes; {accept}")));
        }
    }

    /// The categories whose subjects a table's rows are, or lead to.
    fn categories_of(&self, table: TableIndex) -> Vec<CategoryIndex> {
        let scoped = &self.tables[table];
        scoped.category.into_iter().chain(scoped.leads.iter().map(|lead| lead.category)).collect()
    }
}
