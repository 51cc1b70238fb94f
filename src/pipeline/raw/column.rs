//! Column classes and their settings, as typed.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{RawPath, RawScrub, RawScrubbing, Scalar};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A key: identifies the row, published only as a pseudonym.
    Key,
    /// Points at another row.
    Reference,
    /// A person's name: a direct identifier.
    Name,
    /// An e-mail address: a direct identifier.
    Email,
    /// A telephone number: a direct identifier.
    Phone,
    /// A street or postal address: a direct identifier.
    Address,
    /// A national identity number, or a company number that may be one: a direct identifier.
    NationalId,
    /// A bank account, IBAN, bankgiro or card number: a direct identifier.
    BankAccount,
    /// Another direct identifier: user handle, IP address, vehicle plate, file name.
    Identifier,
    /// Identifies in combination: postcode, birth date, gender.
    QuasiIdentifier,
    /// Text written by people.
    FreeText,
    /// A special category or otherwise restricted: health, union, credit report.
    Sensitive,
    /// Money or quantity: never changes, totals are proved.
    Amount,
    /// A date of the subject's own activity: a retention clock.
    Activity,
    /// No personal data.
    Plain,
}

impl Class {
    /// Whether it holds personal data: something that identifies, alone or with others, or that people wrote.
    pub fn is_personal(self) -> bool {
        !matches!(self, Self::Key | Self::Reference | Self::Amount | Self::Activity | Self::Plain)
    }
}

/// What happens to a cell whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawForget {
    /// Stays as it is.
    Keep,
    /// Becomes NULL.
    Null,
    /// Becomes the placeholder, fitted to type, length and CHECK.
    Placeholder,
    /// Becomes a replacement derived from the row's key (for UNIQUE columns).
    Derived,
    /// Free text: personal data is replaced by its kind, the rest stays.
    Scrub,
    /// A date becomes 1 January of its year.
    Year,
    /// A date becomes the first day of its quarter.
    Quarter,
    /// A date becomes the first day of its month.
    Month,
    /// The first `length` characters stay.
    Prefix,
    /// Inside JSON documents: the value goes with its key, or out of its list.
    Remove,
}

/// What a column holds that its declared type does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RawHolds {
    /// Dates: `YYYY-MM-DD`.
    Date,
    /// Instants: `YYYY-MM-DD HH:MM:SS`, or seconds since 1970.
    Timestamp,
}

/// A column's class with its settings.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawColumnSettings {
    /// What the column holds.
    pub class: Class,
    /// The column holds dates or times although it is declared as text or a number (times as seconds since 1970).
    #[serde(rename = "type")]
    pub holds: Option<RawHolds>,
    /// What happens to the cell when its time has come; the class's default where left out.
    pub forget: Option<RawForget>,
    /// The placeholder of this column, where the general one does not fit.
    pub placeholder: Option<Scalar>,
    /// With `forget = "prefix"`: how many characters stay.
    pub length: Option<usize>,
    /// Whose data it is, where the row leads to more than one category: a path of references (`seller`).
    pub of: Option<String>,
    /// Where the text is scrubbed: what takes the place of personal data; its kind where left out.
    pub scrub: Option<RawScrub>,
    /// Where the text is scrubbed: which kinds of personal data are replaced (`name`, `phone`, `email` …); all where left out. What the
    /// text says of the subject itself is always replaced.
    pub scrub_kinds: Option<Vec<String>>,
    /// Where the text is scrubbed: how likely a finding must be to be replaced, from 0 to 1; 0.5 where left out.
    pub min_confidence: Option<f64>,
    /// What the column means, for the data dictionary.
    pub description: Option<String>,
    /// The column holds JSON documents (`json`, `jsonb`, or text): path → class of what stands there, for example
    /// `{ "customer.email" = "email", "lines[*].note" = "free_text" }`. `[*]` is every element of a list, `*` every key of an object, and
    /// a key with a full stop stands in quotation marks of its own: `'"first.name".given'`. When the row's time has come, each value is
    /// treated by its class; the rest of the document stays as it is (class `plain`), or has its texts scrubbed (class `free_text`).
    #[serde(default)]
    pub paths: BTreeMap<String, RawPath>,
}

impl RawColumnSettings {
    /// The settings of a column with nothing but its class.
    pub fn of_class(class: Class) -> Self {
        Self {
            class,
            holds: None,
            forget: None,
            placeholder: None,
            length: None,
            of: None,
            scrub: None,
            scrub_kinds: None,
            min_confidence: None,
            description: None,
            paths: BTreeMap::new(),
        }
    }

    /// What it says of scrubbing.
    pub fn scrubbing(&self) -> RawScrubbing {
        RawScrubbing { scrub: self.scrub, kinds: self.scrub_kinds.clone(), min_confidence: self.min_confidence }
    }
}

impl From<Class> for RawColumnSettings {
    fn from(class: Class) -> Self {
        Self::of_class(class)
    }
}

/// A column's class with its settings, however it was written: `"email"` or `{ class = "email", forget = "derived" }`.
#[derive(Debug, Clone)]
pub struct RawColumn(pub RawColumnSettings);

impl<'de> Deserialize<'de> for RawColumn {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        class_or_settings(deserializer).map(Self)
    }
}

/// Settings that may be written as their class alone.
pub(super) fn class_or_settings<'de, D, S>(deserializer: D) -> Result<S, D::Error>
where
    D: serde::Deserializer<'de>,
    S: Deserialize<'de> + From<Class>,
{
    struct Either<S>(PhantomData<S>);
    impl<'de, S: Deserialize<'de> + From<Class>> serde::de::Visitor<'de> for Either<S> {
        type Value = S;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("a class such as \"email\", or a table with `class` and its settings")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<S, E> {
            Class::deserialize(serde::de::value::StrDeserializer::new(text)).map(S::from)
        }

        fn visit_map<M: serde::de::MapAccess<'de>>(self, map: M) -> Result<S, M::Error> {
            S::deserialize(serde::de::value::MapAccessDeserializer::new(map))
        }
    }
    deserializer.deserialize_any(Either(PhantomData))
}

impl JsonSchema for RawColumn {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Column".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let class = generator.subschema_for::<Class>();
        let settings = generator.subschema_for::<RawColumnSettings>();
        schemars::json_schema!({
            "description": "What the column holds: a class, or a table with the class and its settings.",
            "anyOf": [class, settings],
        })
    }
}
