//! Rows of every type on their way to Arrow and back.

use proptest::prelude::*;
use proptest::sample::select;

use super::literals::{Typed, columns, quoted};
use super::*;

/// Those of the optional types that the server has.
fn optional_types(database: &Database) -> Vec<&'static str> {
    let listed = database.sql("SELECT name FROM pg_available_extensions");
    let mut found: Vec<&str> = ["citext", "hstore", "ltree"].into_iter().filter(|name| listed.lines().any(|line| line == *name)).collect();
    for extension in &found {
        database.sql(&format!("CREATE EXTENSION {extension}"));
    }
    if server::shared().psql_output(&database.name, "SELECT '<a/>'::xml").status.success() {
        found.push("xml");
    }
    found
}

/// Columns whose cells of some row differ between the table and its copy `before` (which stands in `was`), by the server's bytes or texts.
fn differing(database: &Database, columns: &[Typed], join: &str) -> Vec<String> {
    let differs = columns.iter().enumerate().map(|(index, (name, _))| {
        // The zeros at the end of a `numeric` without scale are not kept: it is equal all the same.
        let condition = match name.as_str() {
            "numeric" => format!("was.c{index} IS DISTINCT FROM now.c{index}"),
            _ => format!(
                "NOT record_image_eq(ROW(was.c{index}), ROW(now.c{index})) OR was.c{index}::text IS DISTINCT FROM now.c{index}::text"
            ),
        };
        format!("count(*) FILTER (WHERE {condition})")
    });
    let answer = database
        .sql(&format!("SELECT count(*), {} FROM before AS was JOIN types AS now ON {join}", differs.collect::<Vec<_>>().join(", ")));
    let counts: Vec<&str> = answer.split('|').collect();
    assert_eq!(counts[0], database.sql("SELECT count(*) FROM types"), "rows came or went");
    let found = counts[1..].iter().zip(columns).filter(|(count, _)| **count != "0");
    found.map(|(count, (name, _))| format!("{name}: {count} rows")).collect()
}

fn survives(database: &Database, zone: &str, columns: &[Typed], rows: usize) {
    let definitions: Vec<String> = columns.iter().enumerate().map(|(index, (name, _))| format!("c{index} {name}")).collect();
    let row = |row: usize| {
        let cells: Vec<String> = columns.iter().map(|(_, cells)| quoted(&cells.0[row])).collect();
        format!("({row}, {})", cells.join(", "))
    };
    database.sql(&format!(
        "DROP TABLE IF EXISTS types, before; CREATE TABLE types (id bigint PRIMARY KEY, {}); INSERT INTO types VALUES {};
         CREATE TABLE before AS TABLE types",
        definitions.join(", "),
        (0..rows).map(row).collect::<Vec<_>>().join(", ")
    ));
    let mut store = database.open(zone, 2);
    let found = read(&mut store, "types").unwrap();
    // What is listed as unreadable is what has no day in four digits, and nothing else became NULL on the way.
    let counted = columns.iter().enumerate().map(|(index, (name, _))| {
        let temporal =
            matches!(name.as_str(), "date" | "day" | "timestamp" | "stamp" | "timestamp with time zone" | "timestamp(0) with time zone");
        let beyond = format!("count(*) FILTER (WHERE c{index} IN ('infinity', '-infinity') OR c{index} >= '10000-01-01')");
        format!("{}, count(*) - count(c{index})", if temporal { &beyond } else { "0" })
    });
    let answer = database.sql(&format!("SELECT {} FROM types", counted.collect::<Vec<_>>().join(", ")));
    let counts: Vec<usize> = answer.split('|').map(|count| count.parse().unwrap()).collect();
    for (index, ((name, _), counts)) in columns.iter().zip(counts.chunks(2)).enumerate() {
        assert_eq!(found.unreadable.get(&(index + 1)).map_or(0, Vec::len), counts[0], "{name}");
        assert_eq!(column(&found, index + 1).null_count(), counts[0] + counts[1], "{name}");
    }
    assert_eq!(write_back(&mut store, "types"), rows);
    assert_eq!(differing(database, columns, "was.id = now.id"), Vec::<String>::new());
    let texts: Vec<String> = (0..columns.len())
        .map(|index| if columns[index].0 == "numeric" { format!("trim_scale(c{index})::text") } else { format!("c{index}::text") })
        .collect();
    for (left, right) in [("types", "before"), ("before", "types")] {
        let sql = format!(
            "SELECT count(*) FROM (SELECT id, {0} FROM {left} EXCEPT ALL SELECT id, {0} FROM {right}) AS differing",
            texts.join(", ")
        );
        assert_eq!(database.sql(&sql), "0");
    }
    one_value_for_all(database, &mut store, columns, rows);
}

