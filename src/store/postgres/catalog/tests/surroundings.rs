use super::Fixture;
use crate::store::postgres::checks;
use crate::store::postgres::grants::{Roles, TableAccess, grants};
use crate::store::postgres::names::quoted;

#[test]
fn names_follow_the_default_schema_and_never_collide() {
    let fixture = Fixture::of(
        r#"CREATE SCHEMA sales; CREATE SCHEMA "a"; CREATE SCHEMA gallra; CREATE SCHEMA "x.y"; CREATE SCHEMA x;
        CREATE TABLE customer (id int); CREATE TABLE sales.customer (id int REFERENCES sales.customer (id), UNIQUE (id));
        CREATE TABLE "a.b" (id int); CREATE TABLE a.b (id int);
        CREATE TABLE "x.y".z (id int); CREATE TABLE x."y.z" (id int);
        CREATE TABLE "Order-Line" (id int); CREATE TABLE "select" (id int); CREATE TABLE "say ""x""" ("from" int, "A" int, "a" int);
        CREATE TABLE gallra.journal (id int); CREATE TEMP TABLE passing (id int); CREATE UNLOGGED TABLE cache (id int);
        CREATE EXTENSION hstore; CREATE TABLE owned (id int); ALTER EXTENSION hstore ADD TABLE owned;
        CREATE VIEW v AS SELECT 1; CREATE SEQUENCE s;"#,
    );
    let expected = [
        r#""a"."b""#,
        r#""public"."a.b""#,
        r#""x"."y.z""#,
        r#""x.y"."z""#,
        "Order-Line",
        "cache",
        "customer",
        "sales.customer",
        r#"say "x""#,
        "select",
    ];
    assert_eq!(fixture.names(), expected);
    assert_eq!(fixture.table("sales.customer").foreign_keys[0].to, "sales.customer");
    assert_eq!(fixture.relation(r#""public"."a.b""#).relation, "a.b");
    assert_eq!(fixture.relations.views, ["v"]);
    assert!(fixture.catalog.unreadable.is_empty());
}

#[test]
fn materialized_views_come_after_what_they_need() {
    let fixture = Fixture::of(
        "CREATE TABLE t (id int, name text) PARTITION BY LIST (id); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE u (id int);
        CREATE VIEW v AS SELECT * FROM t;
        CREATE MATERIALIZED VIEW z_first AS SELECT id, name FROM v; CREATE UNIQUE INDEX ON z_first (id);
        CREATE MATERIALIZED VIEW a_second AS SELECT z.id FROM z_first z JOIN u USING (id); CREATE UNIQUE INDEX ON a_second ((id + 1));
        CREATE MATERIALIZED VIEW of_part AS SELECT * FROM t1 WITH NO DATA; CREATE UNIQUE INDEX ON of_part (id);",
    );
    let found: Vec<(&str, Vec<&str>, bool)> = fixture
        .relations
        .materialized_views
        .iter()
        .map(|view| (view.name.as_str(), view.tables.iter().map(String::as_str).collect(), view.concurrently))
        .collect();
    assert_eq!(found, [("z_first", vec!["t"], true), ("a_second", vec!["t", "u"], false), ("of_part", vec!["t"], false)]);
    assert!(fixture.relations.materialized_views.iter().all(|view| view.may_refresh));
}

const TRIGGERS: &str = r#"
CREATE SCHEMA audit;
CREATE TABLE customer (id int, name text); CREATE TABLE other (id int) PARTITION BY LIST (id); CREATE TABLE other_1 PARTITION OF other DEFAULT;
CREATE TABLE audit.log (id int, old jsonb, who text); CREATE TABLE statistics (n int, last text); CREATE TABLE "Odd Log" (x text);
CREATE FUNCTION audit.copies() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN /* INSERT INTO statistics */ INSERT INTO audit.log VALUES (1, to_jsonb(OLD), current_query()); RETURN OLD; END $f$;
CREATE FUNCTION touches() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN NEW.name := 'INSERT INTO audit.log'; PERFORM 1 FROM statistics FOR UPDATE; RETURN NEW; END $f$;
CREATE FUNCTION counts() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN UPDATE ONLY statistics SET n = n + 1; INSERT INTO statistics VALUES (1) ON CONFLICT DO NOTHING; RETURN NULL; END $f$;
CREATE FUNCTION builds() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN EXECUTE format('INSERT INTO %I SELECT $1.*', TG_ARGV[0]) USING OLD; RETURN NULL; END $f$;
CREATE FUNCTION writes(text) RETURNS void LANGUAGE sql BEGIN ATOMIC INSERT INTO "Odd Log" VALUES ($1); END;
CREATE FUNCTION calls() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM writes(OLD.name); RETURN NULL; END $f$;
CREATE FUNCTION statement() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN INSERT INTO audit.log SELECT id, to_jsonb(gone) FROM gone; RETURN NULL; END $f$;
CREATE FUNCTION nowhere() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO missing.log VALUES (OLD.id); RETURN NULL; END $f$;
CREATE TRIGGER a_copies AFTER UPDATE OR DELETE ON customer FOR EACH ROW EXECUTE FUNCTION audit.copies();
CREATE TRIGGER b_touches BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION touches();
CREATE TRIGGER c_counts AFTER DELETE ON customer FOR EACH STATEMENT EXECUTE FUNCTION counts();
CREATE TRIGGER d_builds AFTER DELETE ON customer FOR EACH ROW EXECUTE FUNCTION builds('x');
CREATE TRIGGER e_calls AFTER DELETE ON customer FOR EACH ROW EXECUTE FUNCTION calls();
CREATE TRIGGER f_statement AFTER DELETE ON customer REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION statement();
CREATE EXTENSION moddatetime;
CREATE TRIGGER g_foreign BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION moddatetime('name');
CREATE TRIGGER g_native BEFORE UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
CREATE TRIGGER h_nowhere AFTER DELETE ON customer FOR EACH ROW EXECUTE FUNCTION nowhere();
CREATE TRIGGER i_inserting AFTER INSERT ON customer FOR EACH ROW EXECUTE FUNCTION audit.copies();
CREATE TRIGGER j_off AFTER DELETE ON customer FOR EACH ROW EXECUTE FUNCTION audit.copies();
ALTER TABLE customer DISABLE TRIGGER j_off;
CREATE TRIGGER a_copies AFTER DELETE ON other FOR EACH ROW EXECUTE FUNCTION audit.copies();
CREATE RULE keeps AS ON DELETE TO statistics DO ALSO INSERT INTO "Odd Log" (x) VALUES (OLD.last);
CREATE RULE prevents AS ON DELETE TO "Odd Log" DO INSTEAD NOTHING;
"#;

#[test]
fn triggers_that_copy_are_found_with_what_they_write() {
    let fixture = Fixture::of(TRIGGERS);
    let brief: Vec<String> = fixture
        .relations
        .copying_triggers
        .iter()
        .map(|found| {
            let mut text = format!("{}.{} → {}", found.table, found.name, found.targets.join(", "));
            for (flag, word) in [
                (found.targets_unknown, "unknown"),
                (found.uses_old, "old"),
                (found.uses_query_text, "query"),
                (!found.understood, "not understood"),
                (found.instead, "instead"),
            ] {
                if flag {
                    text = format!("{text} [{word}]");
                }
            }
            text
        })
        .collect();
    assert_eq!(
        brief,
        [
            "Odd Log.prevents →  [instead]",
            "customer.a_copies → audit.log [old] [query]",
            "customer.c_counts → statistics",
            "customer.d_builds →  [unknown] [old]",
            "customer.e_calls → Odd Log [old]",
            "customer.f_statement → audit.log [old]",
            "customer.g_foreign →  [unknown] [not understood]",
            "customer.h_nowhere →  [unknown] [old]",
            "other.a_copies → audit.log [old] [query]",
            "statistics.keeps → Odd Log [old]",
        ]
    );
    assert_eq!(fixture.relations.copying_triggers[1].function.as_deref(), Some("audit.copies"));
}

#[test]
fn settings_that_log_statements_are_named() {
    let fixture = Fixture::of("");
    assert!(fixture.relations.statement_logging.is_empty());
    fixture.connection.execute("SET log_min_duration_statement = 250; SET log_statement = 'mod'").unwrap();
    let (_, relations) = super::read(&fixture.connection).unwrap();
    assert_eq!(relations.statement_logging, ["log_min_duration_statement = 250", "log_statement = mod"]);
}

/// The server is the witness: with these grants the roles can do what they must, and nothing beside.
#[test]
fn the_roles_can_do_what_they_must_and_no_more() {
    let fixture = Fixture::of(
        "CREATE SCHEMA sales; CREATE TABLE sales.customer (id int PRIMARY KEY, name text, secret text, CHECK (name <> 'XXX' OR id < 0)) PARTITION BY LIST (id);
        CREATE TABLE customer_1 PARTITION OF sales.customer DEFAULT; INSERT INTO sales.customer VALUES (1, 'x', 'y');
        CREATE TABLE country (code text, name text); ALTER TABLE country ENABLE ROW LEVEL SECURITY; CREATE TABLE other (id int);",
    );
    let role = |kind: &str| format!("Gallra \"{kind}\"");
    let database: String = fixture.connection.rows("SELECT current_database()::text", &[]).unwrap()[0].get(0);
    let roles = Roles { database, planner: role("plan"), runner: role("run") };
    let mut customer = TableAccess::of(fixture.relation("sales.customer"));
    (customer.read, customer.written, customer.deleted) = (vec!["id".into()], vec!["name".into()], true);
    let mut country = TableAccess::of(fixture.relation("country"));
    country.read = vec!["code".into()];
    let sql = grants(&roles, &[customer, country]);
    for _ in 0..2 {
        fixture.connection.execute(&sql).unwrap();
    }
    let may = |role: &str, sql: &str| {
        fixture.connection.execute(&format!("BEGIN; SET LOCAL ROLE {}", quoted(role))).unwrap();
        let outcome = fixture.connection.execute(sql);
        fixture.connection.execute("ROLLBACK").unwrap();
        outcome.map_err(|failure| failure.sqlstate().unwrap_or_default().to_owned())
    };
    let refused = Err("42501".to_owned());
    for one in [&roles.planner, &roles.runner] {
        assert_eq!(may(one, "SELECT ctid, tableoid, xmin, id, name FROM sales.customer; SELECT ctid, id FROM ONLY customer_1"), Ok(()));
        assert_eq!(may(one, "SELECT code FROM country; SET row_security = off; SELECT code FROM country"), Ok(()));
        for sql in ["SELECT secret FROM sales.customer", "SELECT name FROM country", "SELECT FROM other", "DELETE FROM country"] {
            assert_eq!(may(one, sql), refused, "{sql}");
        }
    }
    let writes = "UPDATE sales.customer SET name = 'z' WHERE ctid = '(0,1)'; DELETE FROM ONLY customer_1 WHERE id = 1;
        CREATE TEMPORARY TABLE batch (id int) ON COMMIT DROP; CREATE TABLE gallra.journal (number bigint GENERATED ALWAYS AS IDENTITY, entries bytea);
        INSERT INTO gallra.journal (entries) VALUES ('')";
    assert_eq!(may(&roles.runner, writes), Ok(()));
    assert_eq!(may(&roles.planner, "UPDATE sales.customer SET name = 'z'"), refused);
    assert_eq!(may(&roles.planner, "CREATE TABLE gallra.journal (number bigint)"), refused);
    assert_eq!(may(&roles.runner, "UPDATE sales.customer SET id = 2"), refused);
    fixture.connection.execute(&format!("SET ROLE {}; CREATE TABLE gallra.head (a int); RESET ROLE", quoted(&roles.runner))).unwrap();
    assert_eq!(may(&roles.planner, "SELECT * FROM gallra.head"), Ok(()));
    fixture.connection.execute(&format!("SET ROLE {}", quoted(&roles.planner))).unwrap();
    let (catalog, relations) = super::read(&fixture.connection).unwrap();
    assert_eq!(catalog, fixture.catalog, "every role may read the catalog");
    assert!(!relations.get("country").unwrap().row_security.hides_rows, "of a role that row security does not hold for");
    let failing = checks::failing(&fixture.connection, &relations, catalog.table("sales.customer").unwrap(), &[(1, Some("XXX".into()))]);
    assert_eq!(failing.unwrap(), [(0, 1)]);
    fixture.connection.execute(&format!("RESET ROLE; ALTER ROLE {} NOBYPASSRLS; SET ROLE {0}", quoted(&roles.planner))).unwrap();
    let (_, relations) = super::read(&fixture.connection).unwrap();
    let security = relations.get("country").unwrap().row_security;
    assert!(security.declared && !security.forced && security.hides_rows);
}
