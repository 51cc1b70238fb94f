//! What a set's columns are and where they come from, and the rule of which class may be published how.

use arrow::datatypes::{DataType, TimeUnit};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::PublishError;
use super::folder::sha256;
use super::lineage::Selection;
use super::rounding;
use super::treatment::Treatment;
use crate::kernels::rank::Rank;
use crate::pipeline::{
    Class, ColumnIndex, Constant, Generalised, Measure, Pipeline, ReferenceIndex, Release, Set, SetColumn, SetSource, SourceColumn,
    TableIndex, Term,
};

/// The word for a pseudonym in [`Entry::treatment`].
pub(super) const PSEUDONYM: &str = "pseudonym";

/// A set's data dictionary, `_dictionary.json` beside its files.
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
    /// Whether cells are left out in which a sum or mean shows too much of one person (the p % rule).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dominance: bool,
    /// What its rows are, and whose. Dictionaries of earlier builds do not say.
    #[serde(flatten)]
    pub selection: Selection,
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
    /// The amount that its values are reckoned by, `quantity * price`; absent where they come from one column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// The type that the store's cells are cast to first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cast: Option<String>,
    /// Whether a cell may be NULL.
    #[serde(default = "unknown_nullability")]
    pub nullable: bool,
    /// Whether it counts for k.
    pub quasi_identifier: bool,
}

/// Where a published column comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// References from the base and the column at their end, `sales_order.customer.postcode`.
    pub path: String,
    /// The store's table and column, `customer.postcode`.
    #[serde(default)]
    pub column: String,
    /// What the store's column holds.
    pub class: Class,
}

/// Of dictionaries that do not say.
fn unknown_nullability() -> bool {
    true
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

/// Refuses a set that says that it is anonymous and shows single rows, pseudonyms, or a least or greatest value, which is one person's.
pub(super) fn check_label(set: &Set) -> Result<(), PublishError> {
    if set.release != Release::Anonymous {
        return Ok(());
    }
    if !set.aggregates {
        return Err(PublishError::AnonymousRows { set: set.name.clone() });
    }
    for column in &set.columns {
        if let SetSource::Measure { measure: measure @ Measure::Rank(Rank::Least | Rank::Greatest), .. } = &column.source {
            let (set, column) = (set.name.clone(), column.name.clone());
            return Err(PublishError::AnonymousExtreme { set, column, measure: measure.to_string() });
        }
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
/// text and sensitive columns are refused; keys and references are pseudonyms only; quasi-identifiers are generalised; amounts
/// and aggregates are of amounts, plain and activity columns. A column that is part of a row's key or of a reference may be a pseudonym whatever its
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
                    Generalised::Period(_)
                    | Generalised::Prefix(_)
                    | Generalised::Band(_)
                    | Generalised::Bounds(_)
                    | Generalised::AgeBand(_)
                    | Generalised::AgeBounds(_)
                    | Generalised::Taxonomy(..) => !is_never_shown(class),
                };
                if !allowed {
                    return Err(refused(class, &super::treatment::Treatment::declared(generalise).describe()));
                }
            }
            Ok(())
        }
        SetSource::Amount(_) | SetSource::Measure { .. } => {
            let treatment = match &column.source {
                SetSource::Measure { measure, .. } => measure.to_string(),
                _ => "amount".to_owned(),
            };
            let classes = column.source.columns().into_iter().map(|source| pipeline.tables[source.table].columns[source.column].class);
            let mut refused_classes = classes.filter(|class| !matches!(class, Class::Amount | Class::Plain | Class::Activity));
            refused_classes.next().map_or(Ok(()), |class| Err(refused(class, &treatment)))
        }
        SetSource::Constant(_) | SetSource::Count | SetSource::CountSubjects => Ok(()),
    }
}

fn is_key_part(pipeline: &Pipeline, table: TableIndex, column: ColumnIndex) -> bool {
    pipeline.tables[table].key.contains(&column)
        || pipeline.references.iter().any(|reference| reference.from == table && reference.columns.contains(&column))
}

pub(super) fn end_of(pipeline: &Pipeline, set: &Set, path: &[ReferenceIndex]) -> TableIndex {
    path.last().map_or(set.base, |step| pipeline.references[*step].to)
}

/// The store's columns behind a column of a set, each once.
pub(super) fn sources(pipeline: &Pipeline, column: &SetColumn) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for SourceColumn { path, table, column } in column.source.columns() {
        let table = &pipeline.tables[table];
        let name = &table.catalog.columns[column].name;
        let source = Source {
            path: path_name(pipeline, path, name),
            column: format!("{}.{name}", table.name()),
            class: table.columns[column].class,
        };
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}

