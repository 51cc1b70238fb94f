//! Where a run writes, and whether it may.

use std::path::{Path, PathBuf};

use super::super::diagnose::Problems;
use super::super::raw::{RawAllowedOutput, RawPipeline};
use super::super::source::{Source, expand};
use super::{Database, Locations};
use crate::publish::{Allowed, AllowedEntry, Location, LocationError, Service, real_folder};

type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The output as the file says it, and the local folder in which its versions are made: its own, or `staging` for a bucket.
pub(super) fn output(text: &str, staging: &str, source: &Source, problems: &mut Problems) -> Option<(Location, PathBuf)> {
    match Location::parse(text, &source.folder()) {
        Ok(Location::Folder(folder)) => Some((Location::Folder(folder.clone()), folder)),
        Ok(bucket) => Some((bucket, source.folder().join(staging))),
        Err(error) => {
            wrong(&error, &["controller", "output"], source, problems);
            None
        }
    }
}

/// Refuses a run that would write outside the allowed locations: the published sets, the folder in which a bucket's versions are made, and the
/// ledger. Nothing is read for it but what folders lead to. Returns whether all is well.
///
/// What a person asks for by name on the command line is written where they say (a saved plan, a list of candidates, a file of findings), and so
/// are keyring, register of holds and lock file, which hold no data of subjects or lie beside the pipeline.
pub fn check_outputs(
    raw: &RawPipeline,
    source: &Source,
    locations: &Locations,
    environment: &Environment<'_>,
    problems: &mut Problems,
) -> bool {
    let before = problems.list.len();
    apart(source, locations, problems);
    fit_for_readers(source, locations, problems);
    if problems.list.len() > before {
        return false;
    }
    let Some(listed) = &raw.run.allowed_outputs else { return true };
    let entries = listed.iter().enumerate().filter_map(|(at, listed)| entry(at, listed, source, environment, problems)).collect();
    if problems.list.len() > before {
        return false;
    }
    let allowed = Allowed::new(entries);
    let mut written = vec![("output", "the output", locations.published.clone())];
    if matches!(locations.published, Location::Bucket(_)) {
        written.push(("staging", "the folder for staging", Location::Folder(locations.output.clone())));
    }
    written.push(("ledger", "the ledger's folder", Location::Folder(locations.ledger.clone())));
    for (key, what, location) in written {
        if let Err((reason, hint)) = allowed.check(&location, environment) {
            let hint = hint.unwrap_or_else(|| format!("write `{key}` to one of `allowed_outputs`, or have its place added to them"));
            // Where the key is left out, its default stands beside the file.
            let span = source.span(&["controller", key]);
            problems.add(span, format!("{what} `{location}` {reason}"), Some(hint));
        }
    }
    problems.list.len() == before
}

/// Refuses published sets in the ledger's folder, and the other way round: analysts may read the one and nobody but the runner the other, and a copy
/// or a mistake with one would take the other along.
fn apart(source: &Source, locations: &Locations, problems: &mut Problems) {
    let (Some(output), Some(ledger)) = (real_folder(&locations.output), real_folder(&locations.ledger)) else { return };
    let (key, what) = made_in(locations);
    let (inner, named, outer) = if output.starts_with(&ledger) {
        (key, format!("{what} `{}`", locations.output.display()), format!("the ledger's folder `{}`", locations.ledger.display()))
    } else if ledger.starts_with(&output) {
        ("ledger", format!("the ledger's folder `{}`", locations.ledger.display()), format!("{what} `{}`", locations.output.display()))
    } else {
        return;
    };
    let span = source.span(&["controller", inner]).or_else(|| source.span(&["controller", key]));
    let hint = "give each a folder of its own, beside the other: whoever may read or write the sets has nothing to do with the proof of what was \
                forgotten";
    problems.add(span, format!("{named} stands in {outer}"), Some(hint.to_owned()));
}

