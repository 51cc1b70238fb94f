//! A small store for this folder's tests: customers, their orders, the orders' lines and a product list. Everybody is made up.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Int64Array, RecordBatch, StringArray, UInt32Array,
};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use crate::decide::clocks::{FiscalCalendar, Period, day_of_date};
use crate::detect::Country;
use crate::kernels::cast::to_text;
use crate::keys::{DerivedKey, Keyring, Purpose};
use crate::pipeline::raw::{RawBrake, RawRun};
use crate::pipeline::{
    AfterForgetting, Category, Class, ColumnIndex, Controller, DeleteRule, Formula, Generalised, Measure, Pipeline, PseudonymFormat,
    Reference, ReferenceIndex, ReferenceKind, Release, ScopedColumn, ScopedTable, Set, SetColumn, SetSource, SmallGroups, TableIndex,
    Tenant, Term, Treatment,
};
use crate::publish::{Gated, PublishError, RunFacts, Staged, Staging, Switch, compute, pass, stage, switch};
use crate::snapshot::{State, TableState};
use crate::store::{Column, ColumnType, Table};

pub(super) const CUSTOMER: TableIndex = 0;
pub(super) const ORDER: TableIndex = 1;
pub(super) const LINE: TableIndex = 2;
pub(super) const PRODUCT: TableIndex = 3;

/// From an order to its customer.
pub(super) const TO_CUSTOMER: ReferenceIndex = 0;
/// From a line to its order.
pub(super) const TO_ORDER: ReferenceIndex = 1;
/// From a line to its product.
pub(super) const TO_PRODUCT: ReferenceIndex = 2;

/// Columns of the customer table.
pub(super) mod customer {
    pub const ID: usize = 0;
    pub const NAME: usize = 2;
    pub const POSTCODE: usize = 3;
    pub const BORN: usize = 4;
}

/// Columns of the order table.
pub(super) mod order {
    pub const ID: usize = 0;
    pub const CUSTOMER: usize = 2;
    pub const DAY: usize = 3;
    pub const TOTAL: usize = 4;
    pub const NOTE: usize = 5;
}

/// Columns of the line table.
pub(super) mod line {
    pub const QUANTITY: usize = 3;
}

/// Columns of the product table, which all tenants share.
pub(super) mod product {
    pub const GROUP: usize = 1;
}

fn table(name: &str, columns: &[(&str, ColumnType, Class)], tenant: Option<ColumnIndex>, category: Option<usize>) -> ScopedTable {
    ScopedTable {
        catalog: Table {
            name: name.to_owned(),
            columns: columns
                .iter()
                .map(|(name, data_type, _)| Column {
                    name: (*name).to_owned(),
                    declared: String::new(),
                    data_type: *data_type,
                    nullable: true,
                    max_length: None,
                    generated: false,
                    fixed: None,
                    case_insensitive: false,
                })
                .collect(),
            primary_key: vec![0],
            unique: Vec::new(),
            partial_unique: Vec::new(),
            equal_nulls: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            has_row_number: true,
            reacts: false,
        },
        out_of_scope: None,
        columns: columns
            .iter()
            .map(|(name, _, class)| ScopedColumn {
                class: *class,
                treatment: Treatment::Keep,
                owners: Vec::new(),
                description: format!("the {name} as the store has it"),
                paths: Vec::new(),
            })
            .collect(),
        tenant,
        category,
        leads: Vec::new(),
        key: vec![0],
    }
}

fn reference(name: &str, from: TableIndex, column: ColumnIndex, to: TableIndex) -> Reference {
    Reference {
        name: name.to_owned(),
        from,
        columns: vec![column],
        to,
        to_columns: vec![0],
        kind: ReferenceKind::Linked,
        declared: true,
        nullable: true,
        placeholder_row: None,
        when: Vec::new(),
        prefix: None,
    }
}

