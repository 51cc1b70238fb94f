//! Paths inside JSON documents and their classes, as typed.

use schemars::JsonSchema;
use serde::Deserialize;

use super::column::class_or_settings;
use super::{Class, RawForget, RawScrub, RawScrubbing, Scalar};

/// The class of a path inside a document, with its settings.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPathSettings {
    /// What stands at the path.
    pub class: Class,
    /// What happens to it when its row's time has come; by default it becomes `null`, and free text in rows that stay is scrubbed. A value
    /// of another type than the treatment takes becomes `null` as a whole.
    pub forget: Option<RawForget>,
    /// The value that takes its place, where the general placeholder does not fit.
    pub placeholder: Option<Scalar>,
    /// With `forget = "prefix"`: how many characters stay.
    pub length: Option<usize>,
    /// Where the text is scrubbed: what takes the place of personal data; as the column says where left out.
    pub scrub: Option<RawScrub>,
    /// Where the text is scrubbed: which kinds of personal data are replaced; as the column says where left out.
    pub scrub_kinds: Option<Vec<String>>,
    /// Where the text is scrubbed: how likely a finding must be to be replaced; as the column says where left out.
    pub min_confidence: Option<f64>,
    /// What it means, for the reader of this file.
    pub description: Option<String>,
}

impl From<Class> for RawPathSettings {
    fn from(class: Class) -> Self {
        Self {
            class,
            forget: None,
            placeholder: None,
            length: None,
            scrub: None,
            scrub_kinds: None,
            min_confidence: None,
            description: None,
        }
    }
}

impl RawPathSettings {
    /// What it says of scrubbing.
    pub fn scrubbing(&self) -> RawScrubbing {
        RawScrubbing { scrub: self.scrub, kinds: self.scrub_kinds.clone(), min_confidence: self.min_confidence }
    }
}

/// The class of a path, however it was written: `"email"` or `{ class = "email", forget = "remove" }`.
#[derive(Debug, Clone)]
pub struct RawPath(pub RawPathSettings);

impl<'de> Deserialize<'de> for RawPath {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        class_or_settings(deserializer).map(Self)
    }
}

impl JsonSchema for RawPath {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Path".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let class = generator.subschema_for::<Class>();
        let settings = generator.subschema_for::<RawPathSettings>();
        schemars::json_schema!({
            "description": "What stands at the path: a class, or a table with the class and its settings.",
            "anyOf": [class, settings],
        })
    }
}
