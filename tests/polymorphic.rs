//! References of some rows only: another column, or the beginning of the text itself, says which table a row points at. The rows are those of
//! `fixtures/postgres/polymorphic.sql`, where a supplier and a person have the same number.

mod night;

use gallra::progress::{Progress, Silent, Stage};
use gallra::report::RunReport;
use gallra::run::Request;
use night::{Night, Store, Tables, on_both_stores, server};

const PARTY: &str = "[category.party]\ntable = \"party\"\n{delete}[[category.party.retention]]\nname = \"inactivity\"\nclock = \"last_seen\"\nkeep = \"12 months\"\n";

const TABLES: &str = "[table.party]\nid = \"key\"\nname = \"name\"\nlast_seen = \"activity\"\n\
    [table.note]\nid = \"key\"\nresource = \"reference\"\nbody = \"free_text\"\nwritten_on = \"plain\"\n\
    [table.attachment]\nid = \"key\"\nowner_type = \"plain\"\nowner_id = \"reference\"\nfile_name = \"identifier\"\nadded_on = \"plain\"\n";

const SUPPLIER_OUT: &str = "[[out_of_scope]]\ntables = [\"supplier\"]\nreason = \"companies alone\"\n";

fn reference(table: &str, column: &str, to: &str, kind: &str, which: &str) -> String {
    format!("[[reference]]\ntable = \"{table}\"\ncolumns = [\"{column}\"]\nto = \"{to}\"\nkind = \"{kind}\"\n{which}\n")
}

fn attachments(kind: &str) -> String {
    reference("attachment", "owner_id", "party", kind, "when = { owner_type = \"party\" }")
}

fn notes(kind: &str) -> String {
    reference("note", "resource", "party", kind, "prefix = \"party.party,\"")
}

/// A night over the fixture's rows and more.
fn night_of(store: Store, more: &str, rules: &str) -> Night {
    let fixture = format!("{}/fixtures/postgres/polymorphic.sql", env!("CARGO_MANIFEST_DIR"));
    let fixture = std::fs::read_to_string(fixture).unwrap();
    let (tables, rows) = fixture.split_at(fixture.find("INSERT").unwrap());
    Night::of_own(store, tables, &format!("{rows}{more}"), rules)
}

/// What is drawn, without the breaks of its lines.
fn flat(drawn: &str) -> String {
    drawn.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ")
}

fn with(delete: &str, references: &[String], rest: &str) -> String {
    format!("{}{}{rest}{TABLES}", PARTY.replace("{delete}", delete), references.concat())
}

#[track_caller]
fn holds(night: &Night, sql: &str, expected: &[&str]) {
    let database = night.database();
    let mut statement = database.prepare(sql).unwrap();
    let found: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(found, expected, "{sql}");
}

const ALL_NOTES: &str = "SELECT id || ' ' || coalesce(resource, '-') || ' ' || coalesce(body, '-') FROM note ORDER BY id";
const ALL_ATTACHMENTS: &str = "SELECT id || ' ' || owner_type || ' ' || coalesce(file_name, '-') FROM attachment ORDER BY id";

#[track_caller]
fn quiet_run(night: &Night) -> RunReport {
    assert_eq!(night.problems(), "");
    let report = night.run();
    let verified = (report.exit_code, report.skipped.len(), report.verification.findings.len());
    assert_eq!(verified, (0, 0, 0), "{:?} {:?} {:?}", report.notes, report.skipped, report.verification.findings);
    let again = night.run();
    assert!(again.nothing_changed, "{:?}", again.plan.changes);
    report
}

