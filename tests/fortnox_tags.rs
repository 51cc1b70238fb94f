//! What Fortnox promises its customers (F1 to F4, F7 to F9), each as a test: what plain SQL finds in the database before and after the night,
//! on both stores.

mod night;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use night::{Content, Night, Store, dump, on_both_stores, text_of};

const DAY: Date = date(2026, 11, 22);

fn night(store: Store) -> Night {
    Night::of_fixture(store, "fortnox", DAY)
}

fn set_day(night: &mut Night, day: Date) {
    night.now = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).unwrap().timestamp();
}

/// The first column of all rows.
fn texts(night: &Night, sql: &str) -> Vec<Option<String>> {
    let database = night.database();
    let mut statement = database.prepare(sql).unwrap();
    statement.query_map([], |row| Ok(text_of(&row.get(0)?))).unwrap().map(Result::unwrap).collect()
}

fn set(night: &Night, sql: &str) -> BTreeSet<String> {
    texts(night, sql).into_iter().flatten().collect()
}

fn number(night: &Night, sql: &str) -> i64 {
    night.database().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Where a text stands: `table.column`, once per cell.
fn places_of(tables: &BTreeMap<String, Content>, needle: &str) -> Vec<String> {
    let mut places = Vec::new();
    for (table, content) in tables {
        for (column, value) in content.rows.iter().flatten() {
            if text_of(value).is_some_and(|text| text.contains(needle)) {
                places.push(format!("{table}.{column}"));
            }
        }
    }
    places
}

/// F1: seven categories, each with rules of its own; one without rules is an error, and each forgets somebody by its own rule.
fn f1_seven_categories_each_with_its_own_rules(store: Store) {
    let night = night(store);
    // Table, key, who goes tonight, and who is kept by the same rule.
    let subjects = [
        ("customer", "customer_no", "1001", "1006"),
        ("supplier", "supplier_no", "2002", "2001"),
        ("employee", "employee_no", "3002", "3004"),
        ("app_user", "user_id", "4002", "4001"),
        ("crm_contact", "contact_id", "5002", "5001"),
        ("consultant", "consultant_no", "6001", "6003"),
        ("client", "client_no", "7001", "7002"),
    ];
    let row = |table: &str, key: &str, at: &str| {
        let content = &dump(&night.database())[table];
        assert_eq!(content.key, [key]);
        content.row(&[at.to_owned()]).cloned()
    };
    let before: Vec<_> = subjects.iter().map(|(table, key, _, kept)| row(table, key, kept)).collect();
    for (table, key, goes, _) in subjects {
        assert!(row(table, key, goes).is_some(), "`{table}` {goes}");
    }
    night.run();
    for ((table, key, goes, kept), before) in subjects.into_iter().zip(before) {
        let gone = row(table, key, goes);
        // A consultant's row is counted on for years, and is emptied instead.
        assert_eq!(gone.is_some(), table == "consultant", "`{table}` {goes}");
        assert!(gone.is_none_or(|gone| text_of(&gone["name"]).as_deref() == Some("XXX")));
        assert_eq!(row(table, key, kept), before, "`{table}` {kept}");
    }

    let shipped = std::fs::read_to_string(&night.pipeline).unwrap();
    let (before, rest) = shipped.split_once("[[category.consultant.retention]]").unwrap();
    let (_, after) = rest.split_once("[category.client]").unwrap();
    std::fs::write(&night.pipeline, format!("{before}[category.client]{after}")).unwrap();
    assert!(night.problems().contains("the category `consultant` has no retention rule"), "{}", night.problems());
}

/// Who has an offer, an order or an invoice, directly or through a row of a table out of scope.
const LINKED: &str = "SELECT customer_no FROM sales_offer UNION SELECT customer_no FROM sales_order UNION SELECT customer_no FROM invoice
                      UNION SELECT customer_no FROM sie_export_line";

/// F2: whoever has an offer, an order or an invoice keeps the row, with empty optional fields; whoever has none is deleted.
fn f2_a_customer_with_an_order_is_never_deleted(store: Store) {
    let night = night(store);
    let customers = |night: &Night, which: &str| set(night, &format!("SELECT customer_no FROM customer WHERE {which}"));
    let linked_before = customers(&night, &format!("customer_no IN ({LINKED})"));
    let all_before = customers(&night, "1");
    let suppliers = "SELECT supplier_no FROM supplier WHERE supplier_no IN (SELECT supplier_no FROM supplier_invoice)";
    let suppliers_before = set(&night, suppliers);
    let relations = [
        "SELECT offer_no || ' ' || customer_no FROM sales_offer",
        "SELECT order_no || ' ' || customer_no FROM sales_order",
        "SELECT invoice_no || ' ' || customer_no || ' ' || coalesce(order_no, '') FROM invoice",
        "SELECT row_id || ' ' || order_no || ' ' || article_no FROM order_row",
        "SELECT payment_id || ' ' || invoice_no FROM payment",
        "SELECT supplier_invoice_no || ' ' || supplier_no FROM supplier_invoice",
    ];
    let relations_before = relations.map(|sql| set(&night, sql));
    night.run();
    assert_eq!(customers(&night, &format!("customer_no IN ({LINKED})")), linked_before, "no customer with a business event is deleted");
    assert_eq!(set(&night, suppliers), suppliers_before);
    assert_eq!(relations.map(|sql| set(&night, sql)), relations_before, "no row disappears and no relation changes");
    assert_eq!(texts(&night, "SELECT 1 FROM pragma_foreign_key_check"), []);

    let deleted: BTreeSet<_> = all_before.difference(&customers(&night, "1")).cloned().collect();
    assert!(deleted.len() > 10 && deleted.is_disjoint(&linked_before), "{deleted:?}");
    for wanted in ["1001", "1028", "1045"] {
        assert!(deleted.contains(wanted), "`{wanted}` had no link");
    }
    // Optional fields are NULL, mandatory ones hold a value and not the old one.
    let emptied = customers(&night, "name = 'XXX'");
    assert!(emptied.len() > 10, "{emptied:?}");
    let optional = "search_name IS NULL AND org_no IS NULL AND vat_no IS NULL AND email IS NULL AND phone IS NULL AND address IS NULL
                    AND city IS NULL AND bank_account IS NULL AND contract_file IS NULL AND credit_note IS NULL AND profile IS NULL AND notes IS NULL";
    assert_eq!(customers(&night, &format!("name = 'XXX' AND {optional}")), emptied);
    assert_eq!(customers(&night, "name = 'XXX' AND portal_login LIKE 'XXX%' AND length(invoice_reference) >= 5"), emptied);
}

/// F3: the same placeholder for everyone, and variants only where a type, a length, a CHECK or a UNIQUE demands one.
fn f3_the_same_placeholder_for_everyone(store: Store) {
    let night = night(store);
    let before = dump(&night.database());
    night.run();
    let after = dump(&night.database());
    // Table, column → what replaced values of those rows that were there before.
    let replaced = |table: &str, column: &str| -> BTreeSet<Option<String>> {
        let (old, new) = (&before[table], &after[table]);
        let key_of = |row: &night::Row| -> Vec<String> { old.key.iter().map(|column| text_of(&row[column]).unwrap()).collect() };
        let pairs = old.rows.iter().filter_map(|row| Some((&row[column], &new.row(&key_of(row))?[column])));
        pairs.filter(|(old, new)| old != new).map(|(_, new)| text_of(new)).collect()
    };
    let only = |text: &str| BTreeSet::from([Some(text.to_owned())]);
    for (table, column) in [
        ("customer", "name"),
        ("supplier", "name"),
        ("supplier", "phone"),
        ("employee", "name"),
        ("employee", "bank_account"),
        ("consultant", "name"),
        ("invoice", "buyer_name"),
        ("invoice", "buyer_address"),
        ("supplier_invoice", "supplier_name"),
        ("support_ticket", "reporter_name"),
        ("customer_note", "body"),
    ] {
        assert_eq!(replaced(table, column), only("XXX"), "{table}.{column}");
    }
    assert_eq!(replaced("supplier", "signature"), only("XX"), "VARCHAR(2)");
    assert_eq!(replaced("customer", "invoice_reference"), only("XXXXX"), "a CHECK of five characters");
    assert_eq!(replaced("supplier", "email"), only("xxx@gallra.invalid"), "an address, but nobody's");
    assert_eq!(replaced("consultant", "personal_no"), only("0"), "a number");
    assert_eq!(replaced("consultant", "birth_date"), only("1900-01-01"), "a mandatory date");
    let logins = replaced("customer", "portal_login");
    assert!(logins.len() > 10 && logins.iter().flatten().all(|login| login.starts_with("XXX")), "UNIQUE: {logins:?}");
    for (table, column) in [("customer", "email"), ("customer", "phone"), ("supplier", "bankgiro"), ("payment", "payer_name")] {
        assert_eq!(replaced(table, column), BTreeSet::from([None]), "{table}.{column} may be empty");
    }
}

/// F4: an issued invoice keeps its buyer through the last day of the accounting period, and its amounts for ever.
fn f4_an_issued_invoice_keeps_its_buyer_until_bookkeeping_ends(store: Store) {
    let mut night = night(store);
    // Issued on 10 May 2021, fiscal years are calendar years: to the end of 2028 (Bokföringslagen 7 kap. 2 §).
    let sql =
        "SELECT buyer_name || '|' || coalesce(buyer_email, '') || '|' || (SELECT name FROM customer c WHERE c.customer_no = i.customer_no)
               FROM invoice i WHERE invoice_no = 1003 AND issued_on = '2021-05-10'";
    let amounts = "SELECT group_concat(invoice_no || ':' || total || ':' || vat_amount || ':' || balance, ' ') FROM (SELECT * FROM invoice ORDER BY invoice_no)";
    let amounts_before = texts(&night, amounts);
    assert_eq!(texts(&night, sql), [Some("Cecilia Dahl|cecilia.dahl@example.com|Cecilia Dahl".to_owned())]);
    for (day, expected) in
        [(DAY, "Cecilia Dahl||Cecilia Dahl"), (date(2028, 12, 31), "Cecilia Dahl||Cecilia Dahl"), (date(2029, 1, 1), "XXX||XXX")]
    {
        set_day(&mut night, day);
        night.run();
        assert_eq!(texts(&night, sql), [Some(expected.to_owned())], "{day}");
        assert_eq!(texts(&night, amounts), amounts_before, "{day}");
    }
    // A payment of 1 June 2021 and the invoice that it pays are under the same act.
    assert_eq!(texts(&night, "SELECT payer_name FROM payment WHERE payment_id = 2"), [None]);
    assert_eq!(number(&night, "SELECT count(*) FROM invoice"), 11);
}

/// F7: what people have written is gone through before anything is published, and what stays of it names nobody who was forgotten.
fn f7_free_text_is_scrubbed_before_anything_is_published(store: Store) {
    let night = night(store);
    let before = dump(&night.database());
    let forgotten = [
        "Sanna Skrubb",
        "sanna.skrubb@example.com",
        "070-174 06 46",
        "070-1740646",
        "18900130-9815",
        "Bertil Björk",
        "Tilda Ticket",
        "Nora Notis",
    ];
    for text in forgotten {
        assert!(!places_of(&before, text).is_empty(), "`{text}` stands somewhere before");
    }
    night.run();
    let after = dump(&night.database());
    for text in forgotten {
        assert_eq!(places_of(&after, text), [""; 0], "`{text}`");
    }
    let message = |order: u32| texts(&night, &format!("SELECT message FROM sales_order WHERE order_no = {order}")).remove(0);
    // The rest of a text stays; who else is named in it goes with the subject. A text of a customer who is still there is left alone.
    assert_eq!(message(5046).as_deref(), Some("Granne [name] tar emot om [name] är borta"));
    assert_eq!(message(6046).as_deref(), Some("Två säckar kaffe, tack"));
    assert_eq!(message(1047).as_deref(), Some("Ring Alva Aktiv"));
    // No set has a column that a text could be in.
    for manifest in ["purchase_history", "sales_by_area"] {
        let folder = night.folder.path().join("published/fortnox").join(manifest);
        let latest = std::fs::read_to_string(folder.join("latest.json")).unwrap();
        assert!(!latest.is_empty());
    }
    let shipped = std::fs::read_to_string(&night.pipeline).unwrap();
    let quantity = "    { name = \"quantity\", path = \"quantity\", description = \"How many\" },\n";
    assert!(shipped.contains(quantity));
    for path in ["row_text", "sales_order.message", "sales_order.customer.notes"] {
        let asking = format!("{quantity}    {{ name = \"text\", path = \"{path}\" }},\n");
        std::fs::write(&night.pipeline, shipped.replace(quantity, &asking)).unwrap();
        assert!(night.problems().contains(path.rsplit('.').next().unwrap()), "{}", night.problems());
    }
}

/// F8: a sole trader is a natural person, by the number and whatever the row says; a limited company is not.
fn f8_a_sole_trader_is_a_natural_person(store: Store) {
    let night = night(store);
    let kind = |customer: u32| {
        texts(&night, &format!("SELECT type || ' ' || org_no FROM customer WHERE customer_no = '{customer}'")).pop().flatten()
    };
    assert_eq!(kind(1029).as_deref(), Some("sole_trader 900102-9819"));
    assert_eq!(kind(1031).as_deref(), Some("company 900103-9800"), "a personal identity number behind the word company");
    assert_eq!(kind(1032).as_deref(), Some("company 189001049817"), "a student's practice company");
    assert_eq!(kind(1072).as_deref(), Some("company 559999-9926"));
    night.run();
    // The one has an order and is emptied, the VAT number that embeds the identity number too; the other had no link and is gone.
    assert_eq!(
        texts(&night, "SELECT name || coalesce(org_no, '') || coalesce(vat_no, '') FROM customer WHERE customer_no IN ('1029', '1032')"),
        [Some("XXX".to_owned()), Some("XXX".to_owned())]
    );
    assert_eq!(kind(1031), None);
    assert_eq!(kind(1072).as_deref(), Some("company 559999-9926"));
    let after = dump(&night.database());
    for number in ["900102-9819", "9001029819", "900103-9800", "9001039800", "189001049817"] {
        assert_eq!(places_of(&after, number), [""; 0], "{number}");
    }
}

/// F9: the retention clocks of the notice, each on its last day and on the day after.
fn f9_the_retention_clocks_of_the_notice(store: Store) {
    let mut night = night(store);
    let there =
        |night: &Night, table: &str, key: &str, at: u32| number(night, &format!("SELECT count(*) FROM {table} WHERE {key} = {at}")) == 1;
    // Contact: 22 October and 1 month. Security log: 22 May and 6 months. Chat: 24 August (half past midnight in Stockholm) and 90 days.
    // Study: 22 May and 6 months. All of them end today.
    let ending = [("crm_contact", "contact_id", 5001), ("security_log", "log_id", 1), ("chat_message", "message_id", 1)];
    // The day before was the last one of these.
    let ended = [("crm_contact", "contact_id", 5002), ("security_log", "log_id", 2), ("chat_message", "message_id", 2)];
    let respondent = |night: &Night, answer: u32| {
        texts(night, &format!("SELECT respondent_email FROM survey_answer WHERE answer_id = {answer}")).remove(0)
    };
    assert!(ending.iter().chain(&ended).all(|(table, key, at)| there(&night, table, key, *at)));
    night.run();
    for (table, key, at) in ending {
        assert!(there(&night, table, key, at), "{table} {at}");
    }
    for (table, key, at) in ended {
        assert!(!there(&night, table, key, at), "{table} {at}");
    }
    assert_eq!((respondent(&night, 1), respondent(&night, 2).as_deref()), (None, Some("fredrik.gran@example.com")));
    // Tickets: 3 years after the relation ended on 31 January and on 30 November 2023.
    assert_eq!([1, 2].map(|ticket| there(&night, "support_ticket", "ticket_no", ticket)), [false, true]);
    // Training: the clock restarts at each completed course, the last one on 30 November 2024 and 24 months.
    assert_eq!([4004, 4005].map(|user| there(&night, "app_user", "user_id", user)), [true, false]);

    set_day(&mut night, date(2026, 11, 23));
    night.run();
    for (table, key, at) in ending {
        assert!(!there(&night, table, key, at), "{table} {at}");
    }
    assert_eq!(respondent(&night, 2), None);
    set_day(&mut night, date(2026, 11, 30));
    night.run();
    assert!(there(&night, "support_ticket", "ticket_no", 2) && there(&night, "app_user", "user_id", 4004));
    set_day(&mut night, date(2026, 12, 1));
    night.run();
    assert!(!there(&night, "support_ticket", "ticket_no", 2) && !there(&night, "app_user", "user_id", 4004));
    // The payment history is kept by the bookkeeping act alone: the payer of 1 June 2021 is still known.
    assert_eq!(texts(&night, "SELECT payer_name FROM payment WHERE payment_id = 2"), [Some("Cecilia Dahl".to_owned())]);
}

on_both_stores!(
    f1_seven_categories_each_with_its_own_rules,
    f2_a_customer_with_an_order_is_never_deleted,
    f3_the_same_placeholder_for_everyone,
    f4_an_issued_invoice_keeps_its_buyer_until_bookkeeping_ends,
    f7_free_text_is_scrubbed_before_anything_is_published,
    f8_a_sole_trader_is_a_natural_person,
    f9_the_retention_clocks_of_the_notice,
);
