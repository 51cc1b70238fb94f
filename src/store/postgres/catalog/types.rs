//! Which type a column's values take, and how they travel.
//!
//! | The server's type | In the catalog | Read as |
//! |---|---|---|
//! | `boolean` | Boolean | itself |
//! | `smallint`, `integer`, `bigint`, `oid` | Integer | itself |
//! | `real`, `double precision` | Float | itself |
//! | `numeric(p,s)` of at most 38 digits | Decimal(p, s) | itself |
//! | `numeric(p,-s)`, `numeric(p,s)` with s > p | Decimal(p+s, 0), Decimal(s, s) | itself: those hold every value exactly |
//! | `numeric` | Decimal(38, 20) | itself; 18 digits before the point and 20 after, since a division gives up to 20 |
//! | `numeric` of more than 38 digits | Text | `::text` |
//! | `money` | Decimal(19, n), n digits of the server's `lc_monetary` | `::numeric` |
//! | `text`, `varchar`, `name`, `citext` | Text | itself |
//! | `char(n)` | Text, without the padding | itself |
//! | `uuid`, `json`, `jsonb` | Text | itself |
//! | `bytea` | Blob | itself |
//! | `date` | Date | itself |
//! | `timestamp`, `timestamp with time zone` | Timestamp | itself |
//! | domains | as the type below | as the type below |
//! | everything else: enumerations, arrays, ranges, `interval`, `xml`, `inet`, `hstore` … | Text | `::text` |
//!
//! Only what has no text at all, the server's pseudo-types, is not supported; no table can have a column of one.

use std::collections::BTreeMap;

use crate::store::ColumnType;
use crate::store::postgres::copy::Wire;

/// Digits of a decimal that Arrow holds in 128 bits.
const DIGITS: u8 = 38;
/// Digits after the point of a `numeric` without precision.
const UNBOUNDED_SCALE: u8 = 20;
/// Digits of the largest `money`, 9223372036854775807 of the smallest unit.
const MONEY_DIGITS: u8 = 19;
/// Longest `name` in bytes.
const NAME_LENGTH: usize = 63;
/// What the modifier of a type counts on top of a length.
const MODIFIER_HEADER: i32 = 4;

/// A type as the server describes it.
#[derive(Debug, Clone)]
pub(super) struct ServerType {
    pub schema: String,
    pub name: String,
    /// `b`ase, `d`omain, `e`numeration, `p`seudo-type …
    pub kind: char,
    /// The type below a domain, and its modifier there.
    pub base: u32,
    pub modifier: i32,
    pub not_null: bool,
    /// The type below a domain as SQL.
    pub base_name: Option<String>,
}

/// A type with what its domains add.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub data_type: ColumnType,
    pub wire: Wire,
    pub cast: Option<String>,
    pub max_length: Option<usize>,
    /// Whether comparing two of its texts ignores case.
    pub case_insensitive: bool,
    /// Whether the type itself refuses some texts.
    pub refuses_texts: bool,
    /// The domains on the way down, from the outermost.
    pub domains: Vec<u32>,
    /// Whether one of them is NOT NULL.
    pub not_null: bool,
    /// The type below the domains as SQL.
    pub base_name: Option<String>,
}

/// The types of a server, by object identifier: all domains, enumerations and types of the server's own that have a form of their own here.
#[derive(Debug, Default)]
pub(super) struct Types {
    pub by_oid: BTreeMap<u32, ServerType>,
    /// Digits after the point of `money`.
    pub money_scale: u8,
}

impl Types {
    /// How a column of a type and modifier is read.
    pub fn read(&self, oid: u32, modifier: i32) -> Reading {
        let (mut oid, mut modifier) = (oid, modifier);
        let (mut domains, mut not_null, mut base_name) = (Vec::new(), false, None);
        while let Some(domain) = self.by_oid.get(&oid).filter(|found| found.kind == 'd') {
            domains.push(oid);
            not_null |= domain.not_null;
            if modifier < 0 {
                modifier = domain.modifier;
            }
            base_name.clone_from(&domain.base_name);
            oid = domain.base;
        }
        Reading { domains, not_null, base_name, ..self.plain(oid, modifier) }
    }

