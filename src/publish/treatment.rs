//! How a column is published, and the next coarser way of publishing it.

use std::num::NonZeroU32;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, new_null_array};
use arrow::datatypes::{DataType, Float64Type};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::kernels::KernelError;
use crate::kernels::band::{Bands, age_bands, bands};
use crate::kernels::cast::to_text;
use crate::kernels::lookup::lookup;
use crate::kernels::period::{Period, to_period};
use crate::kernels::pseudonym::pseudonyms;
use crate::kernels::truncate::prefix;
use crate::keys::DerivedKey;
use crate::pipeline::{Generalised, PeriodKind, Tenant};

/// How often a band may be doubled before the column is given up.
const DOUBLINGS: u8 = 3;

/// What treatments need to know besides the cells.
#[derive(Debug, Clone)]
pub(super) struct Circumstances {
    /// The day on which ages are counted.
    pub day: Date,
    /// The zone on whose wall clock instants fall into periods.
    pub zone: TimeZone,
}

impl Circumstances {
    /// A tenant's.
    pub fn of(tenant: &Tenant) -> Self {
        Self { day: tenant.as_of, zone: tenant.time_zone.clone() }
    }
}

/// How a column is published.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Treatment {
    /// As the pipeline declares it, with bands doubled so many times.
    Declared(Generalised, u8),
    /// Not at all: every cell is NULL.
    Hidden,
}

impl Treatment {
    /// The treatment that the pipeline declares.
    pub fn declared(how: &Generalised) -> Self {
        Self::Declared(how.clone(), 0)
    }

    /// One step coarser: day → week → month → quarter → year → nothing; one character less, down to nothing; bands of double
    /// width, three times, then nothing; every other bound, down to one, then nothing; the taxonomy's next level, then nothing. Values and pseudonyms have no coarser form. `None` where nothing is shown already.
    pub fn coarser(&self) -> Option<Self> {
        let Self::Declared(how, doubled) = self else {
            return None;
        };
        let next = match how {
            Generalised::Period(PeriodKind::Day) => Some(Generalised::Period(PeriodKind::Week)),
            Generalised::Period(PeriodKind::Week) => Some(Generalised::Period(PeriodKind::Month)),
            Generalised::Period(PeriodKind::Month) => Some(Generalised::Period(PeriodKind::Quarter)),
            Generalised::Period(PeriodKind::Quarter) => Some(Generalised::Period(PeriodKind::Year)),
            Generalised::Prefix(length) if *length > 1 => Some(Generalised::Prefix(length - 1)),
            Generalised::Band(width) if *doubled < DOUBLINGS => width.checked_mul(2).map(Generalised::Band),
            Generalised::AgeBand(width) if *doubled < DOUBLINGS => width.checked_mul(2).map(Generalised::AgeBand),
            Generalised::Bounds(bounds) if bounds.len() > 1 => Some(Generalised::Bounds(every_other(bounds))),
            Generalised::AgeBounds(bounds) if bounds.len() > 1 => Some(Generalised::AgeBounds(every_other(bounds))),
            Generalised::Taxonomy(taxonomy, level) if *level < taxonomy.levels() => {
                Some(Generalised::Taxonomy(Arc::clone(taxonomy), level + 1))
            }
            _ => None,
        };
        Some(next.map_or(Self::Hidden, |next| Self::Declared(next, doubled + 1)))
    }

