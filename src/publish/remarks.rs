//! What whoever runs it has to hear of a set that passed its gate and shows little: it would be published night after night, and nobody would see
//! why a column says nothing.
//!
//! Each state is a `look` in the run that brings it about, which ends with 1, and a note as long as it lasts. What the version before was like says
//! its manifest; where that is silent, as of cells left out of an anonymous set, nothing is said of it here.

use serde::Serialize;

use super::dictionary::path_name;
use super::gate::{GateReport, Gated};
use super::manifest::Manifest;
use crate::pipeline::{Generalised, Pipeline, Release, Set, SetSource, SmallGroups};

/// What `k` is where the pipeline does not say.
const DEFAULT_K: u32 = 5;

/// Something to say of a set, beside what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// What is to be known, as the end of a sentence about the set.
    pub text: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether it is new, so that somebody has to see it; else it is as it was.
    pub look: bool,
}

/// What is to be said of a set that passed its gate; `before` is the manifest of its latest version.
#[must_use]
pub fn remarks(pipeline: &Pipeline, set: &Set, gated: &Gated, before: Option<&Manifest>) -> Vec<Remark> {
    let is_changed = |before: &Manifest| before.definition_sha256 != super::dictionary::definition_hash(pipeline, set);
    let mut remarks = Vec::new();
    if gated.is_empty() {
        remarks.extend(empty(pipeline, set, gated, before.is_none_or(|before| before.rows.after > 0)));
    } else if set.release == Release::Pseudonymised && hides_most(&gated.report) {
        let look = before.is_none_or(|before| !hides_most(&before.gate));
        remarks.push(hidden(gated, look));
    }
    // Of a small company all rows are of few people. Where most is hidden the hint says so.
    if set.release == Release::Pseudonymised && !set.filter.is_empty() && is_few(&gated.report) && !hides_most(&gated.report) {
        remarks.push(few(&gated.report, before.is_none_or(|before| !is_few(&before.gate))));
    }
    if !gated.is_empty() && before.is_none_or(is_changed) {
        remarks.extend(exposed(&gated.report));
        remarks.extend(of_few(gated));
    }
    let shows = !gated.is_empty() && (set.release == Release::Anonymous || gated.report.suppressed == 0 || gated.report.shown > 0);
    for (at, column) in set.columns.iter().enumerate() {
        let SetSource::Column { path, table, columns, generalise: Generalised::Taxonomy(..), .. } = &column.source else { continue };
        if shows && gated.rows.is_blank(at) {
            let stored = columns.first().map_or("", |column| &pipeline.tables[*table].catalog.columns[*column].name);
            remarks.push(Remark {
                text: format!(
                    "`{}` has no value in any row that is published: nothing in `{}` stands in its taxonomy",
                    column.name,
                    path_name(pipeline, path, stored)
                ),
                hint: Some(
                    "compare the column's values with the first column of the taxonomy's file: they must be equal, letter by letter".into(),
                ),
                // Its file is part of the definition.
                look: before.is_none_or(is_changed),
            });
        }
    }
    remarks.extend(before.and_then(|before| other_k(set, before)));
    remarks.extend(super::singled::remarks(&gated.report, before));
    remarks
}

/// Rows are published, of fewer people than the smallest group may have.
fn is_few(gate: &GateReport) -> bool {
    gate.subjects > 0 && gate.subjects < u64::from(gate.k)
}

fn few(gate: &GateReport, look: bool) -> Remark {
    let people = if gate.subjects == 1 { "1 person".to_owned() } else { format!("{} people", gate.subjects) };
    Remark {
        text: format!("all of its rows are of {people}, fewer than its `k` of {}", gate.k),
        hint: Some(
            "whoever knows how its rows are chosen may know who that is: choose more of them by `where`, or publish no such set".to_owned(),
        ),
        look,
    }
}

/// Small cells that are left out and that nothing protects. It is said of a set's first release: to later ones what was published before is known,
/// and nearly every small cell follows from that and from all totals.
fn exposed(gate: &GateReport) -> Option<Remark> {
    let text = match gate.exposed {
        0 => return None,
        1 => "1 small cell was left out and follows all the same for who knows the totals of all other lines".to_owned(),
        cells => format!("{cells} small cells were left out and follow all the same for who knows the totals of all other lines"),
    };
    let hint =
        "a value that stands alone does that, as of a row without a postcode: leave such rows out with `where`, or publish fewer columns";
    Some(Remark { text, hint: Some(hint.to_owned()), look: false })
}

