//! Where the keyring comes from, as typed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file, or a table that names a variable or a command.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum RawKeyring {
    /// A file, relative to the pipeline file.
    File(String),
    /// Something else.
    Table(RawKeyringTable),
}

/// Where a keyring comes from that is not a file. Exactly one of its keys is given.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawKeyringTable {
    /// The environment variable that holds the text of the keyring.
    pub env: Option<String>,
    /// The program and its arguments, whose output is the text of the keyring. It is started directly, without a shell, in this file's folder;
    /// it gets no input, and a minute.
    pub command: Option<Vec<String>>,
}

impl Default for RawKeyring {
    fn default() -> Self {
        Self::File("keys/keyring.json".into())
    }
}

impl<'de> Deserialize<'de> for RawKeyring {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> serde::de::Visitor<'de> for Either {
            type Value = RawKeyring;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a file such as \"keys/keyring.json\", or a table with `env` or `command`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<RawKeyring, E> {
                Ok(RawKeyring::File(text.to_owned()))
            }

            fn visit_map<M: serde::de::MapAccess<'de>>(self, map: M) -> Result<RawKeyring, M::Error> {
                RawKeyringTable::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(RawKeyring::Table)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for RawKeyring {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Keyring".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let table = generator.subschema_for::<RawKeyringTable>();
        schemars::json_schema!({
            "description": "Where the keyring comes from: a file, or a table that names a variable or a command.",
            "anyOf": [{ "type": "string" }, table],
        })
    }
}