    /// The cells as published. `sources` are the store's cells: several for a composite pseudonym, otherwise one.
    ///
    /// A column that is hidden keeps the type it had. Floats have one zero and one NaN afterwards, so that equal rows are
    /// equal in their bytes.
    ///
    /// # Errors
    /// As the kernels; [`KernelError::NoKeyColumn`] if `sources` is empty.
    pub fn apply(
        &self,
        sources: &[ArrayRef],
        circumstances: &Circumstances,
        pseudonym_key: Option<&DerivedKey>,
    ) -> Result<ArrayRef, KernelError> {
        let source = sources.first().ok_or(KernelError::NoKeyColumn { kernel: "publish" })?;
        let Self::Declared(how, _) = self else {
            return Ok(new_null_array(source.data_type(), source.len()));
        };
        Ok(match how {
            Generalised::Value => one_zero(source),
            Generalised::Pseudonym { domain, format } => {
                let key = pseudonym_key.ok_or(KernelError::NoKeyColumn { kernel: "publish" })?;
                pseudonyms(sources, key, domain, format.of_kernel())?
            }
            Generalised::Period(kind) => Arc::new(to_period(source, period(*kind), &circumstances.zone)?),
            Generalised::Prefix(length) => Arc::new(prefix(&to_text(source)?, *length)),
            Generalised::Band(width) => Arc::new(bands(source, &of_width(*width))?),
            Generalised::Bounds(bounds) => Arc::new(bands(source, &Bands::at_edges(bounds.clone())?)?),
            Generalised::AgeBand(width) => Arc::new(age_bands(source, &of_width(*width), circumstances.day)?),
            Generalised::AgeBounds(bounds) => Arc::new(age_bands(source, &Bands::at_edges(bounds.clone())?, circumstances.day)?),
            Generalised::Taxonomy(taxonomy, level) => Arc::new(lookup(&to_text(source)?, |value| taxonomy.at(value, *level))?),
        })
    }

    /// The treatment in words, for manifest and dictionary.
    pub fn describe(&self) -> String {
        match self {
            Self::Hidden => "hidden".to_owned(),
            Self::Declared(how, _) => match how {
                Generalised::Value => "value".to_owned(),
                Generalised::Pseudonym { .. } => "pseudonym".to_owned(),
                Generalised::Period(PeriodKind::Year) => "year".to_owned(),
                Generalised::Period(PeriodKind::Quarter) => "quarter".to_owned(),
                Generalised::Period(PeriodKind::Month) => "month".to_owned(),
                Generalised::Period(PeriodKind::Week) => "week".to_owned(),
                Generalised::Period(PeriodKind::Day) => "day".to_owned(),
                Generalised::Prefix(length) => format!("prefix of {length}"),
                Generalised::Band(width) => format!("band of {width}"),
                Generalised::Bounds(bounds) => format!("band from {}", listed(bounds)),
                Generalised::AgeBand(width) => format!("age band of {width}"),
                Generalised::AgeBounds(bounds) => format!("age band from {}", listed(bounds)),
                Generalised::Taxonomy(_, level) => format!("taxonomy level {level}"),
            },
        }
    }
}

/// A pipeline's period as the kernels name it.
pub(super) fn period(kind: PeriodKind) -> Period {
    match kind {
        PeriodKind::Year => Period::Year,
        PeriodKind::Quarter => Period::Quarter,
        PeriodKind::Month => Period::Month,
        PeriodKind::Week => Period::Week,
        PeriodKind::Day => Period::Day,
    }
}

/// The pipeline refuses bands without width; were one to come here, it is the narrowest.
fn of_width(width: u32) -> Bands {
    Bands::of_width(NonZeroU32::new(width).unwrap_or(NonZeroU32::MIN))
}

fn every_other(bounds: &[i64]) -> Vec<i64> {
    bounds.iter().step_by(2).copied().collect()
}

/// `18, 26 and 65`
fn listed(bounds: &[i64]) -> String {
    let texts: Vec<String> = bounds.iter().map(i64::to_string).collect();
    match texts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => texts.concat(),
    }
}