/// The supplier of the same number keeps its rows, and so does whoever is spelled another way: nobody can know who that is.
fn rows_go_with_whom_they_point_at_and_with_nobody_of_the_same_number(store: Store) {
    let more = "INSERT INTO note VALUES (4, 'party.party,01', 'a', '2019-01-01'), (5, 'PARTY.PARTY,1', 'b', '2019-01-01'),
            (6, 'party.party,1 ', 'c', '2019-01-01'), (7, 'party.party,99', 'd', '2019-01-01'), (8, NULL, 'e', '2019-01-01'),
            (9, 'party.party,', 'f', '2019-01-01'), (10, 'xparty.party,1', 'g', '2019-01-01'), (11, 'party.party,1', 'h', '2019-01-01');
        INSERT INTO attachment VALUES (4, 'Party', 1, 'case.pdf', '2019-01-01'), (5, 'party', 99, 'nobody.pdf', '2019-01-01');";
    let night = night_of(store, more, &with("", &[attachments("owned"), notes("owned")], SUPPLIER_OUT));
    let report = quiet_run(&night);
    assert_eq!(report.rows_deleted, 4);
    holds(&night, "SELECT name FROM party", &["Algot Brandberg"]);
    holds(
        &night,
        ALL_NOTES,
        &[
            "2 party.supplier,1 Ring Kvistlunds Trä",
            "3 party.party,2 Ring Algot",
            "4 party.party,01 a",
            "5 PARTY.PARTY,1 b",
            "6 party.party,1  c",
            "7 party.party,99 d",
            "8 - e",
            "9 party.party, f",
            "10 xparty.party,1 g",
        ],
    );
    holds(&night, ALL_ATTACHMENTS, &["2 supplier price-list.pdf", "3 party algot.pdf", "4 Party case.pdf", "5 party nobody.pdf"]);
}

/// A row that is linked keeps whom it points at from being deleted. The supplier's row of the same number keeps nobody.
fn a_linked_row_keeps_its_own_subject_and_nobody_else(store: Store) {
    let references = [attachments("linked"), notes("linked")];
    let night = night_of(store, "", &with("", &references, SUPPLIER_OUT));
    quiet_run(&night);
    holds(&night, "SELECT name FROM party ORDER BY id", &["XXX", "Algot Brandberg"]);
    holds(&night, ALL_ATTACHMENTS, &["1 party -", "2 supplier price-list.pdf", "3 party algot.pdf"]);
    holds(&night, "SELECT resource FROM note ORDER BY id", &["party.party,1", "party.supplier,1", "party.party,2"]);

    for (left, goes) in [("attachment", false), ("note", false), ("", true)] {
        let delete = |table: &str| if table == left { String::new() } else { format!("DELETE FROM {table} WHERE id = 1;") };
        let more = format!("{}{}", delete("attachment"), delete("note"));
        let night = night_of(store, &more, &with("", &references, SUPPLIER_OUT));
        quiet_run(&night);
        holds(&night, "SELECT name FROM party", if goes { &["Algot Brandberg"] } else { &["XXX", "Algot Brandberg"] });
    }
}

/// Rows of one table that belong to two categories: whoever leaves takes along what is theirs.
fn a_row_is_the_data_of_whom_it_points_at_whichever_category_that_is(store: Store) {
    let supplier = "[category.supplier]\ntable = \"supplier\"\ndelete = \"never\"\n[[category.supplier.retention]]\nname = \"notes\"\n\
         clock = [\"note.written_on\"]\nkeep = \"12 months\"\n[table.supplier]\nid = \"key\"\nname = \"name\"\n";
    let references = [
        attachments("owned"),
        notes("owned"),
        reference("attachment", "owner_id", "supplier", "owned", "when = { owner_type = \"supplier\" }"),
        reference("note", "resource", "supplier", "owned", "prefix = \"party.supplier,\""),
    ];
    let rules = with("delete = \"never\"\n", &references, supplier).replace("written_on = \"plain\"", "written_on = \"activity\"");
    let untouched = ["1 party sigismunda.pdf", "2 supplier price-list.pdf", "3 party algot.pdf"];
    for (more, expected) in [
        ("", ["1 party -", untouched[1], untouched[2]]),
        ("UPDATE note SET written_on = '2019-01-01' WHERE id = 2;", ["1 party -", "2 supplier -", untouched[2]]),
        (
            "UPDATE note SET written_on = '2019-01-01' WHERE id = 2; UPDATE party SET last_seen = '2026-11-01';",
            [untouched[0], "2 supplier -", untouched[2]],
        ),
    ] {
        let night = night_of(store, more, &rules);
        quiet_run(&night);
        holds(&night, ALL_ATTACHMENTS, &expected);
        let kept = |number: usize, body: &'static str| if expected[number].ends_with('-') { "-" } else { body };
        let bodies = [kept(0, "Ring Sigismunda"), kept(1, "Ring Kvistlunds Trä"), "Ring Algot"];
        holds(&night, "SELECT coalesce(body, '-') FROM note ORDER BY id", &bodies);
    }
}

