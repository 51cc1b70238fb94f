//! Documents: what stands at the classed paths of a JSON document is treated; the rest of the document stays as it is written.

use std::borrow::Cow;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray};
use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::scrub::{Scrubber, Whom};
use crate::detect::Country;
use crate::kernels::KernelError;
use crate::kernels::json::{self, Edit, Path, TextEdit, quoted};
use crate::pipeline::{Document, PathTreatment, PeriodKind, Scalar, Scrubbing};

/// The documents with the values at their paths treated, and their other texts scrubbed where the column says so. Idempotent.
pub fn treat(
    cells: &ArrayRef,
    document: &Document,
    limit: Option<usize>,
    zone: &TimeZone,
    country: Country,
    whom: Whom<'_>,
) -> Result<ArrayRef, KernelError> {
    let Some(texts) = cells.as_string_opt::<i32>() else { return Ok(cells.clone()) };
    let scrub = |scrubbing: Scrubbing| {
        let scrubber = Scrubber::new(scrubbing, country, whom);
        move |row: usize, text: &str| scrubber.text(row, text).map(Cow::into_owned)
    };
    let readers: Vec<Reader<'_>> = document
        .paths
        .iter()
        .map(|path| match &path.treatment {
            PathTreatment::Scrub(scrubbing) => Reader::Text(Box::new(scrub(*scrubbing))),
            treatment => Reader::of(treatment, zone),
        })
        .collect();
    let rest = document.scrub_rest.map(scrub);
    let edits: Vec<(Path, Edit<'_>)> = document
        .paths
        .iter()
        .zip(&readers)
        .map(|(path, reader)| {
            let edit = match reader {
                Reader::Text(edit) => Edit::Text(edit.as_ref()),
                Reader::Constant(json) => Edit::Constant(json),
                Reader::Plain(edit) => *edit,
            };
            (path.path.clone(), edit)
        })
        .collect();
    let rest: Option<&TextEdit<'_>> = rest.as_ref().map(|scrub| scrub as &TextEdit<'_>);
    Ok(Arc::new(json::rewrite(texts, &edits, rest, limit)?))
}

/// A path's treatment in the form that the kernel takes, with what it needs to own.
enum Reader<'a> {
    Text(Box<TextEdit<'a>>),
    Constant(String),
    Plain(Edit<'a>),
}

impl<'a> Reader<'a> {
    fn of(treatment: &'a PathTreatment, zone: &'a TimeZone) -> Self {
        match treatment {
            PathTreatment::Null => Self::Plain(Edit::Null),
            PathTreatment::Remove => Self::Plain(Edit::Remove),
            PathTreatment::Constant(value) => Self::Constant(constant(value)),
            // Made where it is known whose text it is.
            PathTreatment::Keep | PathTreatment::Scrub(_) => Self::Plain(Edit::Keep),
            PathTreatment::Period(kind) => Self::Text(Box::new(move |_, text| first_moment(text, *kind, zone))),
            PathTreatment::Prefix(length) => Self::Text(Box::new(move |_, text| Some(text.chars().take(*length).collect()))),
        }
    }
}

/// A constant as JSON. A number that JSON can not write does not come here; the pipeline refuses it.
fn constant(value: &Scalar) -> String {
    match value {
        Scalar::Boolean(value) => value.to_string(),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Number(number) if number.is_finite() => number.to_string(),
        Scalar::Number(_) => "null".to_owned(),
        Scalar::Text(text) => quoted(text),
    }
}

/// A date or time as the first of its period, in the form that it had: a date, a time on the wall, or an instant, which is read on the
/// wall clock of `zone` and written in UTC. `None` for every other text.
fn first_moment(text: &str, kind: PeriodKind, zone: &TimeZone) -> Option<String> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        let first = first_day(zone.to_datetime(instant).date(), kind)?;
        return Some(first.to_zoned(zone.clone()).ok()?.timestamp().to_string());
    }
    let wall: DateTime = text.parse().ok()?;
    let first = first_day(wall.date(), kind)?;
    // A reader of dates alone takes the longer form for one as well, so the form is told by the mark of a time.
    if !text.contains(':') {
        return Some(first.to_string());
    }
    let divider = if text.contains(' ') { ' ' } else { 'T' };
    Some(format!("{first}{divider}00:00:00"))
}

