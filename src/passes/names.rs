//! The names of a tenant's people, for texts that may speak of any of them: whoever is a customer or an employee is found in anybody's note.
//!
//! They come from the columns of class `name`, as the plan's own view holds them, and stay in memory as fingerprints under a key of the
//! tenant's ([`Dictionary`]). What was replaced on an earlier night is nobody's name: placeholders, and whatever holds a digit, stay out, and
//! so do rows that are no natural persons. A run makes them once, before anything is treated, so that the plan and the write-back of one run
//! read every text alike.

use std::sync::Arc;

use arrow::array::AsArray;

use super::{TenantKeys, join_pieces};
use crate::decide::days::DecideError;
use crate::decide::people::natural_persons;
use crate::detect::dictionary::{BYTES_PER_ENTRY, Builder, Dictionary};
use crate::pipeline::*;
use crate::snapshot::State;

mod layout;

use layout::{Cells, Layout, NameColumn};

/// The names of each tenant's people.
#[derive(Debug, Clone, Default)]
pub struct Names {
    tenants: Vec<Option<Arc<Dictionary>>>,
}

impl Names {
    /// Of a run: of nobody where no treatment replaces names in texts.
    ///
    /// # Errors
    /// [`DecideError`] where it can not be told who is a natural person.
    pub fn for_treatments(pipeline: &Pipeline, state: &State, tenants: &[Tenant], keys: &[TenantKeys]) -> Result<Self, DecideError> {
        let scrubs = |table: &ScopedTable| table.columns.iter().any(|column| column.treatment.scrubs_names());
        match pipeline.tables.iter().any(|table| table.out_of_scope.is_none() && scrubs(table)) {
            true => Self::of_everybody(pipeline, state, tenants, keys),
            false => Ok(Self::default()),
        }
    }

    /// Of everybody whom the tables in scope name, within what `[run] names_megabytes` allows each tenant.
    ///
    /// # Errors
    /// As [`for_treatments`](Self::for_treatments).
    pub fn of_everybody(pipeline: &Pipeline, state: &State, tenants: &[Tenant], keys: &[TenantKeys]) -> Result<Self, DecideError> {
        let bytes = usize::try_from(pipeline.run.names_megabytes).unwrap_or(usize::MAX).saturating_mul(1 << 20);
        if bytes == 0 {
            return Ok(Self::default());
        }
        let sources = sources(pipeline, state, tenants)?;
        let made = (0..tenants.len()).zip(keys).map(|(tenant, keys)| dictionary(&sources, tenant, keys, bytes));
        Ok(Self { tenants: made.collect() })
    }

    /// Those of one tenant, where there are any.
    pub fn of(&self, tenant: usize) -> Option<&Arc<Dictionary>> {
        self.tenants.get(tenant)?.as_ref()
    }

    /// Whether nobody's are known.
    pub fn is_empty(&self) -> bool {
        self.tenants.iter().all(Option::is_none)
    }
}

/// A table that names people: how, and which of its rows do, by tenant.
struct Source<'a> {
    layout: Layout<'a>,
    rows: Vec<Vec<u32>>,
}

fn sources<'a>(pipeline: &'a Pipeline, state: &'a State, tenants: &[Tenant]) -> Result<Vec<Source<'a>>, DecideError> {
    let mut sources = Vec::new();
    for (index, scoped) in pipeline.tables.iter().enumerate().filter(|(_, scoped)| scoped.out_of_scope.is_none()) {
        let table = &state.tables[index];
        let column = |column: ColumnIndex| {
            let (settings, cells) = (&scoped.columns[column], table.columns[column].as_ref()?);
            let constant = match &settings.treatment {
                Treatment::Constant(Scalar::Text(text)) => Some(text.as_str()),
                _ => None,
            };
            let texts = cells.as_string_opt::<i32>().filter(|_| settings.class == Class::Name)?;
            Some(NameColumn { name: &scoped.catalog.columns[column].name, texts, constant })
        };
        let layout = Layout::of((0..scoped.columns.len()).filter_map(column), &pipeline.controller.placeholder);
        if layout.is_empty() {
            continue;
        }
        let natural = match scoped.category {
            Some(category) => natural_persons(pipeline, state, tenants, &pipeline.categories[category])?,
            None => vec![true; table.rows],
        };
        let mut rows = vec![Vec::new(); tenants.len()];
        for row in (0..table.rows as u32).filter(|row| natural[*row as usize]) {
            if let Some(rows) = rows.get_mut(usize::from(table.tenants[row as usize])) {
                rows.push(row);
            }
        }
        sources.push(Source { layout, rows });
    }
    Ok(sources)
}