    fn plain(&self, oid: u32, modifier: i32) -> Reading {
        let Some(found) = self.by_oid.get(&oid) else {
            return as_text();
        };
        if found.kind == 'p' {
            return Reading { data_type: ColumnType::Unsupported, ..as_text() };
        }
        if found.name == "citext" {
            return Reading { case_insensitive: true, ..native(ColumnType::Text, Wire::Text) };
        }
        if found.kind != 'b' || found.schema != "pg_catalog" {
            return as_text();
        }
        match found.name.as_str() {
            "bool" => native(ColumnType::Boolean, Wire::Boolean),
            "int2" => native(ColumnType::Integer, Wire::Int2),
            "int4" => native(ColumnType::Integer, Wire::Int4),
            "int8" => native(ColumnType::Integer, Wire::Int8),
            "oid" => native(ColumnType::Integer, Wire::Oid),
            "float4" => native(ColumnType::Float, Wire::Float4),
            "float8" => native(ColumnType::Float, Wire::Float8),
            "numeric" => numeric(modifier),
            "money" => Reading { cast: Some("numeric".into()), ..decimal(MONEY_DIGITS, self.money_scale) },
            "text" => native(ColumnType::Text, Wire::Text),
            "varchar" => Reading { max_length: length(modifier), ..native(ColumnType::Text, Wire::Text) },
            "bpchar" => Reading { max_length: length(modifier), ..native(ColumnType::Text, Wire::PaddedText) },
            "name" => Reading { max_length: Some(NAME_LENGTH), ..native(ColumnType::Text, Wire::Text) },
            // One byte, and its binary form is not text. It takes every text and keeps the first byte.
            "char" => Reading { max_length: Some(1), refuses_texts: false, ..as_text() },
            "json" => Reading { refuses_texts: true, ..native(ColumnType::Text, Wire::Text) },
            "jsonb" => Reading { refuses_texts: true, ..native(ColumnType::Text, Wire::Jsonb) },
            "uuid" => Reading { refuses_texts: true, ..native(ColumnType::Text, Wire::Uuid) },
            "bytea" => native(ColumnType::Blob, Wire::Bytes),
            "date" => native(ColumnType::Date, Wire::Date),
            "timestamp" => native(ColumnType::Timestamp, Wire::Timestamp),
            "timestamptz" => native(ColumnType::Timestamp, Wire::TimestampTz),
            _ => as_text(),
        }
    }
}

fn native(data_type: ColumnType, wire: Wire) -> Reading {
    Reading {
        data_type,
        wire,
        cast: None,
        max_length: None,
        case_insensitive: false,
        refuses_texts: false,
        domains: Vec::new(),
        not_null: false,
        base_name: None,
    }
}

fn as_text() -> Reading {
    Reading { cast: Some("text".into()), refuses_texts: true, ..native(ColumnType::Text, Wire::Text) }
}

fn length(modifier: i32) -> Option<usize> {
    modifier.checked_sub(MODIFIER_HEADER).and_then(|length| usize::try_from(length).ok())
}

fn decimal(precision: u8, scale: u8) -> Reading {
    match i8::try_from(scale) {
        Ok(scale) => native(ColumnType::Decimal { precision, scale }, Wire::Numeric { precision, scale }),
        Err(_) => as_text(),
    }
}

/// A decimal that holds every value of `numeric` with this modifier.
///
/// Source: `numeric_typmod_precision` and `numeric_typmod_scale` of the server: the precision stands in the upper 16 bits, and below it the
/// scale as a signed number of 11 bits.
fn numeric(modifier: i32) -> Reading {
    let Some(packed) = modifier.checked_sub(MODIFIER_HEADER).filter(|packed| *packed >= 0) else {
        // Not even a Decimal of 38 digits can hold every value; one that does not fit is an error that names its row.
        return decimal(DIGITS, UNBOUNDED_SCALE);
    };
    let precision = i64::from((packed >> 16) & 0xffff);
    let scale = i64::from(((packed & 0x7ff) ^ 1024) - 1024);
    let digits = precision.max(scale).max(precision - scale);
    match (u8::try_from(digits), u8::try_from(scale.max(0))) {
        (Ok(digits), Ok(scale)) if digits <= DIGITS => decimal(digits, scale),
        _ => as_text(),
    }
}
