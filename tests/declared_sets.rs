//! What a set may declare, on a database of its own: a night's sets against a plain loop over the rows that were put in, and the sentence that
//! refuses each declaration that is wrong.

mod night;

use std::collections::{BTreeMap, BTreeSet};

use gallra::kernels::cast::to_text;
use gallra::publish::lineage;
use gallra::session::{Access, LockUse, Session};
use gallra::verify::uncastable::uncastable;
use night::{Night, Store};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

const TABLES: &str = "
    CREATE TABLE customer (id INTEGER PRIMARY KEY, name VARCHAR(40), born DATE, industry VARCHAR(8), joined DATE);
    CREATE TABLE product (id INTEGER PRIMARY KEY, weight DECIMAL(8,3), shelf_price DECIMAL(10,2));
    CREATE TABLE sale (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer (id), product_id INTEGER REFERENCES product (id),
        seen DATE NOT NULL, quantity INTEGER, price DECIMAL(12,2), size VARCHAR(12), share FLOAT, note TEXT);
    CREATE TABLE complaint (id INTEGER PRIMARY KEY, sale_id INTEGER NOT NULL REFERENCES sale (id), seen DATE);";

const CATEGORY: &str = "
    [category.customer]
    table = \"customer\"
    [[category.customer.retention]]
    name = \"inactivity\"
    clock = \"last_activity\"
    keep = \"20 years\"\n";

const CLASSES: &str = "
    [table.customer]
    id = \"key\"
    name = \"name\"
    born = \"quasi_identifier\"
    industry = \"quasi_identifier\"
    joined = \"activity\"
    [table.product]
    id = \"key\"
    weight = \"plain\"
    shelf_price = \"amount\"
    [table.sale]
    id = \"key\"
    customer_id = \"reference\"
    product_id = \"reference\"
    seen = \"activity\"
    quantity = \"amount\"
    price = \"amount\"
    size = \"plain\"
    share = \"plain\"
    note = \"free_text\"
    [table.complaint]
    id = \"key\"
    sale_id = \"reference\"
    seen = \"activity\"\n";

const INDUSTRIES: &str = "value,level1,level2\n62.01,Programming,IT\n62.02,Advice,IT\n47.11,Groceries,Trade\n47.30,Fuel,Trade\n";

/// A sale: customer, product, day of the year 2025, quantity, price in hundredths, size.
#[derive(Clone, Copy)]
struct Sale {
    customer: usize,
    product: Option<usize>,
    day: u32,
    quantity: Option<i64>,
    price: Option<i128>,
}

const CODES: [&str; 5] = ["62.01", "62.02", "47.11", "47.30", "99.99"];
const WEIGHTS: [i128; 3] = [1_250, -5, 100_000];

/// Sales as a small machine without chance makes them: NULLs, ties, negative amounts.
fn sales() -> Vec<Sale> {
    let mut state = 12_345_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    (0..400)
        .map(|_| Sale {
            customer: next(30) as usize,
            product: (next(10) > 0).then(|| next(3) as usize),
            day: next(300) as u32,
            quantity: (next(12) > 0).then(|| next(9) as i64 - 3),
            price: (next(15) > 0).then(|| i128::from(next(40)) * 25 - 300),
        })
        .collect()
}

fn day(of_year: u32) -> jiff::civil::Date {
    jiff::civil::date(2025, 1, 1).checked_add(jiff::Span::new().days(i64::from(of_year))).unwrap()
}

fn rows(sales: &[Sale]) -> String {
    let mut sql = String::new();
    for at in 0..30 {
        let code = CODES[at % CODES.len()];
        sql += &format!("INSERT INTO customer VALUES ({}, 'Kund {at}', '19{:02}-06-01', '{code}', '2024-01-01');\n", at + 1, 30 + 2 * at);
    }
    for (at, weight) in WEIGHTS.iter().enumerate() {
        sql += &format!("INSERT INTO product VALUES ({}, {}.{:03}, 9.90);\n", at + 1, weight / 1000, (weight % 1000).abs());
    }
    // A weight below zero and above -1 loses its sign in the division above.
    sql += "UPDATE product SET weight = -0.005 WHERE id = 2;\n";
    for (at, sale) in sales.iter().enumerate() {
        let text = |value: Option<String>| value.unwrap_or_else(|| "NULL".to_owned());
        let price = sale.price.map(|price| format!("{}{}.{:02}", if price < 0 { "-" } else { "" }, price.abs() / 100, price.abs() % 100));
        sql += &format!(
            "INSERT INTO sale VALUES ({}, {}, {}, '{}', {}, {}, '{}', 0.5, NULL);\n",
            at + 1,
            sale.customer + 1,
            text(sale.product.map(|product| (product + 1).to_string())),
            day(sale.day),
            text(sale.quantity.map(|quantity| quantity.to_string())),
            text(price),
            at % 7,
        );
    }
    sql
}

/// The rows of a published set, every cell as text and NULL as nothing, in order.
fn published(night: &Night, name: &str) -> Vec<Vec<String>> {
    let report = night.run();
    assert_eq!(report.exit_code, 0, "{:?} {:?}", report.notes, report.sets);
    let folder = report.sets.iter().find(|set| set.set == name).unwrap().folder.clone().unwrap();
    let mut found = Vec::new();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    for file in files.filter(|path| path.extension().is_some_and(|extension| extension == "parquet")) {
        let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(file).unwrap()).unwrap().build().unwrap();
        for batch in reader.map(Result::unwrap) {
            let columns: Vec<_> = batch.columns().iter().map(|column| to_text(column).unwrap()).collect();
            let cell = |column: &arrow::array::StringArray, row| column.iter().nth(row).flatten().unwrap_or_default().to_owned();
            found.extend((0..batch.num_rows()).map(|row| columns.iter().map(|column| cell(column, row)).collect::<Vec<_>>()));
        }
    }
    found.sort();
    found
}

fn night(sets: &str) -> Night {
    let night = Night::of_own(Store::Sqlite, TABLES, &rows(&sales()), &format!("{CATEGORY}{CLASSES}{sets}"));
    std::fs::write(night.folder.path().join("industry.csv"), INDUSTRIES).unwrap();
    night
}

