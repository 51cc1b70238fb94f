//! What a set's columns are and where they come from, and the rule of which class may be published how.

use arrow::datatypes::{DataType, TimeUnit};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::PublishError;
use super::folder::sha256;
use crate::pipeline::{Class, ColumnIndex, Generalised, Pipeline, ReferenceIndex, Release, Set, SetColumn, SetSource, TableIndex};

/// The word for a pseudonym in [`Entry::treatment`].
pub(super) const PSEUDONYM: &str = "pseudonym";

/// A set's data dictionary, `dictionary.json` beside its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dictionary {
    /// The set.
    pub set: String,
    /// What it is.
    pub description: String,
    /// What it promises.
    pub label: Release,
    /// The table of which its rows are rows or groups of rows.
    pub base: String,
    /// Its columns, in order.
    pub columns: Vec<Entry>,
}

/// A column in the data dictionary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name in the set.
    pub column: String,
    /// The type of its values: `int64`, `decimal(38,2)`, `float64`, `string`, `date`, `timestamp(us,UTC)`, `bool`, `binary`.
    #[serde(rename = "type")]
    pub data_type: String,
    /// What it means and in which unit.
    pub description: String,
    /// The store's columns that it comes from; none for a count of rows.
    pub sources: Vec<Source>,
    /// How it is published: `value`, `pseudonym`, `month`, `prefix of 3`, `sum`, `count` …
    pub treatment: String,
    /// Whether it counts for k.
    pub quasi_identifier: bool,
}

/// Where a published column comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// References from the base and the column at their end, `sales_order.customer.postcode`.
    pub path: String,
    /// What the store's column holds.
    pub class: Class,
}

impl Dictionary {
    /// The first column that may not stand in a set of this label, with the class that forbids it (`None`: the label does).
    pub(super) fn forbidden(&self) -> Option<(&str, Option<Class>)> {
        self.columns.iter().find_map(|entry| {
            let pseudonym = entry.treatment == PSEUDONYM;
            if pseudonym && self.label == Release::Anonymous {
                return Some((entry.column.as_str(), None));
            }
            let class = entry.sources.iter().map(|source| source.class).find(|class| !pseudonym && is_never_shown(*class))?;
            Some((entry.column.as_str(), Some(class)))
        })
    }
}

/// Classes that are never published in any form but, as part of a key, as a pseudonym.
pub(super) fn is_never_shown(class: Class) -> bool {
    match class {
        Class::Name
        | Class::Email
        | Class::Phone
        | Class::Address
        | Class::NationalId
        | Class::BankAccount
        | Class::Identifier
        | Class::FreeText
        | Class::Sensitive
        | Class::Key
        | Class::Reference => true,
        Class::QuasiIdentifier | Class::Amount | Class::Activity | Class::Plain => false,
    }
}

/// Refuses a set that says that it is anonymous and shows single rows or pseudonyms.
pub(super) fn check_label(set: &Set) -> Result<(), PublishError> {
    if set.release != Release::Anonymous {
        return Ok(());
    }
    if !set.aggregates {
        return Err(PublishError::AnonymousRows { set: set.name.clone() });
    }
    let pseudonym =
        set.columns.iter().find(|column| matches!(&column.source, SetSource::Column { generalise: Generalised::Pseudonym { .. }, .. }));
    match pseudonym {
        Some(column) => Err(PublishError::AnonymousPseudonym { set: set.name.clone(), column: column.name.clone() }),
        None => Ok(()),
    }
}

/// Refuses a column whose class may not be published as declared.
///
/// The pipeline was checked for this when it was read; here, where data leaves, it is checked again. Direct identifiers, free
/// text and sensitive columns are refused; keys and references are pseudonyms only; quasi-identifiers are generalised; sums
/// are of amounts and plain numbers. A column that is part of a row's key or of a reference may be a pseudonym whatever its
/// class: stores exist in which people are keyed by their telephone number.
pub(super) fn check_column(pipeline: &Pipeline, set: &Set, column: &SetColumn) -> Result<(), PublishError> {
    let refused = |class, treatment: &str| PublishError::ClassRefused {
        set: set.name.clone(),
        column: column.name.clone(),
        class,
        treatment: treatment.to_owned(),
    };
    match &column.source {
        SetSource::Column { table, columns, generalise, .. } => {
            for at in columns {
                let class = pipeline.tables[*table].columns[*at].class;
                let allowed = match generalise {
                    Generalised::Pseudonym { .. } => matches!(class, Class::Key | Class::Reference) || is_key_part(pipeline, *table, *at),
                    Generalised::Value => !is_never_shown(class) && class != Class::QuasiIdentifier,
                    Generalised::Period(_) | Generalised::Prefix(_) | Generalised::Band(_) | Generalised::AgeBand(_) => {
                        !is_never_shown(class)
                    }
                };
                if !allowed {
                    return Err(refused(class, &super::treatment::Treatment::declared(generalise).describe()));
                }
            }
            Ok(())
        }
        SetSource::Sum { path, column: at } => {
            let class = pipeline.tables[end_of(pipeline, set, path)].columns[*at].class;
            match class {
                Class::Amount | Class::Plain => Ok(()),
                _ => Err(refused(class, "sum")),
            }
        }
        SetSource::Count | SetSource::CountSubjects => Ok(()),
    }
}

