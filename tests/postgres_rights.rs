//! PostgreSQL: what the roles of `gallra grants` may do, and what somebody without a right is told, before anything is written.

mod shop;

use shop::server::shared;
use shop::{Other, Shop, Size};

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

#[test]
fn a_right_that_is_missing_is_told_before_anything_is_written() {
    let (shop, runner) = granted(LOGGED, LOGGED_PIPELINE);
    let before = shop.dump();
    let revoked = [
        ("UPDATE (email) ON customer", "UPDATE (\"email\") on \"public\".\"customer\""),
        ("DELETE ON badge", "DELETE on \"public\".\"badge\""),
        ("INSERT ON change_log", "INSERT on \"public\".\"change_log\""),
        ("USAGE ON SEQUENCE change_log_id_seq", "USAGE on \"public\".\"change_log_id_seq\""),
    ];
    for (right, told) in revoked {
        shop.sql(&format!("REVOKE {right} FROM {runner}"));
        let refused = shop.call("run", &["--confirm", "16"]).expect(3).says(&format!("lacks {told}\n")).says("nothing was written");
        assert!(refused.printed().contains("`gallra grants` prints"), "{}", refused.printed());
        shop.sql(&format!("GRANT {right} TO {runner}"));
    }
    shop.sql(&format!(
        "REVOKE UPDATE (name, number) ON customer FROM {runner}; REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC",
        shop.database
    ));
    shop.sql(&format!("REVOKE TEMPORARY ON DATABASE {} FROM {runner}", shop.database));
    shop.call("run", &[]).expect(3).says("lacks TEMPORARY on the database, UPDATE (\"name\", \"number\") on \"public\".\"customer\"\n");
    assert_eq!((shop.dump(), shop.sql("SELECT count(*) FROM change_log").as_str()), (before, "0"));
    let ledger = std::fs::read_to_string(shop.ledger()).unwrap();
    assert!(!ledger.contains("run_started") && !ledger.contains("intent"), "{ledger}");
    // Once more is enough.
    shop.at(&shared().url(&shop.database));
    grant(&shop, &runner);
    shop.at(&shared().url_as(&runner, &shop.database));
    shop.call("run", &["--confirm", "16"]).expect(0);
}

#[test]
fn what_tonights_plan_does_not_need_is_not_asked_for() {
    let (shop, runner) = granted(LOGGED, LOGGED_PIPELINE);
    shop.sql(&format!("UPDATE customer SET joined = current_date; REVOKE UPDATE (name), DELETE ON customer FROM {runner}"));
    shop.sql(&format!("REVOKE DELETE ON badge FROM {runner}; REVOKE INSERT ON change_log FROM {runner}; DELETE FROM change_log"));
    // The tickets are records whose time has come whoever they are about.
    shop.call("run", &[]).expect(0);
    assert_eq!(shop.sql("SELECT count(*), (SELECT count(*) FROM ticket) FROM customer"), "20|0");
}

/// The trigger works with its owner's rights.
#[test]
fn a_function_with_rights_of_its_own_needs_none_of_the_role() {
    let (shop, runner) = granted(&format!("{LOGGED} ALTER FUNCTION log_change() SECURITY DEFINER;"), LOGGED_PIPELINE);
    shop.sql(&format!("REVOKE INSERT ON change_log FROM {runner}; REVOKE USAGE ON SEQUENCE change_log_id_seq FROM {runner}"));
    shop.call("run", &["--confirm", "16"]).expect(0);
    assert_eq!(shop.sql("SELECT count(*) > 0, bool_and(was IS NULL) FROM change_log"), "t|t");
}

#[test]
fn a_right_that_a_trigger_lacks_is_told_with_the_function() {
    let secret = "
        CREATE TABLE elsewhere (n int);
        CREATE FUNCTION look_elsewhere() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM n FROM elsewhere; RETURN NEW; END $$;
        CREATE TRIGGER looks BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION look_elsewhere();";
    let (shop, _) = granted(secret, "[[out_of_scope]]\ntables = [\"elsewhere\"]\nreason = \"numbers\"\n");
    let told = shop.call("run", &["--confirm", "16"]).expect(3).says("lacks a privilege that a trigger's function needs");
    assert!(told.printed().contains("(SQLSTATE 42501, function `look_elsewhere`)"), "{}", told.printed());
}

#[test]
fn an_error_that_a_trigger_raises_is_told_with_its_function_and_without_its_words() {
    let raise = "
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not %', OLD.name USING HINT = OLD.email; END $$;
        CREATE TRIGGER refuse AFTER UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION refuse();";
    let shop = Shop::new(shared(), &Size { statements: raise.into(), ..Size::default() });
    let told = shop
        .call("run", &["-vvv"])
        .expect(3)
        .says("raised an error (SQLSTATE P0001, function `refuse`)")
        .says("hint: look at the function");
    assert!(!told.printed().contains("Karlsson") && !told.printed().contains("@example"), "{}", told.printed());
}

#[test]
fn rows_that_a_trigger_held_back_are_told_with_the_triggers_that_can() {
    let keep = "
        CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.id = 9 THEN RETURN NULL; END IF; RETURN NEW; END $$;
        CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
        CREATE TRIGGER keeper BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION keep();
        CREATE TRIGGER later AFTER UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION nothing();";
    let shop = Shop::new(shared(), &Size { statements: keep.into(), ..Size::default() });
    let told = shop.call("run", &[]).expect(3).says("a trigger or rule held back the others").says("one of its triggers does: `keeper`; ");
    assert!(!told.printed().contains("`later`"), "{}", told.printed());
}