/// The pipeline of the shop.
pub(super) fn pipeline() -> Pipeline {
    use ColumnType::{Date as Day, Integer, Text};
    let money = ColumnType::Decimal { precision: 12, scale: 2 };
    Pipeline {
        file_hash: "f".repeat(64),
        lock_hash: "1".repeat(64),
        schema_hash: "5".repeat(64),
        controller: Controller {
            name: "Shop".to_owned(),
            country: Country::SE,
            time_zone: TimeZone::UTC,
            fiscal: FiscalCalendar::calendar_years(),
            timestamps: TimeZone::UTC,
            placeholder: "XXX".to_owned(),
        },
        tenants: None,
        fiscal_years: None,
        brake: RawBrake::default(),
        run: RawRun::default(),
        approval: crate::pipeline::Approval::default(),
        tables: vec![
            table(
                "customer",
                &[
                    ("id", Integer, Class::Key),
                    ("tenant", Integer, Class::Plain),
                    ("name", Text, Class::Name),
                    ("postcode", Text, Class::QuasiIdentifier),
                    ("born", Day, Class::QuasiIdentifier),
                    ("kind", Text, Class::Plain),
                ],
                Some(1),
                Some(0),
            ),
            table(
                "sales_order",
                &[
                    ("id", Integer, Class::Key),
                    ("tenant", Integer, Class::Plain),
                    ("customer_id", Integer, Class::Reference),
                    ("day", Day, Class::Activity),
                    ("total", money, Class::Amount),
                    ("note", Text, Class::FreeText),
                ],
                Some(1),
                None,
            ),
            table(
                "order_line",
                &[
                    ("order_id", Integer, Class::Reference),
                    ("tenant", Integer, Class::Plain),
                    ("product_id", Integer, Class::Reference),
                    ("quantity", Integer, Class::Amount),
                ],
                Some(1),
                None,
            ),
            table("product", &[("id", Integer, Class::Plain), ("group", Text, Class::Plain)], None, None),
        ],
        references: vec![
            reference("customer", ORDER, order::CUSTOMER, CUSTOMER),
            reference("sales_order", LINE, 0, ORDER),
            reference("product", LINE, 2, PRODUCT),
        ],
        categories: vec![Category {
            name: "customer".to_owned(),
            description: String::new(),
            table: CUSTOMER,
            person_when: None,
            company_number: None,
            retention: Vec::new(),
            purposes: Vec::new(),
            suppressions: Vec::new(),
            holds: Vec::new(),
            restrictions: Vec::new(),
            blocks: Vec::new(),
            delete: DeleteRule::Unlinked,
        }],
        records: Vec::new(),
        duties: Vec::new(),
        same_person: Vec::new(),
        copied_into: Vec::new(),
        copied_elsewhere: false,
        sets: Vec::new(),
    }
}