/// Groups of totals that are of few people, in a set that promises k of its quasi-identifiers alone. It is said once: a month of few sales has one.
fn of_few(gated: &Gated) -> Option<Remark> {
    let (few, all, k) = (gated.report.of_few, gated.len(), gated.report.k);
    let (are, of) = if few == 1 { ("is", "1".to_owned()) } else { ("are", few.to_string()) };
    let text = format!("{of} of its {all} groups {are} of fewer than {k} people, because its columns that do not count for k part them");
    let hint = "declare `quasi_identifier = true` for such columns, publish coarser ones, or label the set `anonymous`".to_owned();
    (few > 0).then_some(Remark { text, hint: Some(hint), look: false })
}

/// The promise is another one than that of the version before: who reads the versions side by side has to know, most of all where it became less.
fn other_k(set: &Set, before: &Manifest) -> Option<Remark> {
    let (was, is) = (before.gate.k, set.k);
    if is == was {
        return None;
    }
    let look = is < was;
    let text =
        format!("its `k` is {is}, and was {was} in the version before: {} people stand together", if look { "fewer" } else { "more" });
    let hint = "who has the earlier versions, and whoever was promised the larger groups, has to know".to_owned();
    Some(Remark { text, hint: look.then_some(hint), look })
}

/// Whether more than half of the rows that had a value of a quasi-identifier show none, or are left out for it.
fn hides_most(gate: &GateReport) -> bool {
    gate.suppressed > gate.shown
}

/// Most quasi-identifiers are hidden.
fn hidden(gated: &Gated, look: bool) -> Remark {
    let gate = &gated.report;
    let columns: Vec<String> =
        gated.dictionary.columns.iter().filter(|entry| entry.quasi_identifier).map(|entry| format!("`{}`", entry.column)).collect();
    let of = gate.suppressed + gate.shown;
    let share = format!("{} of the {of} rows that had a value", gate.suppressed);
    let text = match gate.small_groups {
        SmallGroups::SuppressRows => format!("{share} of {} were left out, as groups of fewer than {} people", listed(&columns), gate.k),
        _ if gate.complementary > 0 => {
            format!("{} {} NULL in {share}, in {} of them only to hide the others", listed(&columns), are(&columns), gate.complementary)
        }
        _ => format!("{} {} NULL in {share}, as groups of fewer than {} people", listed(&columns), are(&columns), gate.k),
    };
    let hint = if is_absurd(gate) {
        absurd(gate)
    } else if gate.complementary > 0 {
        "`small_groups = \"suppress_rows\"` leaves out the rows of small groups alone; or publish coarser columns".to_owned()
    } else {
        "publish coarser columns, or let the gate do so with `small_groups = \"generalise\"`".to_owned()
    };
    Remark { text, hint: Some(hint), look }
}

/// Nothing at all is published.
fn empty(pipeline: &Pipeline, set: &Set, gated: &Gated, look: bool) -> Option<Remark> {
    let gate = &gated.report;
    let left = gated.left_out;
    let (text, hint) = if gated.rows_before > 0 {
        let what = if set.release == Release::Anonymous { "cell" } else { "row" };
        let all = if gated.rows_before == 1 { format!("its only {what}") } else { format!("all {} {what}s", gated.rows_before) };
        let text = format!("it is empty: its gate left out {all}, as groups of fewer than {} people or to hide those", gate.k);
        let hint = if is_absurd(gate) { absurd(gate) } else { "publish fewer or coarser columns, or longer periods".to_owned() };
        (text, hint)
    } else if left.filtered > 0 && left.open_period == 0 && left.restricted == 0 {
        let all = if left.filtered == 1 { "the only row".to_owned() } else { format!("all {} rows", left.filtered) };
        (format!("it is empty: its conditions leave out {all}"), "look at its `where`, value by value".to_owned())
    } else {
        // Nothing has happened yet, or its first period has not ended.
        let base = pipeline.tables[set.base].name();
        let rows = if left.open_period > 0 { "has no row of a closed period" } else { "has no row for it" };
        return Some(Remark { text: format!("it is empty: `{base}` {rows}"), hint: None, look: false });
    };
    Some(Remark { text, hint: Some(hint), look })
}

/// Whether no group can ever be large enough.
fn is_absurd(gate: &GateReport) -> bool {
    u64::from(gate.k) > gate.people
}

fn absurd(gate: &GateReport) -> String {
    let there_are = if gate.people == 1 { "there is 1 person".to_owned() } else { format!("there are {} people", gate.people) };
    let instead = if gate.k > DEFAULT_K { format!("; {DEFAULT_K} is the default") } else { String::new() };
    format!("its `k` is {} and {there_are} in it, so that no group can be large enough{instead}", gate.k)
}

fn are(columns: &[String]) -> &'static str {
    if columns.len() == 1 { "is" } else { "are" }
}

fn listed(columns: &[String]) -> String {
    match columns {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => columns.join(""),
    }
}