#[test]
fn a_table_that_somebody_locks_while_the_catalog_is_read_is_named() {
    let shop = Shop::new(shared(), &Size { lock_seconds: 1, ..Size::default() });
    let other = Other::of(&shop);
    other.run("BEGIN; LOCK TABLE consent");
    shop.call("plan", &[]).expect(3).says("reading the catalog met somebody else's work").says("somebody has locked `consent`");
}

/// Whoever never used `gallra grants` is told something that fits as well.
#[test]
fn a_role_that_may_only_plan_is_told_whose_tables_they_are() {
    let shop = Shop::new(shared(), &Size::default());
    shop.call("run", &[]).expect(0);
    let reader = format!("reader_{}", shop.database);
    shop.sql(&format!(
        "CREATE ROLE {reader} LOGIN; GRANT USAGE ON SCHEMA gallra TO {reader};
         GRANT SELECT ON ALL TABLES IN SCHEMA public, gallra TO {reader}"
    ));
    shop.at(&shared().url_as(&reader, &shop.database));
    shop.call("plan", &[]).expect(0);
    shop.call("run", &[]).expect(3).says("may not write gallra's own tables").says("run as the role that made them");
}

/// An index is missed where a foreign key is looked through, and where a batch follows what nobody declared.
#[test]
fn a_missing_index_is_noted_for_references_that_the_database_does_not_know_as_well() {
    let without = "DO $$ DECLARE name text; BEGIN FOR name IN SELECT indexrelid::regclass FROM pg_index
        WHERE NOT indisunique AND indrelid IN ('call'::regclass, 'ticket'::regclass) LOOP EXECUTE 'DROP INDEX ' || name; END LOOP; END $$;
        INSERT INTO call (customer_id, called_on) SELECT 3, '2019-02-02' FROM generate_series(1, 40000);";
    let shop = Shop::new(shared(), &Size { statements: without.into(), ..Size::default() });
    let told = shop.call("check", &[]).expect(0);
    let note = "note: every batch that follows `call` to `customer` reads all of `call`: no index begins with `customer_id`";
    assert!(told.printed().contains(note) && !told.printed().contains("`ticket`"), "{}", told.printed());
    shop.sql("CREATE INDEX ON call (customer_id)");
    assert!(!shop.call("check", &[]).expect(0).printed().contains("no index"));
}

/// Two ways to point at a customer, and their classes.
const FILES: &str = r#"
[[reference]]
table = "file"
columns = ["owner"]
to = "customer"
kind = "owned"
name = "by_number"
when = { kind = "customer" }
[[reference]]
table = "file"
columns = ["resource"]
to = "customer"
kind = "owned"
name = "by_text"
prefix = "customer,"
[table.file]
id = "key"
kind = "plain"
owner = "reference"
resource = "reference"
"#;

/// A reference of some rows only is looked up by an index of its own column, or of the one beside it as well; an index that is there is used.
#[test]
fn references_of_some_rows_only_are_looked_up_by_an_index() {
    let tables =
        "CREATE TABLE file (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, kind text NOT NULL, owner bigint, resource text);
        INSERT INTO file (kind, owner, resource) SELECT 'supplier', n, 'supplier,' || n FROM generate_series(1, 40000) AS n;";
    let shop = Shop::new(shared(), &Size { statements: tables.into(), more: FILES, ..Size::default() });
    let told = shop.call("check", &[]).expect(0);
    for note in [
        "note: every batch that follows `file` to `customer` reads all of `file`: no index begins with `kind`, `owner`",
        "note: every batch that follows `file` to `customer` reads all of `file`: no index begins with `resource`",
        "note: the reference of `file` to `customer` is for rows of which `kind` is `customer`, and there is none",
        "note: the reference of `file` to `customer` is for rows of which `resource` begins with `customer,`, and there is none",
    ] {
        assert!(told.printed().contains(note), "{note}: {}", told.printed());
    }
    shop.sql("INSERT INTO file (kind, owner, resource) VALUES ('customer', 1, NULL), ('customer', NULL, 'customer,2')");
    for (index, columns) in [("narrow", "kind, owner"), ("wide", "owner"), ("by_text", "resource")] {
        let shop = shop.copy();
        let others = "CREATE INDEX other_resource ON file (resource); CREATE INDEX other_owner ON file (owner)";
        shop.sql(&format!(
            "{}; CREATE INDEX {index} ON file ({columns}); ANALYZE file",
            others.split("; ").nth(usize::from(index == "by_text")).unwrap()
        ));
        let told = shop.call("check", &[]).expect(0);
        assert!(!told.printed().contains("note: "), "{}", told.printed());
        shop.call("run", &[]).expect(0);
        assert_eq!(shop.sql("SELECT count(*), count(*) FILTER (WHERE kind = 'customer') FROM file"), "40002|2");
        assert_eq!(shop.sql(&format!("SELECT idx_scan > 0 FROM pg_stat_user_indexes WHERE indexrelname = '{index}'")), "t", "{index}");
    }
}