/// A customer: tenant, postcode, birth date.
pub(super) type Customer = (u16, Option<&'static str>, Option<Date>);
/// An order: tenant, customer's row, day, total in hundredths.
pub(super) type Order = (u16, Option<u32>, Option<Date>, Option<i128>);
/// A line: tenant, order's row, product's row, quantity.
pub(super) type Line = (u16, Option<u32>, Option<u32>, Option<i64>);

/// The state of a shop. Keys are 1,000 and the row's number, so that no key is a row.
pub(super) fn state(customers: &[Customer], orders: &[Order], lines: &[Line], products: &[&str]) -> State {
    let array = |values: Arc<dyn Array>| Some(values as ArrayRef);
    let keys = |rows: usize| array(Arc::new((0..rows as i64).map(|row| 1000 + row).collect::<Int64Array>()));
    let pointers =
        |rows: Vec<Option<u32>>| array(Arc::new(rows.into_iter().map(|row| row.map(|row| 1000 + i64::from(row))).collect::<Int64Array>()));
    let tenant_cells = |tenants: &[u16]| array(Arc::new(tenants.iter().map(|tenant| i64::from(*tenant)).collect::<Int64Array>()));
    let days = |days: Vec<Option<Date>>| array(Arc::new(days.into_iter().map(|day| day.map(day_of_date)).collect::<Date32Array>()));
    let filled = |rows: usize, text: &str| array(Arc::new(StringArray::from(vec![text; rows])));
    let of_table =
        |columns: Vec<Option<ArrayRef>>, tenants: Vec<u16>| TableState { rows: tenants.len(), columns, tenants, ..TableState::nothing(0) };
    let customer_tenants: Vec<u16> = customers.iter().map(|customer| customer.0).collect();
    let order_tenants: Vec<u16> = orders.iter().map(|order| order.0).collect();
    let line_tenants: Vec<u16> = lines.iter().map(|line| line.0).collect();
    let totals = orders.iter().map(|order| order.3).collect::<Decimal128Array>().with_precision_and_scale(12, 2).unwrap();
    State {
        tables: vec![
            of_table(
                vec![
                    keys(customers.len()),
                    tenant_cells(&customer_tenants),
                    filled(customers.len(), "Made-up Name"),
                    array(Arc::new(customers.iter().map(|customer| customer.1).collect::<StringArray>())),
                    days(customers.iter().map(|customer| customer.2).collect()),
                    filled(customers.len(), "private"),
                ],
                customer_tenants,
            ),
            of_table(
                vec![
                    keys(orders.len()),
                    tenant_cells(&order_tenants),
                    pointers(orders.iter().map(|order| order.1).collect()),
                    days(orders.iter().map(|order| order.2).collect()),
                    array(Arc::new(totals)),
                    filled(orders.len(), "a note"),
                ],
                order_tenants,
            ),
            of_table(
                vec![
                    pointers(lines.iter().map(|line| line.1).collect()),
                    tenant_cells(&line_tenants),
                    pointers(lines.iter().map(|line| line.2).collect()),
                    array(Arc::new(lines.iter().map(|line| line.3).collect::<Int64Array>())),
                ],
                line_tenants,
            ),
            of_table(vec![keys(products.len()), array(Arc::new(StringArray::from(products.to_vec())))], vec![u16::MAX; products.len()]),
        ],
        parents: vec![
            orders.iter().map(|order| order.1).collect::<UInt32Array>(),
            lines.iter().map(|line| line.1).collect(),
            lines.iter().map(|line| line.2).collect(),
        ],
    }
}

/// A flag per row, for [`TableState::present`] and [`TableState::publishable`].
pub(super) fn flags(flags: &[bool]) -> Option<BooleanArray> {
    Some(BooleanArray::from(flags.to_vec()))
}

/// A set without columns whose subjects are at the end of `subject`.
pub(super) fn set(base: TableIndex, release: Release, subject: Option<Vec<ReferenceIndex>>) -> Set {
    Set {
        name: "sales".to_owned(),
        description: "What was sold".to_owned(),
        base,
        release,
        purpose: "analytics".to_owned(),
        subject: subject.map(|path| (path, 0)),
        filter: Vec::new(),
        columns: Vec::new(),
        aggregates: false,
        k: 3,
        small_groups: SmallGroups::Suppress,
        closed: None,
        partition: None,
        sort: Vec::new(),
        after_forgetting: AfterForgetting::KeepPseudonym,
        rounding: None,
        round_to: None,
        dominance: None,
        keep_versions: 1,
        keep_age: None,
        reader_grace: Period::new(0, 0, 7).unwrap(),
    }
}

/// A column along references.
pub(super) fn column(name: &str, path: &[ReferenceIndex], table: TableIndex, at: ColumnIndex, generalise: Generalised) -> SetColumn {
    SetColumn {
        name: name.to_owned(),
        source: SetSource::Column { path: path.to_vec(), table, columns: vec![at], cast: None, generalise },
        quasi_identifier: false,
        description: String::new(),
    }
}

/// An aggregate.
pub(super) fn measure(name: &str, source: SetSource) -> SetColumn {
    SetColumn { name: name.to_owned(), source, quasi_identifier: false, description: String::new() }
}

/// The sum of a column of a base.
pub(super) fn sum(base: TableIndex, at: ColumnIndex) -> SetSource {
    measured(Measure::Sum, base, at)
}

/// An aggregate of a column of a base.
pub(super) fn measured(measure: Measure, base: TableIndex, at: ColumnIndex) -> SetSource {
    let term = Term::Column { path: Vec::new(), table: base, column: at, cast: None };
    SetSource::Measure { measure, of: Formula { text: String::new(), term } }
}

/// The pseudonym of a customer's key, wherever it stands.
pub(super) fn pseudonym() -> Generalised {
    Generalised::Pseudonym { domain: "customer".to_owned(), format: PseudonymFormat::Hex }
}

/// A tenant on 2026-11-22.
pub(super) fn tenant(name: &str) -> Tenant {
    Tenant {
        name: name.to_owned(),
        country: Country::SE,
        time_zone: TimeZone::UTC,
        fiscal: FiscalCalendar::calendar_years(),
        as_of: date(2026, 11, 22),
        keep: Vec::new(),
    }
}

/// A tenant's pseudonym key.
pub(super) fn key(tenant: &str) -> DerivedKey {
    let keyring = Keyring::generate(Timestamp::UNIX_EPOCH, [7; 40]);
    keyring.derive(tenant, Purpose::Pseudonym("analytics".to_owned()), 1).unwrap()
}

/// A batch as lines of text, cells between bars, NULL as nothing.
pub(super) fn lines_of(batch: &RecordBatch) -> Vec<String> {
    let columns: Vec<StringArray> = batch.columns().iter().map(|values| to_text(values).unwrap()).collect();
    (0..batch.num_rows())
        .map(|row| {
            let cells: Vec<&str> = columns.iter().map(|cells| if cells.is_valid(row) { cells.value(row) } else { "" }).collect();
            cells.join("|")
        })
        .collect()
}

/// A column of texts.
pub(super) fn texts<'a>(batch: &'a RecordBatch, name: &str) -> Vec<Option<&'a str>> {
    batch.column_by_name(name).unwrap().as_string::<i32>().iter().collect()
}