/// A tenant's dictionary of at most so many bytes; the rarest names are dropped where it has more.
fn dictionary(sources: &[Source<'_>], tenant: usize, keys: &TenantKeys, bytes: usize) -> Option<Arc<Dictionary>> {
    let key = *keys.names.token(&[b"names"]).as_bytes();
    // The dictionary's index takes another byte per entry.
    let builder = || Dictionary::builder(bytes / (BYTES_PER_ENTRY + 1) * BYTES_PER_ENTRY, key);
    let mut whole = builder();
    for Source { layout, rows } in sources {
        let of_piece = |rows: &[u32]| {
            let mut piece = builder();
            add(layout, rows, &mut piece);
            piece
        };
        let joined = |mut one: Builder, other: Builder| {
            one.merge(other);
            one
        };
        if let Some(piece) = join_pieces(&rows[tenant], of_piece, joined) {
            whole.merge(piece);
        }
    }
    if !whole.has_room() {
        // What is dropped while names are still added depends on their order: one that does not depend on how the rows were read.
        whole = builder();
        for Source { layout, rows } in sources {
            let mut rows = rows[tenant].clone();
            rows.sort_unstable_by(|one, other| layout.cells(*one).cmp(layout.cells(*other)));
            add(layout, &rows, &mut whole);
        }
    }
    let dictionary = whole.build();
    if dictionary.dropped() > 0 {
        tracing::warn!(tenant, dropped = dictionary.dropped(), "not all names of this tenant's people fit into `names_megabytes`");
    }
    (!dictionary.is_empty()).then(|| Arc::new(dictionary))
}

fn add(layout: &Layout<'_>, rows: &[u32], builder: &mut Builder) {
    let mut cells = Cells::default();
    for row in rows {
        layout.names(*row, &mut cells, |name| builder.add(name));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use arrow::array::StringArray;
    use proptest::prelude::*;

    use super::*;
    use crate::keys::Keyring;

    fn keys(tenant: &str) -> TenantKeys {
        TenantKeys::derive(&Keyring::generate(jiff::Timestamp::UNIX_EPOCH, [7; 40]), tenant).unwrap()
    }

    fn of(names: &[String], order: &[u32], bytes: usize) -> Option<Arc<Dictionary>> {
        let texts = StringArray::from_iter_values(names);
        let layout = Layout::of(std::iter::once(NameColumn { name: "name", texts: &texts, constant: None }), "XXX");
        dictionary(&[Source { layout, rows: vec![order.to_vec()] }], 0, &keys("north"), bytes)
    }

    /// Family names of letters alone, as many as one likes.
    fn family(number: usize) -> String {
        let letters: String = (0..4).map(|place| char::from(b'a' + (number / 26_usize.pow(place) % 26) as u8)).collect();
        format!("Qvarn{letters}")
    }

    #[test]
    fn a_dictionary_keeps_within_its_bound_and_drops_the_rarest() {
        // One family of each name but the first, which has fifty members; ten thousand fit nowhere near.
        let mut names: Vec<String> = (0..10_000).map(|number| format!("Astrid {}", family(number))).collect();
        names.extend((0..49).map(|_| format!("Astrid {}", family(0))));
        let order: Vec<u32> = (0..names.len() as u32).collect();
        let bytes = 13 * 500;
        let dictionary = of(&names, &order, bytes).unwrap();
        assert!(dictionary.len() * (BYTES_PER_ENTRY + 1) <= bytes && dictionary.len() > 400, "{}", dictionary.len());
        assert!(dictionary.dropped() > 15_000, "families and pairs: {}", dictionary.dropped());
        assert_eq!(dictionary.contains_part("Astrid").unwrap().bearers_log, 13);
        assert!(dictionary.contains_part(&family(0)).unwrap().bearers_at_least() >= 32 && dictionary.contains_pair("Astrid", &family(0)));
        assert_eq!(of(&names, &order, 13 * 100_000).unwrap().dropped(), 0);
        assert!(of(&names, &order, 12).is_none(), "nothing fits");
    }

    #[test]
    fn the_key_is_the_tenants_own() {
        let key = |tenant: &str| *keys(tenant).names.token(&[b"names"]).as_bytes();
        let all: BTreeSet<[u8; 16]> = ["north", "south", ""].map(key).into_iter().collect();
        assert_eq!((all.len(), key("north")), (3, key("north")));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(30) })]

        /// Also where more has to go than a builder holds: which names are dropped does not depend on how the store gives its rows.
        #[test]
        fn the_order_of_rows_changes_nothing(
            order in Just((0..3_000_u32).collect::<Vec<u32>>()).prop_shuffle(),
            entries in prop::sample::select(vec![40_usize, 900, 5_000, 100_000]),
        ) {
            let names: Vec<String> = (0..3_000).map(|number| format!("{} {}", family(number % 7), family(number / 2))).collect();
            let straight: Vec<u32> = (0..3_000).collect();
            let (one, other) = (of(&names, &straight, entries * 13).unwrap(), of(&names, &order, entries * 13).unwrap());
            prop_assert_eq!((one.len(), one.dropped()), (other.len(), other.dropped()));
            for number in 0..1_500 {
                let word = family(number);
                prop_assert_eq!(one.contains_part(&word), other.contains_part(&word));
            }
        }
    }
}