/// A column in the dictionary. `shown` is how its cells were published, where the gate has had its say and it is no aggregate.
pub(super) fn entry(pipeline: &Pipeline, set: &Set, column: &SetColumn, shown: Option<(&Treatment, bool)>, data_type: &DataType) -> Entry {
    let (treatment, quasi_identifier) = match shown {
        // A constant is no value of the store's; where it counts for k it may still be hidden.
        Some((Treatment::Declared(..), quasi_identifier)) if matches!(column.source, SetSource::Constant(_)) => {
            (declared_treatment(set, &column.source), quasi_identifier)
        }
        Some((treatment, quasi_identifier)) => (treatment.describe(), quasi_identifier),
        None => (declared_treatment(set, &column.source), column.quasi_identifier),
    };
    let (amount, cast) = match &column.source {
        SetSource::Column { cast, .. } | SetSource::Constant(Constant { cast, .. }) => (None, *cast),
        SetSource::Amount(formula) | SetSource::Measure { of: formula, .. } => match &formula.term {
            Term::Column { cast, .. } => (None, *cast),
            _ => (Some(formula.text.clone()), None),
        },
        SetSource::Count | SetSource::CountSubjects => (None, None),
    };
    Entry {
        column: column.name.clone(),
        data_type: type_name(data_type),
        description: description(pipeline, column),
        sources: sources(pipeline, column),
        treatment,
        amount,
        cast: cast.map(|target| target.to_string()),
        nullable: is_nullable(pipeline, set, column, quasi_identifier),
        // In an anonymous set every column of its groups makes the cells in which people are counted.
        quasi_identifier: quasi_identifier || (shown.is_some() && set.release == Release::Anonymous),
    }
}

/// How a column is published, as declared.
fn declared_treatment(set: &Set, source: &SetSource) -> String {
    match source {
        SetSource::Column { generalise, .. } => Treatment::declared(generalise).describe(),
        SetSource::Amount(_) => "value".to_owned(),
        SetSource::Constant(_) => "constant".to_owned(),
        SetSource::Measure { measure: Measure::Sum, .. } => rounding::describe("sum", set.round_to),
        SetSource::Measure { measure, .. } => measure.to_string(),
        SetSource::Count => rounding::describe("count", set.rounding),
        SetSource::CountSubjects => rounding::describe("count of subjects", set.rounding),
    }
}

/// Whether a cell may be NULL: the store's may be, a path may lead nowhere, a date may be none that can be read, a value may have no band or be
/// unknown to the taxonomy, the gate may suppress it.
fn is_nullable(pipeline: &Pipeline, set: &Set, column: &SetColumn, quasi_identifier: bool) -> bool {
    use crate::store::ColumnType::{Date, Float, Timestamp};
    let of_store = column.source.columns().iter().any(|source| {
        let stored = &pipeline.tables[source.table].catalog.columns[source.column];
        stored.nullable || !source.path.is_empty() || matches!(stored.data_type, Date | Timestamp)
    });
    let of_treatment = match &column.source {
        SetSource::Column { table, columns, generalise, .. } => match generalise {
            Generalised::Taxonomy(..) | Generalised::AgeBand(_) | Generalised::AgeBounds(_) => true,
            Generalised::Band(_) | Generalised::Bounds(_) => {
                columns.iter().any(|column| pipeline.tables[*table].catalog.columns[*column].data_type == Float)
            }
            Generalised::Value | Generalised::Pseudonym { .. } | Generalised::Period(_) | Generalised::Prefix(_) => false,
        },
        SetSource::Measure { .. } => set.release == Release::Anonymous,
        _ => false,
    };
    of_store || of_treatment || quasi_identifier
}

/// What a column means: the set's own words, or those of the store's column. Those of an amount's first column would be wrong for it.
fn description(pipeline: &Pipeline, column: &SetColumn) -> String {
    if !column.description.is_empty() {
        return column.description.clone();
    }
    let is_one = match &column.source {
        SetSource::Amount(formula) | SetSource::Measure { of: formula, .. } => matches!(formula.term, Term::Column { .. }),
        _ => true,
    };
    let first = column.source.columns().into_iter().next().filter(|_| is_one);
    first.map(|source| pipeline.tables[source.table].columns[source.column].description.clone()).unwrap_or_default()
}

/// References and the column at their end, as one types them.
pub(super) fn path_name(pipeline: &Pipeline, path: &[ReferenceIndex], column: &str) -> String {
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
            // Of a taxonomy this is the hash of its file, of an amount its text.
            let how = match &column.source {
                SetSource::Column { generalise, cast, .. } => format!("{generalise:?} {cast:?}"),
                SetSource::Amount(formula) => format!("Amount {}", formula.text),
                SetSource::Constant(constant) => format!("{constant:?}"),
                SetSource::Measure { measure, of } => match &of.term {
                    Term::Column { cast, .. } => format!("{measure} {cast:?}"),
                    _ => format!("{measure} of {}", of.text),
                },
                SetSource::Count => "Count".to_owned(),
                SetSource::CountSubjects => "CountSubjects".to_owned(),
            };
            json!({
                "name": column.name,
                "sources": sources(pipeline, column),
                "how": how,
                "quasi_identifier": column.quasi_identifier,
                "description": description(pipeline, column),
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
        "partition": set.partition,
        "sort": set.sort,
        "after_forgetting": set.after_forgetting,
    });
    // Only where it is declared, so that other sets keep their hash.
    if set.rounding.is_some() || set.round_to.is_some() {
        definition["rounding"] = json!([set.rounding, set.round_to]);
    }
    if let Some(percent) = set.dominance {
        definition["dominance"] = json!(percent);
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