/// Orders per postcode area with a pseudonym of the buyer, of a shop of six customers who bought for `amount` hundredths each,
/// through the gate.
pub(super) fn gated(set: &Set, amount: i128) -> Gated {
    let customers: Vec<Customer> =
        ["211 11", "21222", "21333", "22111", "22222", "22333"].iter().map(|place| (0, Some(*place), None)).collect();
    let orders: Vec<Order> = (0..6).map(|at| (0, Some(at), Some(date(2026, 5, 1)), Some(amount))).collect();
    let state = state(&customers, &orders, &[], &[]);
    let computed = compute(&pipeline(), set, &state, &tenant(""), 0, &key("")).unwrap();
    pass(&pipeline(), set, computed).unwrap()
}

/// The set that [`gated`] takes.
pub(super) fn orders_per_area() -> Set {
    let mut orders = set(ORDER, Release::Pseudonymised, Some(vec![TO_CUSTOMER]));
    orders.columns = vec![
        column("who", &[], ORDER, order::CUSTOMER, pseudonym()),
        column("area", &[TO_CUSTOMER], CUSTOMER, customer::POSTCODE, Generalised::Prefix(2)),
        column("total", &[], ORDER, order::TOTAL, Generalised::Value),
    ];
    orders
}

/// The facts of a run on a day of November 2026, at noon.
pub(super) fn facts(run_id: &str, day: i8) -> RunFacts {
    RunFacts { run_id: run_id.to_owned(), created: noon(day), keyring: "ring-1".to_owned(), key_epoch: 1 }
}

/// Noon of a day of November 2026.
pub(super) fn noon(day: i8) -> Timestamp {
    format!("2026-11-{day:02}T12:00:00Z").parse().unwrap()
}

/// Stages a version.
pub(super) fn stage_as(output: &Path, set: &Set, tenant: &Tenant, gated: &Gated, facts: &RunFacts) -> Result<Staged, PublishError> {
    let staging = Staging { output, resumes: None, facts, again: &|_| false, distrusts: false, random: &|| [7; 40] };
    stage(&staging, &pipeline(), set, tenant, gated)
}

/// Stages, verifies and switches a version of [`orders_per_area`] on a day of November 2026.
pub(super) fn publish(output: &Path, tenant_name: &str, run_id: &str, day: i8, amount: i128) -> Switch {
    let set = orders_per_area();
    let gated = gated(&set, amount);
    let mut staged = stage_as(output, &set, &tenant(tenant_name), &gated, &facts(run_id, day)).unwrap();
    staged.verify().unwrap();
    switch(staged, noon(day), false).unwrap()
}