/// A decimal as the texts have it: `unscaled` × 10^-scale without zeros at the end.
fn decimal(unscaled: i128, scale: usize) -> String {
    let digits = format!("{:0>width$}", unscaled.abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let fraction = fraction.trim_end_matches('0');
    let sign = if unscaled < 0 { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Half to even, by looking at both neighbours.
fn divided(total: i128, count: i128) -> i128 {
    let below = total.div_euclid(count);
    let (down, up) = (total - below * count, (below + 1) * count - total);
    if down < up || (down == up && below % 2 == 0) { below } else { below + 1 }
}

#[test]
fn aggregates_are_those_of_a_plain_loop() {
    let night = night(
        "[set.buyers]\nbase = \"sale\"\nrelease = \"pseudonymised\"\nsubject = \"customer\"\ncolumns = [
        { name = \"who\", path = \"customer_id\", as = \"pseudonym\", format = \"uuid\" },
        { name = \"paid\", sum = \"quantity * price\" },
        { name = \"weighed\", sum = \"quantity * product.weight - 1.5\" },
        { name = \"least\", min = \"price\" },
        { name = \"most\", max = \"price * (quantity + 1)\" },
        { name = \"mean\", mean = \"price\" },
        { name = \"mean_quantity\", mean = \"quantity\" },
        { name = \"median\", quantile = { of = \"price\", at = 0.5 } },
        { name = \"ninth\", quantile = { of = \"quantity\", at = 0.9 } },
        { name = \"first\", min = \"seen\" },
        { name = \"sales\", count = true },
        { name = \"tons\", max = \"product.weight\" },
    ]\n",
    );
    assert_eq!(night.problems(), "");
    let found: Vec<Vec<String>> = published(&night, "buyers").into_iter().map(|row| row[1..].to_vec()).collect();

    let mut expected = Vec::new();
    let all = sales();
    for customer in 0..30 {
        let own: Vec<&Sale> = all.iter().filter(|sale| sale.customer == customer).collect();
        let prices: Vec<i128> = own.iter().filter_map(|sale| sale.price).collect();
        let quantities: Vec<i128> = own.iter().filter_map(|sale| sale.quantity.map(i128::from)).collect();
        let both: Vec<(i128, i128)> = own.iter().filter_map(|sale| Some((sale.quantity?.into(), sale.price?))).collect();
        let weighed: Vec<i128> = own.iter().filter_map(|sale| Some(i128::from(sale.quantity?) * WEIGHTS[sale.product?] - 1500)).collect();
        let rank = |values: &[i128], tenths: usize| {
            let mut sorted = values.to_vec();
            sorted.sort();
            sorted.into_iter().enumerate().find(|(at, _)| (at + 1) * 10 >= tenths * values.len()).map(|(_, value)| value)
        };
        let sum = |values: &[i128], scale: usize| if values.is_empty() { String::new() } else { decimal(values.iter().sum(), scale) };
        let text = |value: Option<i128>, scale| value.map_or(String::new(), |value| decimal(value, scale));
        let paid: Vec<i128> = both.iter().map(|(quantity, price)| quantity * price).collect();
        let mean = |values: &[i128], scale: usize| {
            let mean = (!values.is_empty()).then(|| divided(values.iter().sum::<i128>() * 10_000, values.len() as i128));
            text(mean, scale + 4)
        };
        expected.push(vec![
            sum(&paid, 2),
            sum(&weighed, 3),
            text(prices.iter().min().copied(), 2),
            text(both.iter().map(|(quantity, price)| price * (quantity + 1)).max(), 2),
            mean(&prices, 2),
            mean(&quantities, 0),
            text(rank(&prices, 5), 2),
            text(rank(&quantities, 9), 0),
            day(own.iter().map(|sale| sale.day).min().unwrap()).to_string(),
            own.len().to_string(),
            text(own.iter().filter_map(|sale| Some(WEIGHTS[sale.product?])).max(), 3),
        ]);
    }
    expected.sort();
    let mut found = found;
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn rows_have_amounts_constants_casts_and_coarser_values() {
    let night = night(
        "[set.rows]\nbase = \"sale\"\nrelease = \"pseudonymised\"\nsubject = \"customer\"\nk = 2\nsmall_groups = \"refuse\"\ncolumns = [
        { name = \"week\", path = \"seen\", as = \"week\" },
        { name = \"field\", path = \"customer.industry\", as = \"taxonomy\", taxonomy = \"industry.csv\", level = 2 },
        { name = \"paid\", amount = \"quantity * price\" },
        { name = \"size\", path = \"size\", cast = \"integer\", as = \"band\", bounds = [2, 5] },
        { name = \"currency\", constant = \"SEK\" },
        { name = \"since\", constant = \"2025-01-01\", cast = \"date\" },
        { name = \"born\", path = \"customer.born\", as = \"age_band\", bounds = [50, 70] },
    ]\n",
    );
    assert_eq!(night.problems(), "");
    let found = published(&night, "rows");
    let mut expected = Vec::new();
    for (at, sale) in sales().iter().enumerate() {
        let seen = day(sale.day);
        let monday = (0..7)
            .map(|back| seen.checked_sub(jiff::Span::new().days(back)).unwrap())
            .find(|day| day.weekday() == jiff::civil::Weekday::Monday);
        let field = ["IT", "IT", "Trade", "Trade", ""][sale.customer % 5];
        let paid = sale.quantity.zip(sale.price).map_or(String::new(), |(quantity, price)| decimal(i128::from(quantity) * price, 2));
        let size = ["<2", "<2", "2-4", "2-4", "2-4", "≥5", "≥5"][at % 7];
        // On 2026-11-22, born on 1 June.
        let age = 2026 - (1930 + 2 * sale.customer);
        let born = match age {
            ..50 => "<50",
            50..70 => "50-69",
            70.. => "≥70",
        };
        expected.push(vec![monday.unwrap().to_string(), field.into(), paid, size.into(), "SEK".into(), "2025-01-01".into(), born.into()]);
    }
    expected.sort();
    assert_eq!(found, expected);

    let columns = night.with_world(|world| {
        let session = Session::open(&night.pipeline, Access::Read, LockUse::Compare, world).unwrap();
        lineage(&session.pipeline, &session.pipeline.sets[0]).columns
    });
    let paths: Vec<&str> = columns[2].sources.iter().map(|source| source.column.as_str()).collect();
    assert_eq!((paths, columns[1].treatment.as_str()), (vec!["sale.quantity", "sale.price"], "taxonomy level 2"));
    // Another taxonomy is another definition: the set gets a new version although its pipeline file and its data are the same.
    let before = definition(&night, "rows");
    std::fs::write(night.folder.path().join("industry.csv"), INDUSTRIES.replace("Trade", "Commerce")).unwrap();
    let after = published(&night, "rows");
    assert!(after.iter().any(|row| row[1] == "Commerce") && after.iter().all(|row| row[1] != "Trade"));
    assert_ne!(definition(&night, "rows"), before);
}

/// The hash of the definition of the latest version.
fn definition(night: &Night, name: &str) -> String {
    let folder = night.run().sets.iter().find(|set| set.set == name).unwrap().folder.clone().unwrap();
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(std::path::Path::new(&folder).join("_manifest.json")).unwrap()).unwrap();
    manifest["definition_sha256"].as_str().unwrap().to_owned()
}

#[test]
fn an_anonymous_quantile_has_people_on_either_side() {
    let sets = "[set.prices]\nbase = \"sale\"\nrelease = \"anonymous\"\nsubject = \"customer\"\nclosed = \"month\"\nk = 3\ncolumns = [
        { name = \"month\", path = \"seen\", as = \"month\" },
        { name = \"median\", quantile = { of = \"price\", at = 0.5 } },
        { name = \"high\", quantile = { of = \"price\", at = 0.97 } },
        { name = \"mean\", mean = \"price\" },
    ]\n";
    let refusing = night(&sets.replace("k = 3", "k = 3\nsmall_groups = \"refuse\""));
    assert_eq!(refusing.problems(), "");
    let reason = refusing.run().sets[0].reason.clone().unwrap_or_default();
    assert!(reason.contains("rests on fewer than 3 subjects, or a side of it does, in ") && reason.contains("`high`"), "{reason}");
    let night = night(sets);
    assert_eq!(night.problems(), "");
    let found = published(&night, "prices");
    let mut hidden = 0;
    let all = sales();
    let mut months: BTreeMap<String, Vec<&Sale>> = BTreeMap::new();
    all.iter().for_each(|sale| months.entry(day(sale.day).first_of_month().to_string()).or_default().push(sale));
    assert_eq!(found.len(), months.len());
    for (row, (month, own)) in found.iter().zip(months) {
        let mut prices: Vec<(i128, usize)> = own.iter().filter_map(|sale| Some((sale.price?, sale.customer))).collect();
        prices.sort();
        let mut at = |hundredths: usize| {
            let (value, _) = prices[(hundredths * prices.len()).div_ceil(100) - 1];
            let people = |side: &dyn Fn(i128) -> bool| {
                prices.iter().filter(|(price, _)| side(*price)).map(|(_, who)| *who).collect::<BTreeSet<_>>().len()
            };
            let safe = people(&|price| price <= value) >= 3 && people(&|price| price >= value) >= 3;
            hidden += usize::from(!safe);
            if safe { decimal(value, 2) } else { String::new() }
        };
        let (median, high) = (at(50), at(97));
        let mean = divided(prices.iter().map(|(price, _)| price).sum::<i128>() * 10_000, prices.len() as i128);
        assert_eq!(*row, vec![month, median, high, decimal(mean, 6)]);
    }
    assert!(hidden > 0 && hidden < 20, "the rule was not tried: {hidden}");
}

/// A cell that can not be cast stops the set and not the night; the error counts and never quotes.
#[test]
fn a_cell_that_can_not_be_cast_stops_its_set() {
    let night = Night::of_own(
        Store::Sqlite,
        TABLES,
        &format!("{} UPDATE sale SET size = 'Sigismunda' WHERE id IN (3, 4);", rows(&sales())),
        &format!(
            "{CATEGORY}{CLASSES}[set.rows]\nbase = \"sale\"\nrelease = \"pseudonymised\"\ncolumns = [{{ name = \"size\", path = \"size\", cast = \"integer\" }}]\n"
        ),
    );
    assert_eq!(night.problems(), "");
    let found = foreseen(&night);
    assert_eq!(
        found,
        ["`size` of the set `rows` casts `sale.size` to `integer`, which 2 of 400 cells can not be: a run would refuse the set"]
    );
    let report = night.run();
    assert_eq!(report.exit_code, 1);
    let set = &report.sets[0];
    assert_eq!(set.reason.as_deref().unwrap(), "2 cells of column `size` of set `rows` can not be cast to `integer`");
    assert!(set.hint.as_deref().unwrap().contains("leave such rows out with `where`"));
    assert!(report.notes.contains(&set.looks()[0].0), "{:?}", report.notes);
}

/// What `check` would say of the cells of sets.
fn foreseen(night: &Night) -> Vec<String> {
    night.with_world(|world| {
        let mut session = Session::open(&night.pipeline, Access::Read, LockUse::Compare, world).unwrap();
        let mut snapshot = session.store.snapshot().unwrap();
        uncastable(&session.pipeline, &mut *snapshot).unwrap().iter().map(ToString::to_string).collect()
    })
}

/// Rows that the set leaves out are not looked at where its conditions are on the rows themselves; elsewhere they may be other rows'.
#[test]
fn cells_that_refuse_a_set_are_foreseen_in_its_own_rows() {
    let night = Night::of_own(
        Store::Sqlite,
        TABLES,
        &format!(
            "{} UPDATE sale SET size = 'Sigismunda' WHERE id IN (3, 4); UPDATE customer SET industry = 'Sigismunda' WHERE id = 7;",
            rows(&sales())
        ),
        &format!(
            "{CATEGORY}{CLASSES}
            [set.without]\nbase = \"sale\"\nrelease = \"pseudonymised\"\nwhere = [{{ column = \"size\", is_not = [\"Sigismunda\"] }}]
            columns = [{{ name = \"size\", path = \"size\", cast = \"integer\" }}]
            [set.with]\nbase = \"sale\"\nrelease = \"pseudonymised\"\nsubject = \"customer\"\nwhere = [{{ column = \"customer.industry\", is_not = [\"Sigismunda\"] }}]
            columns = [{{ name = \"size\", path = \"size\", cast = \"decimal(4,1)\" }}, {{ name = \"doubled\", amount = \"quantity * price\" }}]
            [set.fields]\nbase = \"sale\"\nrelease = \"pseudonymised\"\nsubject = \"customer\"
            columns = [{{ name = \"field\", path = \"customer.industry\", cast = \"decimal(6,2)\", as = \"band\", width = 10 }}]\n"
        ),
    );
    assert_eq!(night.problems(), "");
    assert_eq!(
        foreseen(&night),
        [
            "`field` of the set `fields` casts `customer.industry` to `decimal(6,2)`, which 1 of 30 cells can not be: a run would refuse the \
             set, unless these rows are not in it",
            "`size` of the set `with` casts `sale.size` to `decimal(4,1)`, which 2 of 400 cells can not be: a run would refuse the set, \
             unless these rows are not in it",
        ]
    );
}

#[test]
fn an_amount_that_is_too_large_stops_its_set() {
    let columns = "[{ name = \"much\", amount = \"price * price * price * price * 99999999999999999999\" }]";
    let night = Night::of_own(
        Store::Sqlite,
        TABLES,
        &format!("{} UPDATE sale SET price = 9999999.99 WHERE id = 1;", rows(&sales())),
        &format!("{CATEGORY}{CLASSES}[set.rows]\nbase = \"sale\"\nrelease = \"pseudonymised\"\ncolumns = {columns}\n"),
    );
    assert_eq!(night.problems(), "");
    let prices = sales().iter().enumerate().filter(|(at, sale)| *at == 0 || sale.price.is_some()).count();
    let found = foreseen(&night);
    let amount = "`price * price * price * price * 99999999999999999999`";
    assert_eq!(
        found,
        [format!("`much` of the set `rows` is {amount}, which has more than 38 digits in 1 of {prices} rows: a run would refuse the set")]
    );
    let reason = night.run().sets[0].reason.clone().unwrap();
    assert_eq!(reason, "an amount in column `much` of set `rows` has more than 38 digits");
}

/// What a run says of a set: what needs a look, what is as it was, and the exit code.
fn said(night: &Night) -> (Vec<String>, Vec<String>, u8) {
    let report = night.run();
    let words = |said: Vec<(String, Option<String>)>| {
        said.into_iter().map(|(text, hint)| format!("{text}; {}", hint.unwrap_or_default())).collect::<Vec<_>>()
    };
    (words(report.sets[0].looks()), words(report.sets[0].notes()), report.exit_code)
}

/// A set of sales with the branch of the buyer, most of it as the pipelines above have it.
fn by_field(keys: &str, field: &str) -> Night {
    let sets = format!(
        "[set.s]\nbase = \"sale\"\nsubject = \"customer\"\n{keys}\ncolumns = [{{ name = \"field\", path = \"customer.industry\", {field} }}, \
         {{ name = \"month\", path = \"seen\", as = \"month\" }}{}]\n",
        if keys.contains("anonymous") { ", { name = \"sales\", count = true }" } else { "" }
    );
    let night = night(&sets);
    assert_eq!(night.problems(), "");
    night
}

/// One buyer of another branch takes the column from all rows: said by the night that brings it about, told by the nights after it.
#[test]
fn a_rare_value_that_empties_a_column_is_told() {
    const PREFIX: &str = "as = \"prefix\", length = 2";
    let all = sales();
    let rare = all.iter().filter(|sale| sale.customer == 0).count();
    let rarely = "UPDATE customer SET industry = '62.01'; UPDATE customer SET industry = '47.11' WHERE id = 1";
    let night = by_field("release = \"pseudonymised\"\nk = 2", PREFIX);
    assert_eq!(said(&night), (vec![], vec![], 0));
    night.on_the_store(rarely);
    let (looks, notes, code) = said(&night);
    assert_eq!((looks.len(), notes.len(), code), (1, 0, 1));
    let text = format!(
        "the set `s`: `field` is NULL in 400 of the 400 rows that had a value, in {} of them only to hide the others; `small_groups = \
         \"suppress_rows\"` leaves out the rows of small groups alone",
        400 - rare
    );
    assert!(looks[0].starts_with(&text), "{looks:?}");
    assert_eq!(said(&night), (vec![], looks.clone(), 0));
    night.on_the_store("UPDATE sale SET seen = '2025-02-03' WHERE id = 1");
    assert_eq!(said(&night), (vec![], looks, 0));
    // The same rows, where the set says so: only those of the one buyer are missing.
    let night = by_field("release = \"pseudonymised\"\nk = 2\nsmall_groups = \"suppress_rows\"", PREFIX);
    night.on_the_store(rarely);
    assert_eq!(said(&night), (vec![], vec![], 0));
    // Of what shows nothing of anybody in the first place nothing is said.
    night.on_the_store("UPDATE customer SET industry = NULL");
    assert_eq!(said(&night), (vec![], vec![], 0));
}

#[test]
fn an_absurd_k_an_empty_set_and_a_taxonomy_of_other_codes_are_told() {
    const PREFIX: &str = "as = \"prefix\", length = 2";
    for (keys, field, text, hint) in [
        (
            "release = \"pseudonymised\"\nk = 31",
            PREFIX,
            "`field` is NULL in 400 of the 400 rows that had a value, as groups of fewer than 31 people",
            "its `k` is 31 and there are 30 people in it",
        ),
        (
            "release = \"pseudonymised\"\nk = 31\nsmall_groups = \"suppress_rows\"",
            PREFIX,
            "it is empty: its gate left out all 400 rows",
            "its `k` is 31 and there are 30 people in it",
        ),
        (
            "release = \"anonymous\"\nclosed = \"month\"\nk = 31",
            PREFIX,
            "it is empty: its gate left out all ",
            "its `k` is 31 and there are 30",
        ),
        (
            "release = \"pseudonymised\"\nk = 2\nwhere = [{ column = \"size\", is = [\"9\"] }]",
            PREFIX,
            "it is empty: its conditions leave out all 400 rows",
            "look at its `where`",
        ),
        (
            "release = \"pseudonymised\"\nk = 2",
            "as = \"taxonomy\", taxonomy = \"other.csv\", level = 1",
            "`field` has no value in any row that is published: nothing in `customer.industry` stands in its taxonomy",
            "letter by letter",
        ),
        (
            "release = \"anonymous\"\nclosed = \"month\"\nk = 2",
            "as = \"taxonomy\", taxonomy = \"other.csv\", level = 1",
            "`field` has no value in any row that is published",
            "letter by letter",
        ),
    ] {
        let night = by_field_with(keys, field);
        let (looks, notes, code) = said(&night);
        assert!(looks.len() == 1 && notes.is_empty() && code == 1, "{keys}: {looks:?} {notes:?}");
        assert!(looks[0].contains(text) && looks[0].contains(hint), "{keys}: {looks:?}");
        assert_eq!(said(&night), (vec![], looks, 0), "{keys}");
    }
    // Where nothing has happened yet it is said, and nobody has to look.
    let night = by_field("release = \"pseudonymised\"\nk = 2", PREFIX);
    night.on_the_store("DELETE FROM sale");
    let (looks, notes, code) = said(&night);
    assert!(looks.is_empty() && code == 0 && notes[0].contains("it is empty: `sale` has no row for it"), "{looks:?} {notes:?}");
}

/// Whoever knows how the rows of a set are chosen knows who is in it: of fewer than k people it is told, also where no column counts for k.
#[test]
fn a_set_of_fewer_people_than_its_k_is_told() {
    let sets = |k: u32| {
        format!(
            "[set.s]\nbase = \"sale\"\nsubject = \"customer\"\nrelease = \"pseudonymised\"\nk = {k}\nwhere = [{{ column = \
             \"size\", is_not = [\"9\"] }}]\ncolumns = [{{ name = \"who\", path = \
             \"customer_id\", as = \"pseudonym\" }}, {{ name = \"seen\", path = \"seen\" }}]\n"
        )
    };
    let night = |k| Night::of_own(Store::Sqlite, TABLES, &rows(&sales()), &format!("{CATEGORY}{CLASSES}{}", sets(k)));
    let enough = night(30);
    assert_eq!((enough.problems(), said(&enough)), (String::new(), (vec![], vec![], 0)));
    let night = night(31);
    assert_eq!(night.problems(), "");
    let (looks, notes, code) = said(&night);
    assert!(notes.is_empty() && code == 1 && looks.len() == 1, "{looks:?} {notes:?}");
    assert!(looks[0].starts_with("the set `s`: all of its rows are of 30 people, fewer than its `k` of 31"), "{looks:?}");
    assert_eq!(said(&night), (vec![], looks, 0));
}

/// Who is chosen by what tells people apart is shown by it, whatever the columns hide.
#[test]
fn a_set_that_quasi_identifiers_choose_has_k_people_or_is_refused() {
    let sets = |born: &str| {
        format!(
            "[set.s]\nbase = \"sale\"\nsubject = \"customer\"\nrelease = \"pseudonymised\"\nk = 5\nwhere = [{{ column = \"customer.born\", is = \
             [{born}] }}]\ncolumns = [{{ name = \"who\", path = \"customer_id\", as = \"pseudonym\" }}, {{ name = \"seen\", path = \"seen\" }}]\n"
        )
    };
    // Each of the thirty was born in a year of their own.
    let days: Vec<String> = (0..6).map(|at| format!("\"19{:02}-06-01\"", 30 + 2 * at)).collect();
    let run = |days: &[String]| {
        let night = Night::of_own(Store::Sqlite, TABLES, &rows(&sales()), &format!("{CATEGORY}{CLASSES}{}", sets(&days.join(", "))));
        assert_eq!(night.problems(), "");
        said(&night)
    };
    assert_eq!(run(&days), (vec![], vec![], 0));
    let (looks, _, code) = run(&days[..4]);
    assert!(code == 1 && looks.len() == 1, "{looks:?}");
    assert!(looks[0].contains("the conditions of set `s` leave the rows of 4 people, fewer than its `k` of 5"), "{looks:?}");
}

/// In one month one buyer has no size: the totals of the sizes and the month's own leave that one over, whatever else is left out.
#[test]
fn a_small_cell_that_nothing_protects_is_told_and_costs_its_lines_alone() {
    let sets = "[set.s]\nbase = \"sale\"\nsubject = \"customer\"\nrelease = \"anonymous\"\nclosed = \"month\"\nk = 2\ncolumns = [{ name = \
                \"month\", path = \"seen\", as = \"month\" }, { name = \"size\", path = \"size\" }, { name = \"n\", count = true }]\n";
    let night = Night::of_own(Store::Sqlite, TABLES, &rows(&sales()), &format!("{CATEGORY}{CLASSES}{sets}"));
    assert_eq!(night.problems(), "");
    night.on_the_store("UPDATE sale SET size = NULL WHERE id = 1");
    let (looks, notes, code) = said(&night);
    assert!(looks.is_empty() && code == 0 && notes.len() == 1, "{looks:?} {notes:?}");
    assert!(notes[0].starts_with("the set `s`: 1 small cell was left out and follows all the same"), "{notes:?}");
    let cells: BTreeSet<(i8, usize)> = sales().iter().enumerate().map(|(at, sale)| (day(sale.day).month(), at % 7)).collect();
    let published = published(&night, "s").len();
    assert!(published * 4 > cells.len() * 3, "{published} of {}", cells.len());
}

/// A number of one's own in a plain column is a second pseudonym, whatever k says: told by the night that brings it about, and kept in mind after.
#[test]
fn a_column_that_singles_people_out_without_counting_for_k_is_told() {
    let plain = CLASSES.replace("industry = \"quasi_identifier\"", "industry = \"plain\"");
    let sets = "[set.s]\nbase = \"sale\"\nsubject = \"customer\"\nrelease = \"pseudonymised\"\nk = 2\ncolumns = [{ name = \"field\", path = \
                \"customer.industry\" }, { name = \"seen\", path = \"seen\" }]\n";
    let night = Night::of_own(Store::Sqlite, TABLES, &rows(&sales()), &format!("{CATEGORY}{plain}{sets}"));
    assert_eq!(night.problems(), "");
    assert_eq!(said(&night), (vec![], vec![], 0), "six have each of the branches");
    night.on_the_store("UPDATE customer SET industry = 'L' || id WHERE id <= 15");
    let (looks, notes, code) = said(&night);
    let text = "the set `s`: `field` does not count for k, and 15 people are alone with what it says of them (50.0 % of those in the set); declare \
                `quasi_identifier = true`";
    assert!(looks.len() == 1 && looks[0].starts_with(text) && notes.is_empty() && code == 1, "{looks:?} {notes:?}");
    assert_eq!(said(&night), (vec![], looks, 0));
    let folder = gallra::publish::resolve_latest(&night.folder.path().join("published"), None, "s").unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join("_manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["gate"]["singles_out"], serde_json::json!([{ "column": "field", "alone": 15, "share": 0.5 }]));
    assert!(manifest["gate"]["groups"].is_null() && manifest["gate"]["uniqueness"].is_null(), "{manifest}");
}

#[test]
fn another_k_than_before_is_told() {
    for keys in ["release = \"anonymous\"\nclosed = \"month\"\nk = 3", "release = \"pseudonymised\"\nk = 3"] {
        let night = by_field(keys, "as = \"prefix\", length = 2");
        assert_eq!(said(&night).0, [""; 0]);
        let with = |from: &str, to: &str| {
            let text = std::fs::read_to_string(&night.pipeline).unwrap();
            std::fs::write(&night.pipeline, text.replace(from, to)).unwrap();
            said(&night)
        };
        let (looks, _, code) = with("k = 3", "k = 2");
        let text = "the set `s`: its `k` is 2, and was 3 in the version before: fewer people stand together";
        assert!(looks.len() == 1 && looks[0].starts_with(text) && code == 1, "{looks:?}");
        assert_eq!((said(&night).0, said(&night).2), (vec![], 0), "it is told once");
        let (looks, notes, code) = with("k = 2", "k = 4");
        assert!(looks.is_empty() && code == 0, "{looks:?}");
        assert!(notes.iter().any(|note| note.contains("its `k` is 4, and was 2 in the version before: more")), "{notes:?}");
    }
}

/// The same beside a taxonomy of other codes.
fn by_field_with(keys: &str, field: &str) -> Night {
    let night = by_field(keys, &field.replace("other.csv", "industry.csv"));
    std::fs::write(night.folder.path().join("other.csv"), "value,level1\n6201,IT\n6202,IT\n").unwrap();
    let text = std::fs::read_to_string(&night.pipeline).unwrap();
    std::fs::write(
        &night.pipeline,
        text.replace("taxonomy = \"industry.csv\"", if field.contains("other.csv") { "taxonomy = \"other.csv\"" } else { "" }),
    )
    .unwrap();
    night
}

/// Problems as one line each, without what the drawing puts between.
fn refused(release: &str, keys: &str, column: &str) -> String {
    let group = "{ name = \"month\", path = \"seen\", as = \"month\" }";
    let set = format!(
        "[set.s]\nbase = \"sale\"\nrelease = \"{release}\"\nsubject = \"customer\"\nclosed = \"month\"\n{keys}\ncolumns = [{group}, {column}]\n"
    );
    let night = Night::of_own(Store::Sqlite, TABLES, "", &format!("{CATEGORY}{CLASSES}{set}"));
    std::fs::write(night.folder.path().join("industry.csv"), INDUSTRIES).unwrap();
    std::fs::write(night.folder.path().join("broken.csv"), "value,level1\na,b\na,c\n").unwrap();
    night.problems().split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

#[test]
fn a_number_of_another_form_and_a_missing_period_are_told_with_a_hint() {
    let count = "{ name = \"sales\", count = true }";
    for (dominance, wrong) in [("-1", "integer `-1`"), ("1.5", "floating point `1.5`"), ("\"10\"", "string \"10\"")] {
        let told = refused("anonymous", &format!("dominance = {dominance}"), count);
        assert!(told.contains(&format!("{wrong}, expected a whole number")) && told.contains("help: a whole number, 0 or above"), "{told}");
    }
    let set = |columns: &str| {
        let set = format!("[set.s]\nbase = \"sale\"\nrelease = \"anonymous\"\nsubject = \"customer\"\ncolumns = [{columns}, {count}]\n");
        Night::of_own(Store::Sqlite, TABLES, "", &format!("{CATEGORY}{CLASSES}{set}")).problems()
    };
    let period = set("{ name = \"when\", path = \"seen\", as = \"month\" }");
    assert!(period.contains("add `closed = \"when\"`"), "{period}");
    let none = set("{ name = \"size\", path = \"size\" }");
    assert!(none.contains("add a column with `as = \"month\"`"), "{none}");
}

#[test]
fn what_can_not_be_is_refused_with_its_reason() {
    let cases: &[(&str, &str)] = &[
        // A step to many.
        (
            "path = \"complaint.seen\"",
            "`complaint` is a step to many: one row of `sale` has many of `complaint`, so its rows would multiply",
        ),
        ("sum = \"complaint.id\"", "`complaint` is a step to many"),
        ("amount = \"quantity * complaint.id\"", "`complaint` is a step to many"),
        // Amounts.
        ("amount = \"quantity / price\"", "has `/`, which is not reckoned with"),
        ("amount = \"quantity price\"", "`quantity price` is no amount that can be reckoned"),
        ("amount = \"quantity--1\"", "`quantity--1` is no amount that can be reckoned"),
        ("amount = \"(quantity\"", "is no amount that can be reckoned"),
        ("amount = \"\"", "is no amount that can be reckoned"),
        ("amount = \"2 * 3\"", "the amount `2 * 3` has no column in it"),
        ("amount = \"7\"", "the same value in every row is a `constant`"),
        ("sum = \"2 - 1\"", "how many rows there are is `count = true`"),
        ("amount = \"abs(quantity)\"", "has something else than names, numbers"),
        ("amount = \"quantity * '2'\"", "has a value that is no number"),
        ("amount = \"quantity * 1e3\"", "has a number of another form"),
        ("amount = \"quantity > 1\"", "has `>`, which is not reckoned with"),
        ("amount = \"(SELECT 1)\"", "has something else than names, numbers"),
        ("amount = \"quantity * qantity\"", "has no column `qantity`"),
        ("amount = \"share * 2\"", "`sale.share` is no part of an amount: its type is FLOAT"),
        ("amount = \"customer.born * 2\"", "`customer.born` is `quasi_identifier` and is no part of an amount"),
        ("amount = \"seen + 1\"", "`sale.seen` is no part of an amount"),
        (
            "amount = \"product.weight * product.weight * product.weight * product.weight * product.weight * product.weight * product.weight\"",
            "more than 18 digits after the point",
        ),
        ("amount = \"quantity\", cast = \"text\"", "the column `x` has `cast`, which says nothing there"),
        ("amount = \"quantity\", as = \"band\"", "the column `x` has `as`, which says nothing there"),
        // Aggregates.
        ("sum = \"product.shelf_price\"", "the sum of `product.shelf_price` would count a row once for each row of the base"),
        ("mean = \"product.shelf_price * 2\"", "the mean of `product.shelf_price * 2` would count a row once for each row of the base"),
        ("sum = \"price + product.shelf_price\"", "would count a row once for each row of the base"),
        ("mean = \"size\"", "`sale.size` is not an `amount`, so it has no mean"),
        ("max = \"size\"", "`sale.size` has no `max`: its type is VARCHAR(12)"),
        ("max = \"customer.born\"", "`customer.born` is `quasi_identifier` and has no `max` that may be published"),
        ("quantile = { of = \"price\", at = 1.0 }", "is at 1, which is no share between 0 and 1"),
        ("quantile = { of = \"price\", at = 50 }", "is at 50, which is no share between 0 and 1"),
        ("sum = \"price\", mean = \"price\"", "needs exactly one of `path`, `sum`, `count` and `count_subjects`"),
        // Casts, bands, taxonomies, pseudonyms.
        ("path = \"size\", cast = \"int\"", "`int` is no type to cast to"),
        ("path = \"size\", cast = \"decimal(39,2)\"", "is no type to cast to"),
        ("path = \"size\", cast = \"decimal(2,3)\"", "is no type to cast to"),
        ("path = \"seen\", cast = \"boolean\"", "`sale.seen` can not be cast to `boolean`: its type is DATE"),
        ("path = \"size\", cast = \"integer\", as = \"month\"", "it is cast to `integer`, not a date"),
        ("path = \"customer_id\", cast = \"text\", as = \"pseudonym\"", "the pseudonym `x` is of a key that is cast"),
        ("constant = \"soon\", cast = \"date\"", "the constant of `x` can not be cast to `date`"),
        ("path = \"price\", as = \"band\", bounds = [5, 5]", "the `bounds` of `x` do not ascend"),
        ("path = \"price\", as = \"band\", bounds = [5], width = 5", "has both `width` and `bounds`"),
        ("path = \"price\", as = \"band\"", "needs `width`"),
        ("path = \"customer.industry\", as = \"taxonomy\"", "needs `taxonomy`"),
        ("path = \"customer.industry\", as = \"taxonomy\", taxonomy = \"none.csv\"", "the taxonomy `none.csv` can not be read"),
        ("path = \"customer.industry\", as = \"taxonomy\", taxonomy = \"broken.csv\"", "line 3 has a value that stands further up already"),
        ("path = \"customer.industry\", as = \"taxonomy\", taxonomy = \"industry.csv\", level = 3", "has 2 levels, not a level 3"),
        ("path = \"customer.name\", as = \"taxonomy\", taxonomy = \"industry.csv\"", "`customer.name` is `name` and can not be published"),
        ("path = \"note\", cast = \"integer\"", "`sale.note` is `free_text` and can not be published"),
        ("path = \"size\", format = \"uuid\"", "the column `x` has `format`, which says nothing there"),
    ];
    for (column, reason) in cases {
        let found = refused("pseudonymised", "", &format!("{{ name = \"x\", {column} }}"));
        assert!(found.contains(reason), "{column}\nwanted: {reason}\nfound: {found}");
    }
    for (measure, word) in [("min", "least"), ("max", "greatest")] {
        let found = refused("anonymous", "", &format!("{{ name = \"x\", {measure} = \"price\" }}"));
        assert!(found.contains(&format!("its column `x` is the {word} value of somebody")), "{found}");
    }
    let totals: &[(&str, &str, &str)] = &[
        ("", "sum = \"quantity * price - quantity * product.weight\"", "has a part in common with `t`: their difference would be a total"),
        ("", "mean = \"(price + product.weight) * quantity\"", "has a part in common with `t`"),
        ("", "sum = \"price * quantity * price\"", "multiplies `sale.price` with itself"),
        ("", "mean = \"(price + 1) * (price - 1)\"", "multiplies `sale.price` with itself"),
        ("", "sum = \"price - 30050.5\"", "adds a number to every row"),
        ("", "sum = \"quantity * 0 + 1\"", "adds a number to every row"),
        ("", "sum = \"product.weight * quantity + price - price\"", "names `sale.price`, which comes to nothing"),
        (
            "",
            "sum = \"quantity * product.weight\" }, { name = \"y\", sum = \"quantity\"",
            "`y` has `sale.quantity` in it as 2 other totals have",
        ),
        ("", "sum = \"(price + 1) * (quantity + 1)\"", "adds a number to every row"),
        ("round_to = 100", "sum = \"price * 1000\"", "is rounded, and its column `x` has a factor"),
        ("rounding = 10", "sum = \"price + price\"", "is rounded, and its column `x` has a factor"),
    ];
    for (keys, column, reason) in totals {
        let found = refused("anonymous", keys, &format!("{{ name = \"t\", sum = \"quantity * price\" }}, {{ name = \"x\", {column} }}"));
        assert!(found.contains(reason), "{column}\nwanted: {reason}\nfound: {found}");
    }
    for (keys, column) in [
        ("", "sum = \"price * quantity * 1.25\""),
        ("", "mean = \"quantity * price\""),
        ("", "sum = \"quantity * product.weight - price\""),
        ("round_to = 100", "sum = \"quantity * product.weight - price\""),
    ] {
        let found = refused("anonymous", keys, &format!("{{ name = \"t\", sum = \"quantity * price\" }}, {{ name = \"x\", {column} }}"));
        assert!(!found.contains("column `x`"), "{column}: {found}");
    }
    let found = refused("anonymous", "", "{ name = \"n\", count = true }, { name = \"x\", amount = \"quantity * price\" }");
    assert!(found.contains("the amount `x` would make a group of its own"), "{found}");
    let keys: &[(&str, &str)] = &[
        ("partition = \"moth\"", "the set `s` has no column `moth`"),
        ("partition = \"x\"", "the column `x` of the set `s` is neither a period nor a date"),
        ("sort = [\"x\", \"x\"]", "the set `s` is sorted by `x` twice"),
        ("sort = [\"y\"]", "the set `s` has no column `y`"),
        ("keep_age = \"long\"", "`long` is not a period"),
        ("after_forgetting = \"unlink\"", "but no column is the pseudonym of its `subject`"),
    ];
    for (key, reason) in keys {
        let found = refused("pseudonymised", key, "{ name = \"x\", path = \"product_id\", as = \"pseudonym\" }");
        assert!(found.contains(reason), "{key}\nwanted: {reason}\nfound: {found}");
    }
    let sound = "partition = \"month\"\nsort = [\"x\", \"month\"]\nkeep_age = \"1 year\"\nafter_forgetting = \"unlink\"";
    assert_eq!(refused("pseudonymised", sound, "{ name = \"x\", path = \"customer_id\", as = \"pseudonym\" }"), "");
    assert_eq!(refused("pseudonymised", sound, "{ name = \"x\", path = \"customer.id\", as = \"pseudonym\" }"), "");
}

/// The key as a number and as a text, another key of the same row, and the row itself.
#[test]
fn a_row_has_one_pseudonym_along_every_reference() {
    const TABLES: &str = "
        CREATE TABLE customer (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT, joined DATE);
        CREATE TABLE sale (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id), seen DATE NOT NULL);
        CREATE TABLE visit (id INTEGER PRIMARY KEY, customer_id TEXT REFERENCES customer (id), seen DATE NOT NULL);
        CREATE TABLE letter (id INTEGER PRIMARY KEY, customer_code TEXT REFERENCES customer (code), seen DATE NOT NULL);";
    let mut classes = "[table.customer]\nid = \"key\"\ncode = \"key\"\nname = \"name\"\njoined = \"activity\"\n".to_owned();
    let mut rows = String::new();
    let mut sets = String::new();
    for id in 1..=9 {
        rows += &format!("INSERT INTO customer VALUES ({id}, 'K-{id}', 'Kund', '2025-01-01');\n");
        rows +=
            &format!("INSERT INTO sale VALUES ({id}, {id}, '2025-01-0{id}');\nINSERT INTO visit VALUES ({id}, '{id}', '2025-01-0{id}');\n");
        rows += &format!("INSERT INTO letter VALUES ({id}, 'K-{id}', '2025-01-0{id}');\n");
    }
    let bases = [
        ("customer", "id", "joined"),
        ("sale", "customer_id", "seen"),
        ("visit", "customer_id", "seen"),
        ("letter", "customer_code", "seen"),
    ];
    for (base, column, seen) in &bases[1..] {
        classes += &format!("[table.{base}]\nid = \"key\"\n{column} = \"reference\"\n{seen} = \"activity\"\n");
    }
    for (base, column, seen) in bases {
        sets += &format!(
            "[set.of_{base}]\nbase = \"{base}\"\nsubject = \"customer\"\nrelease = \"pseudonymised\"\ncolumns = [
            {{ name = \"who\", path = \"{column}\", as = \"pseudonym\" }}, {{ name = \"seen\", path = \"{seen}\" }}]\n"
        );
    }
    let night = Night::of_own(Store::Sqlite, TABLES, &rows, &format!("{CATEGORY}{classes}{sets}"));
    assert_eq!(night.problems(), "");
    let who = |set: &str| -> BTreeSet<String> { published(&night, set).into_iter().map(|row| row[0].clone()).collect() };
    let expected = who("of_customer");
    assert!(expected.len() == 9 && !expected.contains(""));
    for (base, _, _) in &bases[1..] {
        assert_eq!(who(&format!("of_{base}")), expected, "{base}");
    }
}

/// `k` of those who are counted says nothing of others who are shown.
#[test]
fn a_set_that_shows_people_and_counts_others_is_refused() {
    const TABLES: &str = "
        CREATE TABLE customer (id INTEGER PRIMARY KEY, area TEXT, joined DATE NOT NULL);
        CREATE TABLE employee (id INTEGER PRIMARY KEY, joined DATE NOT NULL);
        CREATE TABLE ticket (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer (id), employee_id INTEGER REFERENCES employee (id),
            seen DATE NOT NULL);";
    let classes = "[table.customer]\nid = \"key\"\narea = \"quasi_identifier\"\njoined = \"activity\"\n[table.employee]\nid = \"key\"\njoined = \"activity\"\n[table.ticket]\nid = \
                   \"key\"\ncustomer_id = \"reference\"\nemployee_id = \"reference\"\nseen = \"activity\"\n";
    let problems = |subject: &str, shown: &[&str]| {
        let column = |path: &&str| match path.split_once('.') {
            None => format!("{{ name = \"{path}\", path = \"{path}\", as = \"pseudonym\" }}"),
            Some((_, name)) => format!("{{ name = \"{name}\", path = \"{path}\", as = \"prefix\", length = 2 }}"),
        };
        let columns = shown.iter().map(column).collect::<Vec<_>>().join(", ");
        let set = format!("[set.tickets]\nbase = \"ticket\"\nrelease = \"pseudonymised\"\n{subject}columns = [{columns}]\n");
        let rules = format!("{CATEGORY}{}{classes}{set}", CATEGORY.replace("customer", "employee"));
        Night::of_own(Store::Sqlite, TABLES, "", &rules).problems()
    };
    let employee = "subject = \"employee\"\n";
    let refused = problems(employee, &["customer_id"]);
    assert!(refused.contains("shows people of `customer`, but counts people of `employee`"), "{refused}");
    let refused = problems(employee, &["customer.area"]);
    assert!(refused.contains("shows people of `customer`, but counts people of `employee`"), "{refused}");
    let refused = problems("", &["id", "customer_id"]);
    assert!(refused.contains("shows a pseudonym of `customer`, but says not whose rows they are"), "{refused}");
    for (subject, shown) in
        [(employee, &["customer_id", "employee_id"][..]), (employee, &["employee_id"]), (employee, &["id"]), ("", &["id"])]
    {
        assert_eq!(problems(subject, shown), "", "{subject} {shown:?}");
    }
}
