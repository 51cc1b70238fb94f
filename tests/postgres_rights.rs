//! PostgreSQL: what the roles of `gallra grants` may do, and what somebody without a right is told, before anything is written.

mod shop;

use shop::server::shared;
use shop::{Shop, Size};

/// A log of changes with a sequence of its own and one of another schema, written by a trigger, and notes that are keys alone.
const LOGGED: &str = "
    CREATE SCHEMA numbers;
    CREATE SEQUENCE numbers.entry;
    CREATE TABLE change_log (id serial PRIMARY KEY, entry bigint NOT NULL DEFAULT nextval('numbers.entry'), customer_id bigint, was text);
    CREATE TABLE badge (id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer);
    INSERT INTO badge SELECT id, id FROM customer WHERE id % 5 = 0;
    CREATE FUNCTION log_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO change_log (customer_id, was) VALUES (OLD.id, OLD.name);
        RETURN NULL;
    END $$;
    CREATE TRIGGER logged AFTER UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION log_change();";

const LOGGED_PIPELINE: &str = r#"
[[reference]]
table = "change_log"
columns = ["customer_id"]
to = "customer"
kind = "owned"
[[reference]]
table = "badge"
columns = ["customer_id"]
kind = "owned"
[table.change_log]
id = "key"
entry = "plain"
customer_id = "reference"
was = "name"
[table.badge]
id = "key"
customer_id = "reference"
"#;

/// A shop whose roles are made by what `gallra grants` prints, named after its database.
fn granted(statements: &str, more: &'static str) -> (Shop<'static>, String) {
    let shop = Shop::new(shared(), &Size { statements: statements.into(), more, ..Size::default() });
    let runner = format!("run_{}", shop.database);
    grant(&shop, &runner);
    shop.at(&shared().url_as(&runner, &shop.database));
    (shop, runner)
}

/// Lets the owner run what `gallra grants` prints.
fn grant(shop: &Shop<'_>, runner: &str) {
    let planner = format!("plan_{}", shop.database);
    let sql = shop.call("grants", &["--planner", &planner, "--runner", runner]).expect(0).printed();
    shop.sql(&sql);
}

#[test]
fn the_role_that_runs_may_do_all_that_a_night_does_with_sequences_and_tables_of_keys_alone() {
    let (shop, runner) = granted(LOGGED, LOGGED_PIPELINE);
    shop.call("run", &["--confirm", "16"]).expect(0);
    assert_eq!(shop.sql("SELECT count(*), count(*) FILTER (WHERE name = 'XXX') FROM customer"), "16|12");
    assert_eq!(shop.sql("SELECT count(*) > 0, bool_and(was IS NULL) FROM change_log"), "t|t");
    assert_eq!(shop.sql("SELECT count(*) FROM badge"), "0");
    assert_eq!(shop.sql(&format!("SELECT has_sequence_privilege('{runner}', 'numbers.entry', 'UPDATE')")), "f");
    assert_eq!(shop.sql(&format!("SELECT has_table_privilege('{runner}', 'change_log', 'TRUNCATE')")), "f");
}
