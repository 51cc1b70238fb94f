//! Aggregates: what is measured, and whether it may be.

use super::super::*;
use super::formula::Anchor;
use crate::kernels::convert::Target;
use crate::kernels::rank::{Rank, Share};
use crate::pipeline::raw::RawSetColumn;
use crate::pipeline::{Formula, Measure, Term};

impl Resolver<'_> {
    /// The aggregate that a column declares, and of what; `None` where it is none. `None` outside where it is declared wrongly.
    pub(super) fn measure(&mut self, raw: &RawSetColumn, place: &[&str]) -> Option<Option<(Measure, String)>> {
        if let Some(quantile) = &raw.quantile {
            let Some(share) = Share::of(quantile.at) else {
                let message = format!("the quantile `{}` is at {}, which is no share between 0 and 1", raw.name, quantile.at);
                let hint = "0.5 is the median; at most nine digits after the point. The ends are `min` and `max`".to_owned();
                self.problem(place, message, Some(hint));
                return None;
            };
            return Some(Some((Measure::Rank(Rank::Quantile(share)), quantile.of.clone())));
        }
        let measures = [
            (Measure::Sum, &raw.sum),
            (Measure::Mean, &raw.mean),
            (Measure::Rank(Rank::Least), &raw.min),
            (Measure::Rank(Rank::Greatest), &raw.max),
        ];
        Some(measures.into_iter().find_map(|(measure, text)| Some((measure, text.clone()?))))
    }

    /// The column or amount that is measured.
    pub(super) fn measured(
        &mut self,
        base: TableIndex,
        measure: Measure,
        text: &str,
        cast: Option<Target>,
        place: &[&str],
    ) -> Option<Formula> {
        if !self.is_path(base, text) && self.is_formula(text) {
            let formula = self.formula(base, text, place)?;
            if cast.is_some() {
                self.problem(place, format!("the amount `{text}` is exact already and has no `cast`"), None);
            }
            self.check_weight(&formula, measure, place);
            return Some(formula);
        }
        let (path, table, column) = self.path_to_column(base, text, place)?;
        self.check_cast(cast, table, column, place)?;
        let class = self.tables[table].columns[column].class;
        let extreme = matches!(measure, Measure::Rank(Rank::Least | Rank::Greatest));
        let (table_name, name) = self.names(table, column);
        let is_open = matches!(class, Class::Amount | Class::Plain | Class::Activity);
        if extreme && !is_open {
            let class = crate::pipeline::lock::class_name(class);
            self.problem(place, format!("`{table_name}.{name}` is `{class}` and has no `{measure}` that may be published"), None);
        } else if !extreme && class != Class::Amount {
            let done = match measure {
                Measure::Sum => "it is not summed".to_owned(),
                _ => format!("it has no {measure}"),
            };
            self.problem(place, format!("`{table_name}.{name}` is not an `amount`, so {done}"), None);
        }
        let described = &self.tables[table].catalog.columns[column];
        let (data_type, declared) = (cast.map_or_else(|| described.data_type.arrow(), Target::data_type), described.declared.clone());
        let is_number = matches!(
            data_type,
            arrow::datatypes::DataType::Int64 | arrow::datatypes::DataType::Float64 | arrow::datatypes::DataType::Decimal128(..)
        );
        let is_moment = matches!(data_type, arrow::datatypes::DataType::Date32 | arrow::datatypes::DataType::Timestamp(..));
        let measurable = is_number || extreme && is_moment;
        // What its class forbids no cast allows.
        if !measurable && is_open {
            let message = format!("`{table_name}.{name}` has no `{measure}`: its type is {declared}");
            self.problem(place, message, Some("`cast` it to a number first".to_owned()));
        }
        let formula = Formula { text: text.to_owned(), term: Term::Column { path, table, column, cast } };
        self.check_weight(&formula, measure, place);
        Some(formula)
    }

    /// A cell at the end of a path comes once for each row of the base that leads to it. Least and greatest are the same for all that.
    fn check_weight(&mut self, formula: &Formula, measure: Measure, place: &[&str]) {
        let extreme = matches!(measure, Measure::Rank(Rank::Least | Rank::Greatest));
        if extreme || formula.anchor() != Anchor::Elsewhere {
            return;
        }
        let text = &formula.text;
        let word = match measure {
            Measure::Sum => "sum",
            Measure::Mean => "mean",
            Measure::Rank(_) => "quantile",
        };
        let message = format!("the {word} of `{text}` would count a row once for each row of the base");
        let hint = match measure {
            Measure::Sum => "sum a column of the base".to_owned(),
            _ => format!("take the {word} of a column of the base"),
        };
        self.problem(place, message, Some(hint));
    }
}