/// Floats with one zero and one NaN, so that equal cells are equal in their bytes.
pub(super) fn one_zero(values: &ArrayRef) -> ArrayRef {
    match (values.data_type(), values.as_primitive_opt::<Float64Type>()) {
        (DataType::Float64, Some(floats)) => {
            let plain: Float64Array = floats.unary(|cell| {
                if cell.is_nan() {
                    f64::NAN
                } else if cell == 0.0 {
                    0.0
                } else {
                    cell
                }
            });
            Arc::new(plain)
        }
        _ => values.clone(),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{Array, Date32Array, Int64Array, StringArray};
    use jiff::civil::date;

    use super::*;
    use crate::pipeline::Taxonomy;

    fn circumstances() -> Circumstances {
        Circumstances { day: date(2026, 11, 22), zone: TimeZone::UTC }
    }

    fn ladder(how: Generalised) -> Vec<String> {
        std::iter::successors(Some(Treatment::declared(&how)), Treatment::coarser).map(|step| step.describe()).collect()
    }

    fn industries() -> Arc<Taxonomy> {
        Arc::new(Taxonomy::parse(b"value,level1,level2\n62.01,Programming,IT\n62.02,Advice,IT\n99,Other,\n").unwrap())
    }

    #[test]
    fn a_taxonomy_names_a_level_and_leaves_out_what_it_does_not_know() {
        let codes: ArrayRef = Arc::new(StringArray::from(vec![Some("62.01"), Some("62.02"), Some("99"), Some("1"), None]));
        let apply = |treatment: &Treatment| treatment.apply(std::slice::from_ref(&codes), &circumstances(), None).unwrap();
        let texts = |expected: Vec<Option<&str>>| Arc::new(StringArray::from(expected)) as ArrayRef;
        let declared = Treatment::declared(&Generalised::Taxonomy(industries(), 1));
        assert_eq!(&apply(&declared), &texts(vec![Some("Programming"), Some("Advice"), Some("Other"), None, None]));
        assert_eq!(&apply(&declared.coarser().unwrap()), &texts(vec![Some("IT"), Some("IT"), None, None, None]));
    }

    #[test]
    fn every_ladder_ends_in_nothing() {
        assert_eq!(ladder(Generalised::Period(PeriodKind::Month)), ["month", "quarter", "year", "hidden"]);
        assert_eq!(ladder(Generalised::Prefix(3)), ["prefix of 3", "prefix of 2", "prefix of 1", "hidden"]);
        assert_eq!(ladder(Generalised::Band(10)), ["band of 10", "band of 20", "band of 40", "band of 80", "hidden"]);
        assert_eq!(ladder(Generalised::AgeBand(u32::MAX)), [format!("age band of {}", u32::MAX), "hidden".into()]);
        assert_eq!(ladder(Generalised::Period(PeriodKind::Day)), ["day", "week", "month", "quarter", "year", "hidden"]);
        assert_eq!(
            ladder(Generalised::Bounds(vec![0, 10, 50, 100])),
            ["band from 0, 10, 50 and 100", "band from 0 and 50", "band from 0", "hidden"]
        );
        assert_eq!(ladder(Generalised::AgeBounds(vec![18])), ["age band from 18", "hidden"]);
        assert_eq!(ladder(Generalised::Taxonomy(industries(), 1)), ["taxonomy level 1", "taxonomy level 2", "hidden"]);
        assert_eq!(ladder(Generalised::Value), ["value", "hidden"]);
        assert_eq!(ladder(Generalised::Prefix(0)), ["prefix of 0", "hidden"]);
    }

    #[test]
    fn each_step_shows_less() {
        let postcodes: ArrayRef = Arc::new(Int64Array::from(vec![Some(22_100), None]));
        let apply = |treatment: &Treatment| treatment.apply(std::slice::from_ref(&postcodes), &circumstances(), None).unwrap();
        let declared = Treatment::declared(&Generalised::Prefix(2));
        let texts = |expected: Vec<Option<&str>>| Arc::new(StringArray::from(expected)) as ArrayRef;
        assert_eq!(&apply(&declared), &texts(vec![Some("22"), None]));
        let coarser = declared.coarser().unwrap();
        assert_eq!(&apply(&coarser), &texts(vec![Some("2"), None]));
        assert_eq!(apply(&coarser.coarser().unwrap()).null_count(), 2);
    }

    #[test]
    fn ages_are_counted_on_the_day_of_the_run() {
        // Born 2000-11-22 and 2000-11-23: 26 and 25 on 2026-11-22.
        let born: ArrayRef = Arc::new(Date32Array::from(vec![11_283, 11_284]));
        let ages = Treatment::declared(&Generalised::AgeBand(26)).apply(&[born], &circumstances(), None).unwrap();
        assert_eq!(&ages, &(Arc::new(StringArray::from(vec!["26-51", "0-25"])) as ArrayRef));
    }

    #[test]
    fn floats_have_one_zero_and_one_nan() {
        let odd: ArrayRef = Arc::new(Float64Array::from(vec![Some(-0.0), Some(-f64::NAN), None, Some(1.5)]));
        let even = one_zero(&odd);
        let bits: Vec<_> = even.as_primitive::<Float64Type>().iter().map(|cell| cell.map(f64::to_bits)).collect();
        assert_eq!(bits, [Some(0), Some(f64::NAN.to_bits()), None, Some(1.5_f64.to_bits())]);
    }
}