/// The first row's cells, each given once for all rows.
fn one_value_for_all(database: &Database, store: &mut PostgresStore, columns: &[Typed], rows: usize) {
    let request = everything(&store.catalog().unwrap(), "types");
    let mut batch = store.batch().unwrap();
    batch.load_subjects(&request.table, &[0], &[Arc::new(Int64Array::from_iter_values(0..i64::try_from(rows).unwrap()))], None).unwrap();
    let linked = batch.linked(&request, &[], None).unwrap();
    let readable = |position: &usize| linked.rows.unreadable.get(position).is_none_or(|unreadable| !unreadable.contains(&0));
    let assigned: Vec<usize> = (1..=columns.len()).filter(readable).collect();
    let values: Vec<ArrayRef> = assigned.iter().map(|position| column(&linked.rows, *position).slice(0, 1)).collect();
    assert_eq!(batch.update(&request.table, &linked.locators, &Assignment::all(&assigned, &values)).unwrap(), rows as u64);
    batch.commit().unwrap();
    let first = column(&linked.rows, 0).as_primitive::<Int64Type>().value(0);
    let skipped: BTreeSet<&str> =
        (1..=columns.len()).filter(|position| !assigned.contains(position)).map(|at| columns[at - 1].0.as_str()).collect();
    let wrong = differing(database, columns, &format!("was.id = {first}"));
    let wrong: Vec<&String> = wrong.iter().filter(|column| !skipped.contains(column.split_once(':').unwrap().0)).collect();
    assert!(wrong.is_empty(), "given once for all rows: {wrong:?}");
}

#[test]
fn every_type_survives_the_way_to_arrow_and_back() {
    const ROWS: usize = 40;
    let database = Database::of(OWN_TYPES);
    let newer = database.sql("SHOW server_version_num").parse::<u32>().unwrap() >= 150_000;
    let extensions = optional_types(&database);
    let config = ProptestConfig { cases: 6, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let zones = select(vec!["UTC", "Europe/Stockholm", "America/New_York"]);
    runner
        .run(&(columns(ROWS, newer, &extensions), zones), |(columns, zone)| {
            survives(&database, zone, &columns, ROWS);
            Ok(())
        })
        .unwrap();
}

#[test]
fn computed_columns_and_partitions_survive() {
    let database = Database::of(
        "CREATE TABLE sale (id integer, region text, price numeric(10,2), amount integer, total numeric(14,2) GENERATED ALWAYS AS (price * amount) STORED,
             number bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
         CREATE TABLE sale_north PARTITION OF sale FOR VALUES IN ('north') PARTITION BY RANGE (id);
         CREATE TABLE sale_north_low PARTITION OF sale_north FOR VALUES FROM (0) TO (500);
         CREATE TABLE sale_north_high PARTITION OF sale_north FOR VALUES FROM (500) TO (1000);
         -- The columns stand in another order here, and one that was dropped lies between.
         CREATE TABLE sale_south (amount integer, gone text, id integer NOT NULL, number bigint NOT NULL,
             total numeric(14,2) GENERATED ALWAYS AS (price * amount) STORED, region text NOT NULL, price numeric(10,2));
         ALTER TABLE sale_south DROP COLUMN gone;
         ALTER TABLE sale ATTACH PARTITION sale_south FOR VALUES IN ('south');
         INSERT INTO sale (id, region, price, amount) SELECT i, CASE WHEN i % 3 = 0 THEN 'south' ELSE 'north' END, i / 7.0, i % 5 FROM generate_series(1, 900) AS i;
         CREATE TABLE before AS TABLE sale;
         CREATE TABLE places AS SELECT tableoid::regclass AS place, count(*) FROM sale GROUP BY 1",
    );
    let mut store = database.open("UTC", 2);
    let rows = read(&mut store, "sale").unwrap();
    assert_eq!(rows.batches.iter().map(|batch| batch.num_rows()).sum::<usize>(), 900);
    let request = everything(&store.catalog().unwrap(), "sale");
    let generated: Vec<&str> = request.table.columns.iter().filter(|column| column.generated).map(|column| column.name.as_str()).collect();
    assert!(generated.contains(&"total"), "{generated:?}");
    let totals = column(&rows, 4);
    let sum: i128 = totals.as_primitive::<Decimal128Type>().values().iter().sum();
    assert_eq!(format!("{}.{:02}", sum / 100, sum % 100), database.sql("SELECT sum(total) FROM sale"));
    assert_eq!(write_back(&mut store, "sale"), 900);
    for (left, right) in [("sale", "before"), ("before", "sale")] {
        assert_eq!(database.sql(&format!("SELECT count(*) FROM (TABLE {left} EXCEPT ALL TABLE {right}) AS differing")), "0");
    }
    let places = "SELECT count(*) FROM (SELECT tableoid::regclass, count(*) FROM sale GROUP BY 1 EXCEPT TABLE places) AS differing";
    assert_eq!(database.sql(places), "0");
}
