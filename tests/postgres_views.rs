//! PostgreSQL: what the database itself copies: materialized views that show the forgotten until somebody refreshes them, and triggers.

mod shop;

use shop::server::shared;
use shop::{Shop, Size};

const VIEWS: &str = "
    CREATE MATERIALIZED VIEW buyer AS SELECT id, name FROM customer;
    CREATE UNIQUE INDEX ON buyer (id);
    CREATE MATERIALIZED VIEW caller AS SELECT customer_id FROM call;
    CREATE MATERIALIZED VIEW day AS SELECT current_date AS today;";

const LOOK: &str = "look: the materialized view `buyer` still shows what was forgotten; let its owner run REFRESH MATERIALIZED VIEW CONCURRENTLY \
                    \"public\".\"buyer\"";

fn shop(statements: &str, batch: u32) -> Shop<'static> {
    Shop::new(shared(), &Size { statements: format!("{VIEWS}{statements}"), batch, ..Size::default() })
}

/// From here on the runs are those of a role that owns no view.
fn in_role(shop: &Shop<'_>) {
    let (planner, runner) = (format!("plan_{}", shop.database), format!("run_{}", shop.database));
    let sql = shop.call("grants", &["--planner", &planner, "--runner", &runner]).expect(0).printed();
    shop.sql(&sql);
    shop.at(&shared().url_as(&runner, &shop.database));
}

fn shown(shop: &Shop<'_>) -> bool {
    shop.sql("SELECT name FROM buyer WHERE id = 1") == "Kund Karlsson 1"
}

#[test]
fn a_view_that_nobody_refreshed_is_named_every_night_and_by_verify() {
    let shop = shop("", 1_000);
    in_role(&shop);
    shop.call("run", &["--confirm", "16"]).expect(1).says(LOOK);
    for statement in ["SELECT 1", "ANALYZE buyer; VACUUM buyer", "GRANT SELECT ON buyer TO PUBLIC", "CREATE INDEX ON buyer (name)"] {
        shop.sql(statement);
        assert!(shown(&shop));
        let night = shop.call("run", &[]).expect(1).says(LOOK);
        assert!(!night.printed().contains("`day`") && !night.printed().contains("`caller`"), "{}", night.printed());
        shop.call("verify", &[])
            .expect(3)
            .says("the materialized view \"public\".\"buyer\" was not refreshed since a run set out to forget people");
    }
    // Who only reads may know as well.
    shop.at(&shared().url_as(&format!("plan_{}", shop.database), &shop.database));
    shop.call("verify", &[]).expect(3).says("was not refreshed");
    shop.at(&shared().url_as(&format!("run_{}", shop.database), &shop.database));

    shop.sql("REFRESH MATERIALIZED VIEW CONCURRENTLY buyer");
    assert!(!shown(&shop));
    shop.call("verify", &[]).expect(0);
    let night = shop.call("run", &[]).expect(0);
    assert!(!night.printed().contains("materialized"), "{}", night.printed());
    assert_eq!(shop.sql("SELECT count(*) FROM gallra.stale_view"), "0");
}

#[test]
fn a_view_that_was_refreshed_as_a_whole_or_dropped_is_named_no_more() {
    for statement in ["REFRESH MATERIALIZED VIEW buyer", "DROP MATERIALIZED VIEW buyer", "REFRESH MATERIALIZED VIEW buyer WITH NO DATA"] {
        let shop = shop("", 1_000);
        in_role(&shop);
        shop.call("run", &["--confirm", "16"]).expect(1).says(LOOK);
        shop.sql(statement);
        shop.call("verify", &[]).expect(0);
        shop.call("run", &[]).expect(0);
    }
}

/// The batches before the one that failed are committed, and nobody came to the views.
#[test]
fn a_view_that_a_broken_run_left_is_refreshed_by_the_next() {
    let raise = "
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
        CREATE TRIGGER refuse BEFORE UPDATE ON customer FOR EACH ROW WHEN (OLD.id = 18) EXECUTE FUNCTION refuse();";
    let shop = shop(raise, 5);
    shop.call("run", &[]).expect(3);
    assert_eq!(shop.sql("SELECT name FROM customer WHERE id = 1"), "XXX");
    assert!(shown(&shop));
    shop.call("verify", &[]).expect(3).says("was not refreshed");
    // The rest stays, so that the next run writes nothing.
    shop.sql("DROP TRIGGER refuse ON customer; UPDATE customer SET joined = current_date WHERE name <> 'XXX'");
    shop.call("run", &[]).expect(0).says("refreshed the materialized view `buyer`");
    assert!(!shown(&shop));
    shop.call("verify", &[]).expect(0);
}

const TRAIL: &str = "
    CREATE TABLE trail (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customer ON DELETE CASCADE,
        old jsonb NOT NULL);
    CREATE FUNCTION trace() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO trail (customer_id, old) VALUES (OLD.id, to_jsonb(OLD)); RETURN NULL; END $$;
    CREATE TRIGGER trace AFTER UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION trace();";

/// The copies hold the e-mail address as well, of which the file says nothing.
const HALF_OF_IT: &str = r#"
[[reference]]
table = "trail"
columns = ["customer_id"]
kind = "owned"
[table.trail]
id = "key"
customer_id = "reference"
old = { class = "plain", paths = { "name" = "name", "number" = "identifier" } }
"#;

#[test]
fn what_a_trigger_copied_of_the_forgotten_is_their_own_and_no_mention_in_other_peoples_texts() {
    let shop = Shop::new(shared(), &Size { statements: TRAIL.into(), more: HALF_OF_IT, ..Size::default() });
    let night = shop.call("run", &["--vacuum"]).expect(3);
    night.says("identifiers of forgotten subjects are left: trail.old: email in 12 cells").says("vacuumed `trail`");
    assert_eq!(shop.sql("SELECT count(*) FROM trail WHERE old->>'name' <> 'XXX'"), "0");
}

#[test]
fn with_fewer_sessions_than_it_may_have_a_run_goes_on() {
    let shop = shop("", 4);
    let role = format!("few_{}", shop.database);
    shop.sql(&format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 2"));
    shop.sql(&format!(
        "GRANT pg_read_all_data, pg_write_all_data TO {role}; GRANT CREATE, TEMPORARY ON DATABASE \"{}\" TO {role}",
        shop.database
    ));
    shop.at(&shared().url_as(&role, &shop.database));
    let text = std::fs::read_to_string(shop.pipeline()).unwrap();
    std::fs::write(shop.pipeline(), text.replace("[run]", "[run]\nconnections = 8")).unwrap();
    shop.call("run", &[]).expect(1).says("look: ");
    assert_eq!(shop.sql("SELECT count(*) FROM customer WHERE name = 'XXX'"), "12");
}
