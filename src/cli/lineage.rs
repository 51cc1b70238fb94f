//! `gallra lineage`: where each column of a set comes from.

use std::path::{Path, PathBuf};

use clap::Args;
use gallra::error::{DONE, Error};
use gallra::pipeline::Release;
use gallra::publish::{Entry, Lineage, lineage};
use gallra::session::{Access, LockUse, Session, World};

use super::Outcome;
use super::printer::Printer;
use super::tables::table;

#[derive(Debug, Args)]
pub struct Arguments {
    /// The set, after the pipeline file: `gallra lineage fortnox.toml purchase_history`. Alone, the set of `--pipeline`; a pipeline file alone lists
    /// its sets.
    #[arg(value_names = ["PIPELINE", "SET"], num_args = 0..=2)]
    names: Vec<String>,
    /// The pipeline file, where only the set is named.
    #[arg(long, value_name = "FILE", env = "GALLRA_PIPELINE", default_value = "gallra.toml")]
    pipeline: PathBuf,
}

pub fn run(arguments: &Arguments, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let (path, name) = match &arguments.names[..] {
        [path, name] => (PathBuf::from(path), name),
        // The name of a set has no full stop.
        [path] if path.contains('.') => return list(&PathBuf::from(path), world, printer),
        [name] => (arguments.pipeline.clone(), name),
        _ => return list(&arguments.pipeline, world, printer),
    };
    let session = Session::open(&path, Access::Read, LockUse::Compare, world)?;
    let sets = &session.pipeline.sets;
    let Some(set) = sets.iter().find(|set| set.name == *name) else {
        let names: Vec<String> = sets.iter().map(|set| format!("`{}`", set.name)).collect();
        let hint = if names.is_empty() { "it declares no set".to_owned() } else { format!("its sets are {}", names.join(", ")) };
        return Err(Error::Usage { message: format!("`{}` has no set `{name}`", path.display()), hint: Some(hint) });
    };
    let found = lineage(&session.pipeline, set);
    printer.value(&found);
    for line in head(&found) {
        printer.line(line);
    }
    let mut columns = table(&["column", "type", "from", "class", "treatment", "counts for k", "may be NULL"], &[]);
    for entry in &found.columns {
        columns.add_row(row(entry));
    }
    printer.line(columns.to_string());
    Ok(DONE)
}

/// The sets of a pipeline.
fn list(path: &Path, world: &World<'_>, printer: &mut Printer) -> Outcome {
    let session = Session::open(path, Access::Read, LockUse::Compare, world)?;
    let sets: Vec<Lineage> = session.pipeline.sets.iter().map(|set| lineage(&session.pipeline, set)).collect();
    printer.value(&sets);
    if sets.is_empty() {
        printer.line(format!("{} declares no set", path.display()));
        return Ok(DONE);
    }
    let mut table = table(&["set", "label", "of", "columns", "description"], &[3]);
    for set in &sets {
        table.add_row([set.set.clone(), label(set).to_owned(), set.base.clone(), set.columns.len().to_string(), set.description.clone()]);
    }
    printer.line(table.to_string());
    printer.line(format!("`gallra lineage {} {}` shows where its columns come from", path.display(), sets[0].set));
    Ok(DONE)
}

fn label(set: &Lineage) -> &'static str {
    match set.label {
        Release::Pseudonymised => "pseudonymised",
        Release::Anonymous => "anonymous",
    }
}

/// What the set is, whose rows and which.
fn head(found: &Lineage) -> Vec<String> {
    let label = label(found);
    let rows = if found.selection.aggregates { "a row per group of rows" } else { "a row per row" };
    let mut lines = vec![format!("{}: {label}, {rows} of `{}`", found.set, found.base)];
    if let (Some(path), Some(category)) = (&found.selection.subject, &found.selection.category) {
        let along = if path.is_empty() { String::new() } else { format!(" along {path}") };
        lines.push(format!("subject: {category}{along}"));
    }
    lines.extend(found.selection.filters.iter().map(|filter| format!("where: {} {}", filter.path, filter.holds)));
    lines.extend(found.selection.closed.iter().map(|column| format!("only closed periods of {column}")));
    lines
}

fn row(entry: &Entry) -> Vec<String> {
    let mut classes: Vec<String> = Vec::new();
    for source in &entry.sources {
        let class = gallra::pipeline::lock::class_name(source.class).to_owned();
        if !classes.contains(&class) {
            classes.push(class);
        }
    }
    // The path alone does not say which table it ends in, and the table alone not on which way.
    let sources = entry.sources.iter().map(|source| match source.path.ends_with(&source.column) {
        true => source.path.clone(),
        false => format!("{} ({})", source.path, source.column),
    });
    let of = entry.amount.as_ref().map_or(String::new(), |amount| format!(" of {amount}"));
    let cast = entry.cast.as_ref().map_or(String::new(), |cast| format!(", cast to {cast}"));
    let yes = |is: bool| if is { "yes" } else { "no" }.to_owned();
    vec![
        entry.column.clone(),
        entry.data_type.clone(),
        sources.collect::<Vec<_>>().join("\n"),
        classes.join("\n"),
        format!("{}{of}{cast}", entry.treatment),
        yes(entry.quasi_identifier),
        yes(entry.nullable),
    ]
}