/// The key that names the folder in which versions are made, and what it is called.
fn made_in(locations: &Locations) -> (&'static str, &'static str) {
    match locations.published {
        Location::Folder(_) => ("output", "the output"),
        Location::Bucket(_) => ("staging", "the folder for staging"),
    }
}

/// Refuses an output that is no folder, which would stop every night before its end, and one that holds what analysts must never read.
fn fit_for_readers(source: &Source, locations: &Locations, problems: &mut Problems) {
    const HINT: &str = "name a folder of its own, which holds nothing else";
    let (key, what) = made_in(locations);
    let output = locations.output.display();
    if locations.output.metadata().is_ok_and(|found| !found.is_dir()) {
        problems.add(source.span(&["controller", key]), format!("{what} `{output}` is no folder"), Some(HINT.to_owned()));
        return;
    }
    let Some(folder) = real_folder(&locations.output) else { return };
    let database = match &locations.source {
        Database::Sqlite(file) => Some(file.as_path()),
        Database::Postgres(_) => None,
    };
    let private =
        [("the keyring", locations.keyring.file()), ("the register of holds", Some(&*locations.holds)), ("the database", database)];
    let is_within = |file: Option<&Path>| file.and_then(real_folder).is_some_and(|file| file.starts_with(&folder));
    let within: Vec<&str> = private.into_iter().filter(|(_, file)| is_within(*file)).map(|(name, _)| name).collect();
    if !within.is_empty() {
        let message = format!("{what} `{output}` holds {}", within.join(" and "));
        problems.add(source.span(&["controller", key]), message, Some(HINT.to_owned()));
    }
}

fn entry(
    at: usize,
    listed: &RawAllowedOutput,
    source: &Source,
    environment: &Environment<'_>,
    problems: &mut Problems,
) -> Option<AllowedEntry> {
    let at = at.to_string();
    let place = ["run", "allowed_outputs", &at];
    let (text, region, endpoint, account) = match listed {
        RawAllowedOutput::Location(text) => (text, None, None, None),
        RawAllowedOutput::Place(place) => (&place.url, place.region.clone(), place.endpoint.clone(), place.account.clone()),
    };
    let text = match expand(text, environment) {
        Ok(text) => text,
        Err(error) => {
            problems.add(source.span(&place), error.reason, Some(error.hint.to_owned()));
            return None;
        }
    };
    let mut found = match AllowedEntry::parse(&text, &source.folder()) {
        Ok(found) => found,
        Err(error) => {
            wrong(&error, &place, source, problems);
            return None;
        }
    };
    let is_blank = |value: &Option<String>| value.as_ref().is_some_and(|value| value.trim().is_empty());
    if [&region, &endpoint, &account].into_iter().any(is_blank) {
        let message = "an allowed output names an empty region, endpoint or account";
        problems.add(source.span(&place), message, Some("name it, or leave the key out".to_owned()));
        return None;
    }
    let mut refuse =
        |message: &str| problems.add(source.span(&place), message, Some("name the location alone, without the key".to_owned()));
    let service = match &found {
        AllowedEntry::Bucket(bucket) => Some(bucket.url.service()),
        AllowedEntry::Folder(_) => None,
    };
    if (region.is_some() || endpoint.is_some()) && service != Some(Service::S3) {
        refuse("`region` and `endpoint` are known of buckets of S3 alone");
        return None;
    }
    if account.is_some() && service != Some(Service::Azure) {
        refuse("`account` is known of containers of Azure alone");
        return None;
    }
    if let AllowedEntry::Bucket(bucket) = &mut found {
        (bucket.region, bucket.endpoint, bucket.account) = (region, endpoint, account);
    }
    Some(found)
}

/// A text that is no location. One that may hold a secret is not drawn.
fn wrong(error: &LocationError, place: &[&str], source: &Source, problems: &mut Problems) {
    let span = if error.is_secret() { None } else { source.span(place) };
    let key = place.iter().rfind(|part| part.parse::<usize>().is_err()).copied().unwrap_or_default();
    problems.add(span, format!("`{key}`: {error}"), Some(error.hint().to_owned()));
}