/// Who hangs on whom is found along several steps, and a farther path counts where no row has the nearer one.
fn a_path_goes_on_behind_a_reference_of_some_rows(store: Store) {
    let tables = "CREATE TABLE party (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, last_seen DATE NOT NULL);
        CREATE TABLE address (id INTEGER PRIMARY KEY, party_id INTEGER REFERENCES party (id), street VARCHAR(40));
        CREATE TABLE note (id INTEGER PRIMARY KEY, resource VARCHAR(40), body VARCHAR(40));";
    let rows = "INSERT INTO party VALUES (1, 'Sigismunda Kvistlund', '2019-01-01'), (2, 'Algot Brandberg', '2026-11-01');
        INSERT INTO address VALUES (7, 1, 'Ekgatan'), (1, 2, 'Tallgatan');
        INSERT INTO note VALUES (1, 'party,1', 'a'), (2, 'address,7', 'b'), (3, 'address,1', 'c'), (4, 'party,2', 'd'), (5, 'party,7', 'e');";
    let rules = format!(
        "{}{}{}{}[table.party]\nid = \"key\"\nname = \"name\"\nlast_seen = \"activity\"\n\
         [table.address]\nid = \"key\"\nparty_id = \"reference\"\nstreet = \"address\"\n[table.note]\nid = \"key\"\nresource = \"reference\"\nbody = \"free_text\"\n",
        PARTY.replace("{delete}", ""),
        "[[reference]]\ntable = \"address\"\ncolumns = [\"party_id\"]\nkind = \"owned\"\n",
        reference("note", "resource", "party", "owned", "prefix = \"party,\""),
        reference("note", "resource", "address", "owned", "prefix = \"address,\""),
    );
    for (delete, left) in [("", &["3 c", "4 d", "5 e"][..]), ("delete = \"never\"\n", &["1 -", "2 -", "3 c", "4 d", "5 e"])] {
        let rules = rules.replace("[[category.party.retention]]", &format!("{delete}[[category.party.retention]]"));
        let night = Night::of_own(store, tables, rows, &rules);
        quiet_run(&night);
        holds(&night, "SELECT id || ' ' || coalesce(body, '-') FROM note ORDER BY id", left);
    }
}

fn a_personal_key_that_some_rows_point_at_is_refused(store: Store) {
    let tables = "CREATE TABLE party (phone VARCHAR(30) PRIMARY KEY, name VARCHAR(40) NOT NULL, last_seen DATE NOT NULL);
        CREATE TABLE device (phone VARCHAR(30) PRIMARY KEY REFERENCES party (phone));
        CREATE TABLE note (id INTEGER PRIMARY KEY, kind VARCHAR(8), owner VARCHAR(30), resource VARCHAR(40));";
    let rules = |references: &str| {
        format!(
            "{}{references}[table.party]\nphone = \"phone\"\nname = \"name\"\nlast_seen = \"activity\"\n[table.device]\nphone = \"phone\"\n\
             [table.note]\nid = \"key\"\nkind = \"plain\"\nowner = \"plain\"\nresource = \"plain\"\n",
            PARTY.replace("{delete}", "")
        )
    };
    assert_eq!(Night::of_own(store, tables, "", &rules("")).problems(), "");
    // The device's key is a copy of the person's.
    for to in ["party", "device"] {
        let owner = reference("note", "owner", to, "owned", &format!("when = {{ kind = \"{to}\" }}"));
        let resource = reference("note", "resource", to, "owned", &format!("prefix = \"{to},\"\nname = \"resource\""));
        let refused = Night::of_own(store, tables, "", &rules(&format!("{owner}{resource}"))).problems();
        for column in ["owner", "resource"] {
            let words = format!("`note.{column}` points at a personal key of `{to}`, which is replaced");
            assert!(flat(&refused).contains(&words), "{words}: {refused}");
        }
    }
}