fn first_day(date: Date, kind: PeriodKind) -> Option<Date> {
    match kind {
        PeriodKind::Year => Some(date.first_of_year()),
        PeriodKind::Month => Some(date.first_of_month()),
        PeriodKind::Quarter => Date::new(date.year(), date.month() - (date.month() - 1) % 3, 1).ok(),
        PeriodKind::Week => date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).ok(),
        PeriodKind::Day => Some(date),
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::StringArray;

    use super::*;
    use crate::pipeline::{Class, DocumentPath, Replacement};

    #[track_caller]
    fn check(treatment: PathTreatment, value: &str, expected: &str) {
        let path = DocumentPath { path: "a".parse().unwrap(), class: Class::QuasiIdentifier, treatment };
        let document = Document { paths: vec![path], scrub_rest: None };
        let zone = TimeZone::get("Europe/Stockholm").unwrap();
        let treat = |text: &str| {
            let cells: ArrayRef = Arc::new(StringArray::from(vec![text]));
            let treated = treat(&cells, &document, None, &zone, Country::SE, Whom::default()).unwrap();
            treated.as_string::<i32>().value(0).to_owned()
        };
        let once = treat(&format!("{{\"a\": {value}}}"));
        assert_eq!(once, format!("{{\"a\": {expected}}}"), "{value}");
        assert_eq!(treat(&once), once, "a second time");
    }

    #[test]
    fn a_time_becomes_the_first_of_its_period_in_its_own_form() {
        let quarter = |value, expected| check(PathTreatment::Period(PeriodKind::Quarter), value, expected);
        quarter("\"2026-08-15\"", "\"2026-07-01\"");
        quarter("\"2026-08-15T09:30:00\"", "\"2026-07-01T00:00:00\"");
        quarter("\"2026-08-15 09:30:00.25\"", "\"2026-07-01 00:00:00\"");
        // In Stockholm the quarter began at 22:00 UTC of the day before; at that hour the 30th of September is October already.
        quarter("\"2026-08-15T09:30:00Z\"", "\"2026-06-30T22:00:00Z\"");
        quarter("\"2026-08-15T09:30:00+02:00\"", "\"2026-06-30T22:00:00Z\"");
        quarter("\"2026-09-30T22:30:00Z\"", "\"2026-09-30T22:00:00Z\"");
        for no_date in ["\"soon\"", "\"2026\"", "\"\"", "1786786200", "{\"$date\": \"2026-08-15\"}", "null"] {
            quarter(no_date, "null");
        }
        check(PathTreatment::Period(PeriodKind::Year), "\"2026-08-15\"", "\"2026-01-01\"");
        check(PathTreatment::Period(PeriodKind::Month), "\"2026-08-15\"", "\"2026-08-01\"");
    }

    #[test]
    fn constants_and_prefixes_are_json_of_their_own_type() {
        check(PathTreatment::Constant(Scalar::Text("X\"X".into())), "{\"b\": [1]}", "\"X\\\"X\"");
        check(PathTreatment::Constant(Scalar::Integer(0)), "\"1\"", "0");
        check(PathTreatment::Constant(Scalar::Number(0.5)), "null", "0.5");
        check(PathTreatment::Constant(Scalar::Number(1e300)), "1", &format!("1{}", "0".repeat(300)));
        check(PathTreatment::Constant(Scalar::Boolean(false)), "true", "false");
        check(PathTreatment::Prefix(3), "\"Å12 34\"", "\"Å12\"");
        check(PathTreatment::Prefix(3), "12345", "null");
        check(PathTreatment::Keep, "[ 1.0 ]", "[ 1.0 ]");
    }

    #[test]
    fn texts_are_scrubbed_at_a_path_or_everywhere_else() {
        check(PathTreatment::Scrub(Scrubbing::default()), "\"ring 070-174 06 05\"", "\"ring [phone]\"");
        let path = DocumentPath { path: "kept".parse().unwrap(), class: Class::Plain, treatment: PathTreatment::Keep };
        let document = Document { paths: vec![path], scrub_rest: Some(Scrubbing::default()) };
        let cells: ArrayRef = Arc::new(StringArray::from(vec![r#"{"kept": "a@b.example", "x": [{"y": "a@b.example"}], "z": 701740605}"#]));
        let treated = treat(&cells, &document, None, &TimeZone::UTC, Country::SE, Whom::default()).unwrap();
        assert_eq!(treated.as_string::<i32>().value(0), r#"{"kept": "a@b.example", "x": [{"y": "[email]"}], "z": 701740605}"#);
    }
    #[test]
    fn texts_in_documents_are_numbered_or_dropped() {
        let scrub = |replacement| PathTreatment::Scrub(Scrubbing { replacement, ..Scrubbing::default() });
        let text = "\"a@b.example, c@d.example, a@b.example\"";
        check(scrub(Replacement::Pseudonym), text, "\"[email 1], [email 2], [email 1]\"");
        check(scrub(Replacement::Null), text, "null");
        check(scrub(Replacement::Null), "\"nothing\"", "\"nothing\"");
    }
}