fn is_key_part(pipeline: &Pipeline, table: TableIndex, column: ColumnIndex) -> bool {
    pipeline.tables[table].key.contains(&column)
        || pipeline.references.iter().any(|reference| reference.from == table && reference.columns.contains(&column))
}

fn end_of(pipeline: &Pipeline, set: &Set, path: &[ReferenceIndex]) -> TableIndex {
    path.last().map_or(set.base, |step| pipeline.references[*step].to)
}

/// The store's columns behind a column of a set.
pub(super) fn sources(pipeline: &Pipeline, set: &Set, column: &SetColumn) -> Vec<Source> {
    let (path, columns): (&[ReferenceIndex], &[ColumnIndex]) = match &column.source {
        SetSource::Column { path, columns, .. } => (path, columns),
        SetSource::Sum { path, column } => (path, std::slice::from_ref(column)),
        SetSource::Count | SetSource::CountSubjects => return Vec::new(),
    };
    let table = &pipeline.tables[end_of(pipeline, set, path)];
    columns
        .iter()
        .map(|at| Source { path: path_name(pipeline, path, &table.catalog.columns[*at].name), class: table.columns[*at].class })
        .collect()
}

/// What a column means: the set's own words, or those of the store's column.
pub(super) fn description(pipeline: &Pipeline, set: &Set, column: &SetColumn) -> String {
    if !column.description.is_empty() {
        return column.description.clone();
    }
    let of = |path: &[ReferenceIndex], at: ColumnIndex| pipeline.tables[end_of(pipeline, set, path)].columns[at].description.clone();
    match &column.source {
        SetSource::Column { path, columns, .. } => columns.first().map(|at| of(path, *at)).unwrap_or_default(),
        SetSource::Sum { path, column } => of(path, *column),
        SetSource::Count | SetSource::CountSubjects => String::new(),
    }
}

fn path_name(pipeline: &Pipeline, path: &[ReferenceIndex], column: &str) -> String {
    path.iter()
        .map(|step| pipeline.references[*step].name.as_str())
        .chain([column])
        .filter(|name| !name.is_empty())
        .collect::<Vec<_>>()
        .join(".")
}

/// SHA-256 of everything that the pipeline says of what a set holds: of two versions with the same definition, only the data
/// can differ. How long versions are kept is no part of it, and no index is, so that a new table changes nothing.
pub(super) fn definition_hash(pipeline: &Pipeline, set: &Set) -> String {
    let filters: Vec<_> = set
        .filter
        .iter()
        .map(|(path, condition)| {
            let table = &pipeline.tables[end_of(pipeline, set, path)];
            let name = path_name(pipeline, path, &table.catalog.columns[condition.column].name);
            json!({ "column": name, "tests": format!("{:?}", condition.tests) })
        })
        .collect();
    let columns: Vec<_> = set
        .columns
        .iter()
        .map(|column| {
            let how = match &column.source {
                SetSource::Column { generalise, .. } => format!("{generalise:?}"),
                SetSource::Sum { .. } => "Sum".to_owned(),
                SetSource::Count => "Count".to_owned(),
                SetSource::CountSubjects => "CountSubjects".to_owned(),
            };
            json!({
                "name": column.name,
                "sources": sources(pipeline, set, column),
                "how": how,
                "quasi_identifier": column.quasi_identifier,
                "description": description(pipeline, set, column),
            })
        })
        .collect();
    let mut definition = json!({
        "name": set.name,
        "description": set.description,
        "base": pipeline.tables[set.base].name(),
        "release": set.release,
        "purpose": set.purpose,
        "subject": set.subject.as_ref().map(|(path, category)| {
            json!([path_name(pipeline, path, ""), pipeline.categories[*category].name])
        }),
        "filters": filters,
        "columns": columns,
        "aggregates": set.aggregates,
        "k": set.k,
        "small_groups": set.small_groups,
        "closed": set.closed,
    });
    // Only where it is declared, so that other sets keep their hash.
    if set.rounding.is_some() || set.round_to.is_some() {
        definition["rounding"] = json!([set.rounding, set.round_to]);
    }
    // The members come out in one order every time, so equal definitions are equal texts.
    sha256(definition.to_string().as_bytes())
}

/// A type as dictionary and manifest name it.
pub(super) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Int64 => "int64".to_owned(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        DataType::Float64 => "float64".to_owned(),
        DataType::Utf8 => "string".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) => format!("timestamp(us,{zone})"),
        DataType::Timestamp(TimeUnit::Microsecond, None) => "timestamp(us)".to_owned(),
        DataType::Boolean => "bool".to_owned(),
        DataType::Binary => "binary".to_owned(),
        other => other.to_string(),
    }
}