/// The column beside it can be a number, or true or false, and there can be several.
fn several_columns_and_other_types_say_where_a_row_points(store: Store) {
    let tables = "CREATE TABLE party (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, last_seen DATE NOT NULL);
        CREATE TABLE note (id INTEGER PRIMARY KEY, type_id INTEGER, is_open BOOLEAN, \"what's\" VARCHAR(40), owner INTEGER);";
    let rows = "INSERT INTO party VALUES (1, 'Sigismunda Kvistlund', '2019-01-01'), (2, 'Algot Brandberg', '2026-11-01');
        INSERT INTO note VALUES (1, 12, TRUE, 'O''Neil\\', 1), (2, 13, TRUE, 'O''Neil\\', 1), (3, 12, FALSE, 'O''Neil\\', 1),
            (4, NULL, TRUE, 'O''Neil\\', 1), (5, 12, NULL, 'O''Neil\\', 1), (6, 12, TRUE, 'O', 1), (7, 12, TRUE, 'O''Neil\\', 2);";
    let rules = format!(
        "{}{}[table.party]\nid = \"key\"\nname = \"name\"\nlast_seen = \"activity\"\n\
         [table.note]\nid = \"key\"\ntype_id = \"plain\"\nis_open = \"plain\"\n\"what's\" = \"plain\"\nowner = \"reference\"\n",
        PARTY.replace("{delete}", ""),
        reference("note", "owner", "party", "owned", "when = { type_id = 12, is_open = true, \"what's\" = \"O'Neil\\\\\" }"),
    );
    let night = Night::of_own(store, tables, rows, &rules);
    quiet_run(&night);
    holds(&night, "SELECT '' || id FROM note ORDER BY id", &["2", "3", "4", "5", "6", "7"]);
}

/// Exactly as it is spelled, whatever the columns' types and collations make equal.
#[test]
fn texts_of_postgres_that_are_compared_in_their_own_ways_are_compared_exactly() {
    let old = "0b5e8f0e-7a53-4c0e-9a55-6a7b8c9d0e1f";
    let tables = Tables {
        sqlite: "CREATE TABLE party (id TEXT PRIMARY KEY, name VARCHAR(40) NOT NULL, last_seen DATE NOT NULL);
            CREATE TABLE member (login TEXT PRIMARY KEY, name VARCHAR(40) NOT NULL, last_seen DATE NOT NULL);
            CREATE TABLE note (id INTEGER PRIMARY KEY, kind TEXT, owner TEXT, folded TEXT, padded TEXT, german TEXT);",
        postgres: "CREATE EXTENSION citext; CREATE TYPE kind AS ENUM ('party', 'supplier');
            CREATE TABLE party (id uuid PRIMARY KEY, name varchar(40) NOT NULL, last_seen date NOT NULL);
            CREATE TABLE member (login text COLLATE \"sv-x-icu\" PRIMARY KEY, name varchar(40) NOT NULL, last_seen date NOT NULL);
            CREATE TABLE note (id integer PRIMARY KEY, kind kind, owner uuid, folded citext, padded char(60), german text COLLATE \"de-x-icu\");",
    };
    let rows = format!(
        "INSERT INTO party VALUES ('{old}', 'Sigismunda Kvistlund', '2019-01-01'), ('0b5e8f0e-7a53-4c0e-9a55-6a7b8c9d0e20', 'Algot Brandberg', '2026-11-01');
         INSERT INTO member VALUES ('åke', 'Torvald Ekmossa', '2019-01-01'), ('ÅKE', 'Ebba Furulund', '2026-11-01');
         INSERT INTO note VALUES (1, 'party', '{old}', NULL, NULL, NULL), (2, 'supplier', '{old}', NULL, NULL, NULL),
            (3, NULL, NULL, 'party,{old}', NULL, NULL), (4, NULL, NULL, 'PARTY,{old}', NULL, NULL), (5, NULL, NULL, NULL, 'party,{old}', NULL),
            (6, NULL, NULL, NULL, 'PARTY,{old}', NULL), (7, NULL, NULL, NULL, NULL, 'member,åke'), (8, NULL, NULL, NULL, NULL, 'member,ÅKE');"
    );
    let rules = format!(
        "{}{}{}{}{}{}[table.party]\nid = \"key\"\nname = \"name\"\nlast_seen = \"activity\"\n\
         [table.member]\nlogin = \"key\"\nname = \"name\"\nlast_seen = \"activity\"\n\
         [table.note]\nid = \"key\"\nkind = \"plain\"\nowner = \"plain\"\nfolded = \"plain\"\npadded = \"plain\"\ngerman = \"plain\"\n",
        PARTY.replace("{delete}", ""),
        PARTY.replace("{delete}", "").replace("party", "member"),
        reference("note", "owner", "party", "owned", "when = { kind = \"party\" }"),
        reference("note", "folded", "party", "owned", "prefix = \"party,\""),
        reference("note", "padded", "party", "owned", "prefix = \"party,\""),
        reference("note", "german", "member", "owned", "prefix = \"member,\""),
    );
    let night = Night::of_own(Store::Postgres, tables, &rows, &rules);
    quiet_run(&night);
    holds(&night, "SELECT '' || id FROM note ORDER BY id", &["2", "4", "6", "8"]);
    let unknown = rules.replace("kind = \"party\" }", "kind = \"partner\" }");
    let refused = Night::of_own(Store::Postgres, tables, &rows, &unknown);
    assert!(flat(&refused.problems()).contains("compares `kind` with `partner`, which its CHECK forbids"), "{}", refused.problems());
}

/// Rows without a tenant's column of their own are the tenant's of whom they point at, by whichever reference that is.
fn a_row_is_of_the_tenant_of_whom_it_points_at(store: Store) {
    let tables = "CREATE TABLE firm (id INTEGER PRIMARY KEY);
        CREATE TABLE party (firm_id INTEGER NOT NULL REFERENCES firm (id), id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, last_seen DATE NOT NULL);
        CREATE TABLE worker (firm_id INTEGER NOT NULL REFERENCES firm (id), id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, last_seen DATE NOT NULL);
        CREATE TABLE note (id INTEGER PRIMARY KEY, resource VARCHAR(40), body VARCHAR(40));";
    let rows = "INSERT INTO firm VALUES (1), (2);
        INSERT INTO party VALUES (1, 1, 'Sigismunda Kvistlund', '2019-01-01'), (2, 2, 'Algot Brandberg', '2026-11-01');
        INSERT INTO worker VALUES (1, 2, 'Torvald Ekmossa', '2019-01-01'), (2, 1, 'Ebba Furulund', '2019-01-01');
        INSERT INTO note VALUES (1, 'party,1', 'a'), (2, 'party,2', 'b'), (3, 'worker,1', 'c'), (4, 'worker,2', 'd');";
    let people = |name: &str| format!("[table.{name}]\nfirm_id = \"reference\"\nid = \"key\"\nname = \"name\"\nlast_seen = \"activity\"\n");
    let rules = format!(
        "[tenants]\ntable = \"firm\"\nkey = \"id\"\ncolumn = \"firm_id\"\n{}{}{}{}[table.firm]\nid = \"key\"\n{}{}\
         [table.note]\nid = \"key\"\nresource = \"reference\"\nbody = \"free_text\"\n",
        PARTY.replace("{delete}", "delete = \"never\"\n"),
        PARTY.replace("{delete}", "delete = \"never\"\n").replace("party", "worker"),
        reference("note", "resource", "party", "owned", "prefix = \"party,\""),
        reference("note", "resource", "worker", "owned", "prefix = \"worker,\""),
        people("party"),
        people("worker"),
    );
    let night = Night::of_own(store, tables, rows, &rules);
    quiet_run(&night);
    holds(&night, "SELECT coalesce(body, '-') FROM note ORDER BY id", &["-", "b", "-", "-"]);
}

/// A pointer that leaves a shared row keeps its form.
fn a_pointer_behind_a_prefix_moves_to_the_placeholder_row(store: Store) {
    let tables =
        "CREATE TABLE party (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, last_seen DATE NOT NULL, home VARCHAR(40) NOT NULL);
        CREATE TABLE address (id INTEGER PRIMARY KEY, street VARCHAR(40));";
    let rows = "INSERT INTO party VALUES (1, 'Sigismunda Kvistlund', '2019-01-01', 'address,7'), (2, 'Algot Brandberg', '2026-11-01', 'address,7'),
            (3, 'Torvald Ekmossa', '2019-01-01', 'address,8'), (4, 'Ebba Furulund', '2019-01-01', 'hotel,7');
        INSERT INTO address VALUES (0, NULL), (7, 'Ekgatan'), (8, 'Tallgatan');";
    let rules = format!(
        "{}{}[table.party]\nid = \"key\"\nname = \"name\"\nlast_seen = \"activity\"\nhome = \"reference\"\n[table.address]\nid = \"key\"\nstreet = \"address\"\n",
        PARTY.replace("{delete}", "delete = \"never\"\n"),
        reference("party", "home", "address", "shared", "prefix = \"address,\"\nplaceholder_row = [0]"),
    );
    let night = Night::of_own(store, tables, rows, &rules);
    quiet_run(&night);
    holds(&night, "SELECT id || ' ' || home FROM party ORDER BY id", &["1 address,0", "2 address,7", "3 address,0", "4 hotel,7"]);
    holds(&night, "SELECT coalesce(street, '-') FROM address ORDER BY id", &["-", "Ekgatan"]);
}

/// Lets somebody else work when the night begins to write.
struct Meanwhile<'a>(&'a (dyn Fn() + Sync));

impl Progress for Meanwhile<'_> {
    fn start(&self, stage: &str, _total: u64) -> Box<dyn Stage> {
        if stage == "write back" {
            (self.0)();
        }
        Box::new(Silent)
    }
}

fn what_is_added_between_snapshot_and_lock_is_seen_and_of_others_is_not(store: Store) {
    for (sql, skipped) in [
        ("INSERT INTO attachment VALUES (9, 'party', 1, 'new.pdf', '2026-11-22')", 1),
        ("UPDATE attachment SET owner_type = 'party' WHERE id = 2", 1),
        ("INSERT INTO note VALUES (9, 'party.party,1', 'new', '2026-11-22')", 1),
        ("UPDATE note SET resource = 'party.party,1' WHERE id = 2", 1),
        ("INSERT INTO attachment VALUES (9, 'supplier', 1, 'new.pdf', '2026-11-22')", 0),
        ("INSERT INTO note VALUES (9, 'party.supplier,1', 'new', '2026-11-22')", 0),
    ] {
        for kind in ["owned", "linked"] {
            let more = if kind == "linked" { "DELETE FROM note WHERE id = 1; DELETE FROM attachment WHERE id = 1;" } else { "" };
            let night = night_of(store, more, &with("", &[attachments(kind), notes(kind)], SUPPLIER_OUT));
            assert_eq!(night.problems(), "");
            let file = std::fs::read_to_string(&night.pipeline).unwrap();
            let database = night.pipeline.with_extension("db");
            let meanwhile = || match store {
                Store::Sqlite => rusqlite::Connection::open(&database).unwrap().execute_batch(sql).unwrap(),
                Store::Postgres => {
                    let source = file.lines().find_map(|line| line.strip_prefix("source = ")).unwrap().trim_matches('"');
                    drop(server::shared().psql(source.rsplit('/').next().unwrap(), sql));
                }
            };
            let request = Request { confirm: Some(1), ..Request::default() };
            let run = |world: &gallra::session::World<'_>| gallra::run::run(&night.pipeline, &request, world, &Meanwhile(&meanwhile));
            let report = night.with_world(run).map_err(night::told).unwrap();
            let reasons: Vec<&str> = report.skipped.iter().map(|skipped| skipped.reason.as_str()).collect();
            assert_eq!(reasons, vec!["changed"; skipped], "{kind}: {sql}");
            assert_eq!(report.forgotten.deleted, 1 - skipped as u64, "{kind}: {sql}");
        }
    }
}

fn what_can_not_be_is_refused(store: Store) {
    let refused = |references: &[String], more: &str, edit: &dyn Fn(String) -> String, words: &[&str]| {
        let fixture = edit(with("", references, &format!("{SUPPLIER_OUT}{more}")));
        let said = night_of(store, "", &fixture).problems();
        words.iter().for_each(|word| assert!(flat(&said).contains(word), "`{word}` is not in {said}"));
    };
    let same = |text: String| text;
    let attached = |which: &str| [reference("attachment", "owner_id", "party", "owned", which), notes("owned")];
    let noted = |which: &str| [attachments("owned"), reference("note", "resource", "party", "owned", which)];
    refused(&attached("when = { owner_tpye = \"party\" }"), "", &same, &["`attachment` has no column `owner_tpye`", "owner_type"]);
    refused(&attached("when = { owner_type = 3 }"), "", &same, &["`attachment.owner_type` never holds `3`: its type is"]);
    refused(&attached("when = { added_on = \"2019-01-01\" }"), "", &same, &["`attachment.added_on` never holds"]);
    refused(
        &attached("when = { owner_id = 1 }"),
        "",
        &same,
        &["`attachment.owner_id` can not both point at a row and say where it points"],
    );
    refused(&attached("prefix = \"party,\""), "", &same, &["`attachment.owner_id` holds no prefix: its type is"]);
    refused(&noted("prefix = \"\""), "", &same, &["no text of `note.resource` has this `prefix` before a key"]);
    let two = [
        attachments("owned"),
        "[[reference]]\ntable = \"note\"\ncolumns = [\"resource\", \"id\"]\nto = \"party\"\nto_columns = [\"id\", \"last_seen\"]\nkind = \"owned\"\nprefix = \"party,\"\n".to_owned(),
    ];
    refused(&two, "", &same, &["a `prefix` stands before the key in one column, and the reference of `note` has 2"]);
    let forgotten = |text: String| text.replace("owner_type = \"plain\"", "owner_type = \"identifier\"");
    refused(
        &attached("when = { owner_type = \"party\" }"),
        "",
        &forgotten,
        &["`attachment.owner_type` says where `party` points and can not be forgotten"],
    );
    let personal = |text: String| text.replace("owner_id = \"reference\"", "owner_id = \"phone\"");
    refused(
        &attached("when = { owner_type = \"party\" }"),
        "",
        &personal,
        &["the column `attachment.owner_id` is a reference, not `phone`"],
    );
    let twice =
        [attachments("owned"), notes("owned"), reference("attachment", "owner_id", "party", "linked", "when = { owner_type = \"old\" }")];
    refused(&twice, "", &same, &["two references of `attachment` have the name `owner_id`"]);
    let set = "[set.files]\nbase = \"attachment\"\nrelease = \"pseudonymised\"\ncolumns = [{ name = \"owner\", path = \"owner_id\", as = \"pseudonym\" }]\n";
    refused(
        &[attachments("owned"), notes("owned")],
        set,
        &same,
        &["`attachment.owner_id` points at several tables, so its pseudonym would name the wrong row"],
    );

    let tables = "CREATE TABLE party (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, last_seen DATE NOT NULL, born DATE UNIQUE);
        CREATE TABLE note (id INTEGER PRIMARY KEY, kind VARCHAR(8) CHECK (kind IN ('party', 'order')), party_id INTEGER REFERENCES party (id), other INTEGER, text VARCHAR(40));
        INSERT INTO note VALUES (1, 'party', NULL, NULL, NULL);";
    let own = |which: &str| {
        let rules = format!(
            "{}{which}[table.party]\nid = \"key\"\nname = \"name\"\nlast_seen = \"activity\"\nborn = \"plain\"\n\
             [table.note]\nid = \"key\"\nkind = \"plain\"\nparty_id = \"reference\"\nother = \"plain\"\ntext = \"plain\"\n",
            PARTY.replace("{delete}", "")
        );
        let said =
            Night::of_own(store, tables.split_once("INSERT").unwrap().0, "INSERT INTO note VALUES (1, 'party', NULL, NULL, NULL);", &rules)
                .problems();
        flat(&said)
    };
    let enforced = own(&reference("note", "party_id", "party", "owned", "when = { kind = \"party\" }"));
    assert!(enforced.contains("the store declares a foreign key of `note` on `party_id`, which every row has"), "{enforced}");
    let forbidden = own(&reference("note", "other", "party", "owned", "when = { kind = \"nobody\" }"));
    assert!(forbidden.contains("the reference of `note` compares `kind` with `nobody`, which its CHECK forbids"), "{forbidden}");
    let long = own(&reference("note", "other", "party", "owned", "when = { kind = \"everybody\" }"));
    assert!(long.contains("`note.kind` never holds `everybody`"), "{long}");
    let dated = own(&reference("note", "text", "party", "owned", "to_columns = [\"born\"]\nprefix = \"born,\""));
    assert!(dated.contains("the key `party.born` can not stand behind a `prefix`"), "{dated}");
    assert_eq!(own(&reference("note", "other", "party", "owned", "when = { kind = \"party\" }")), "");
}

on_both_stores!(
    rows_go_with_whom_they_point_at_and_with_nobody_of_the_same_number,
    a_linked_row_keeps_its_own_subject_and_nobody_else,
    a_row_is_the_data_of_whom_it_points_at_whichever_category_that_is,
    a_path_goes_on_behind_a_reference_of_some_rows,
    a_personal_key_that_some_rows_point_at_is_refused,
    a_row_is_of_the_tenant_of_whom_it_points_at,
    several_columns_and_other_types_say_where_a_row_points,
    a_pointer_behind_a_prefix_moves_to_the_placeholder_row,
    what_is_added_between_snapshot_and_lock_is_seen_and_of_others_is_not,
    what_can_not_be_is_refused,
);
