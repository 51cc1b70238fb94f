//! What 24SevenOffice promises its customers (T1 to T5), each as a test: what plain SQL finds in the database before and after the night, on
//! both stores. The last days of keeping are worked out by hand from the statutes; none of them comes from the program.

mod night;

use std::collections::BTreeMap;

use gallra::run::Request;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use night::{Content, Night, Store, dump, on_both_stores, text_of, told};

const FIXTURE: &str = "twentyfoursevenoffice";
const DAY: Date = date(2026, 11, 22);

fn night(store: Store) -> Night {
    Night::of_fixture(store, FIXTURE, DAY)
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

fn text(night: &Night, sql: &str) -> Option<String> {
    let mut found = texts(night, sql);
    assert_eq!(found.len(), 1, "{sql}");
    found.remove(0)
}

fn update(night: &Night, sql: &str, rows: usize) {
    assert_eq!(night.database().execute(sql, []).unwrap(), rows, "{sql}");
}

/// Table → all rows of some companies as text, in order.
fn rows_of(content: &BTreeMap<String, Content>, companies: &[i64]) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for (table, content) in content {
        let column = if table == "company" { "id" } else { "company_id" };
        let theirs = content.rows.iter().filter(|row| companies.iter().any(|company| row[column] == (*company).into()));
        let mut rows: Vec<String> = theirs.map(|row| format!("{row:?}")).collect();
        rows.sort();
        found.insert(table.clone(), rows);
    }
    found
}

/// T1: an invoice of 15 August 2016, in four companies with a fiscal year that ended on 30 April 2017. The published example gives the last
/// days: Sweden 2024-12-31, Denmark and Norway 2022-04-30, Finland (vouchers) 2023-12-31 and (books) 2027-04-30, Norway (secondary) 2020-10-31.
fn t1_the_published_example_ends_on_the_day_that_each_act_says(store: Store) {
    let of_buyer = |company: u32| {
        format!("SELECT buyer_name FROM invoice WHERE company_id = {company} AND invoice_no = 10102 AND issued_on = '2016-08-15'")
    };
    let of_agreement = "SELECT file_name FROM document WHERE company_id = 9 AND document_no = 1 AND stored_on = '2016-08-15'".to_owned();
    let of_books = "SELECT supplier_name FROM voucher WHERE company_id = 4 AND voucher_no = 1 AND booked_on = '2016-08-15'".to_owned();
    let cases = [
        (of_agreement, "avtale-vegard.pdf", None, date(2020, 10, 31)),
        (of_buyer(3), "Birger Prøvesen", Some("XXX"), date(2022, 4, 30)),
        (of_buyer(9), "Bjarne Fjordprøve", Some("XXX"), date(2022, 4, 30)),
        (of_buyer(4), "Benita Koenen", Some("XXX"), date(2023, 12, 31)),
        (of_buyer(2), "Berit Provare", Some("XXX"), date(2024, 12, 31)),
        (of_books, "Anja Koetoimittaja", None, date(2027, 4, 30)),
    ];
    let mut night = Night::of_fixture(store, FIXTURE, date(2020, 10, 31));
    let days: std::collections::BTreeSet<Date> = cases.iter().flat_map(|(_, _, _, last)| [*last, last.tomorrow().unwrap()]).collect();
    for day in days {
        set_day(&mut night, day);
        night.run();
        for (sql, value, replacement, last) in &cases {
            let expected = if day <= *last { Some(*value) } else { *replacement };
            assert_eq!(text(&night, sql).as_deref(), expected, "{day}: {sql}");
        }
    }
}

/// T1: the buyer of one day is kept as long as the act and the calendar of each company say, to the day, and then goes; the total never does.
fn t1_one_day_has_another_last_day_in_each_company(store: Store) {
    // 15 June 2022: Norway by calendar years, Sweden by May to April, Denmark in the year extended to June 2022, Finland by May to April,
    // Norway to the end of February and to the end of April.
    let cases = [
        (1, date(2027, 12, 31)),
        (2, date(2030, 12, 31)),
        (3, date(2027, 6, 30)),
        (4, date(2029, 12, 31)),
        (5, date(2028, 2, 29)),
        (9, date(2028, 4, 30)),
    ];
    let mut night = night(store);
    let buyer = |company: u32| {
        format!(
            "SELECT buyer_name || '|' || buyer_address FROM invoice WHERE company_id = {company} AND invoice_no = 10101 AND issued_on = '2022-06-15'"
        )
    };
    let customer = |company: u32| {
        format!("SELECT name || '|' || coalesce(email, '') FROM customer WHERE company_id = {company} AND customer_no = 101")
    };
    let totals = "SELECT group_concat(company_id || ':' || total, ' ') FROM (SELECT * FROM invoice ORDER BY company_id, invoice_no)";
    let totals_before = text(&night, totals);
    let before: Vec<_> = cases.iter().map(|(company, _)| text(&night, &buyer(*company))).collect();
    let names: Vec<_> = cases.iter().map(|(company, _)| text(&night, &customer(*company)).unwrap()).collect();
    let days: std::collections::BTreeSet<Date> =
        cases.iter().flat_map(|(_, last)| [*last, last.tomorrow().unwrap()]).chain([DAY]).collect();
    for day in days {
        set_day(&mut night, day);
        night.run();
        for (((company, last), before), name) in cases.iter().zip(&before).zip(&names) {
            let (now, its_name) = (text(&night, &buyer(*company)), text(&night, &customer(*company)));
            if day <= *last {
                assert_eq!(now, *before, "{day}: company {company}");
                assert_eq!(
                    its_name,
                    Some(format!("{}|", name.split('|').next().unwrap())),
                    "{day}: the name stays, the address of mail does not"
                );
            } else {
                assert_eq!(now, None, "{day}: company {company}: without an address the sum of both is nothing");
                assert_eq!(its_name.as_deref(), Some("XXX|"), "{day}: company {company}");
            }
        }
        assert_eq!(text(&night, totals), totals_before, "{day}");
    }
}

/// T1: what a duty, a hold or a purpose has kept goes when that ends, whoever was forgotten long before; in 2045 all but a few are gone.
fn t1_in_the_end_everything_goes_but_what_has_no_end(store: Store) {
    let mut night = night(store);
    night.run();
    let content = |night: &Night| text(night, "SELECT content FROM document WHERE company_id = 1 AND document_no = 1").unwrap();
    assert!(content(&night).contains("Ylva Avtale pays in May"), "kept by its duty to 30 June 2027");
    for day in [date(2027, 7, 1), date(2045, 1, 1)] {
        set_day(&mut night, day);
        let report = night.run();
        assert!(report.verification.findings.is_empty(), "{day}: {:?}", report.verification.findings);
        let expected = r#"{"signer": {"name": null, "email": null}, "clauses": [{"no": 1}], "sum": 1250.50}"#;
        assert_eq!(content(&night), expected, "{day}");
    }
    let named = |table: &str, key: &str, column: &str| {
        let live = "company_id NOT IN (6, 7, 8)";
        texts(
            &night,
            &format!("SELECT company_id || '/' || {key} FROM {table} WHERE {live} AND {column} <> 'XXX' ORDER BY company_id, {key}"),
        )
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
    };
    assert_eq!(
        named("customer", "customer_no", "name"),
        [
            "1/106", // an invoice from before the calendar: the duty has no end that is known
            "1/223", "1/224", "1/228", // a hold on everything, restriction, a claim
            "1/229", "1/230", // an open question, an unpaid invoice
            "1/303", // still works here
            "1/401", "1/404", "1/407", "1/408", "1/409", "1/410", "1/412", "1/413", // holds, claims, restriction, a question, a debt
            "1/420", "1/421", "1/422", "1/424", // no day that says anything
            "1/425", // an invoice from after the last fiscal year that was entered
            "2/108", // before the calendar
            "2/440", // a company
        ]
    );
    assert_eq!(named("supplier", "supplier_no", "name"), ["1/25", "1/26"], "an unknown fiscal year, a company");
    assert_eq!(named("employee", "employee_no", "name"), ["1/11", "1/17", "1/18", "1/19", "2/12"], "who never left");
    assert_eq!(named("contact", "contact_no", "name"), ["1/41"]);
    assert_eq!(named("candidate", "candidate_no", "name"), ["2/51"]);
    assert_eq!(named("user_login", "user_no", "display_name"), [""; 0]);
    let buyers = named("invoice", "invoice_no", "buyer_name");
    let kept = ["1/10106", "1/10223", "1/10224", "1/10228", "1/10229", "1/10230", "1/10404", "1/10408", "1/10413", "1/10425", "2/10108"];
    assert_eq!(buyers, kept, "of whom the customer above is kept with everything, under a claim, or by the duty itself");
}

/// T1: a company whose calendar or country says nothing is stopped with the reason, to the last cell; all others go on.
fn t1_a_company_without_a_usable_calendar_or_pack_is_stopped(store: Store) {
    let night = night(store);
    let before = dump(&night.database());
    let report = night.run();
    let after = dump(&night.database());
    assert_eq!(rows_of(&before, &[6, 7, 8]), rows_of(&after, &[6, 7, 8]));
    let stopped: BTreeMap<&str, &str> = report.plan.stopped.iter().map(|line| (line.tenant.as_str(), line.reason.as_str())).collect();
    assert_eq!(stopped.keys().copied().collect::<Vec<_>>(), ["6", "7", "8"]);
    for (company, word) in
        [("6", "no fiscal year covers the days between `2020-12-31` and `2022-01-01`"), ("7", "country"), ("8", "18 months")]
    {
        assert!(stopped[company].contains(word), "{company}: {}", stopped[company]);
    }
    for company in [1, 2, 3, 4, 5, 9] {
        assert_ne!(rows_of(&before, &[company]), rows_of(&after, &[company]), "company {company} is processed");
    }
    // Once the missing year is entered the company goes on by itself.
    update(&night, "INSERT INTO fiscal_year (company_id, year_no, starts_on, ends_on) VALUES (6, 9, '2021-01-01', '2021-12-31')", 1);
    // An invoice of 2016 lies before its calendar: the name stays until somebody enters that year, and everything else goes.
    night.run();
    assert_eq!(
        text(&night, "SELECT name || '|' || coalesce(email, '') FROM customer WHERE company_id = 6").as_deref(),
        Some("Agnete Hullesen|")
    );
}

/// T1: a country that a duty names no pack for is not guessed at.
fn t1_a_country_without_a_pack_is_stopped(store: Store) {
    let night = night(store);
    let shipped = std::fs::read_to_string(&night.pipeline).unwrap();
    assert_eq!(shipped.matches(", FI = \"fi.books\" }").count(), 1);
    std::fs::write(&night.pipeline, shipped.replace(", FI = \"fi.books\" }", " }")).unwrap();
    let before = dump(&night.database());
    let report = night.run();
    assert_eq!(rows_of(&before, &[4]), rows_of(&dump(&night.database()), &[4]), "not a cell of the Finnish company changes");
    assert_ne!(rows_of(&before, &[2]), rows_of(&dump(&night.database()), &[2]));
    let stopped = report.plan.stopped.iter().find(|line| line.tenant == "4").unwrap();
    assert!(stopped.reason.contains("bookkeeping_ledger") && stopped.reason.contains("FI"), "{}", stopped.reason);
    assert_eq!(report.exit_code, 1);
}

/// T1: the decision can be told field by field: rule, purpose with its basis, and statute.
fn t1_the_plan_tells_rule_basis_and_statute(store: Store) {
    let night = night(store);
    let (session, planned) = night.plan();
    let report = planned.report(&session).unwrap();
    let of_customers = |line: &&gallra::report::OutcomeLine| line.tenant == "1" && line.category == "customer";
    let told = |parts: &[&str]| report.outcomes.iter().filter(of_customers).any(|line| parts.iter().all(|part| line.reason.contains(part)));
    for parts in [
        ["purpose `newsletter` has ended", "consent withdrawn", "GDPR article 7(3)"],
        ["purpose `marketing` has ended", "objection", "GDPR article 21"],
        ["purpose `delivery` has ended", "its period of 12 months is over", "GDPR article 6(1)(b)"],
        ["purpose `credit_check` has ended", "its period of 12 months is over", "GDPR article 6(1)(f)"],
        ["rule `relation`", "its period of 24 months is over", "GDPR article 5(1)(e)"],
    ] {
        assert!(told(&parts), "{parts:?}");
    }
}

/// What stands in the columns of a customer that purposes name.
const PURPOSES: &str = "coalesce(newsletter_email, '-') || '|' || coalesce(mobile, '-') || '|' || coalesce(address, '-') || '|' ||
                        coalesce(marketing_segment, '-') || '|' || coalesce(dietary_note, '-')";

fn purposes(night: &Night, customer: u32) -> String {
    text(night, &format!("SELECT {PURPOSES} FROM customer WHERE company_id = 1 AND customer_no = {customer}")).unwrap()
}

/// T2: one consent after the other is withdrawn from one customer, who stays one: each takes what rests on it alone.
fn t2_withdrawing_consent_erases_only_what_rests_on_it(store: Store) {
    let mut night = night(store);
    // Customer 202 has given every consent, and is made to have every field.
    update(&night, "UPDATE customer SET marketing_segment = 'hiker', dietary_note = 'vegan' WHERE company_id = 1 AND customer_no = 202", 1);
    update(&night, "UPDATE consent SET withdrawn_on = NULL WHERE company_id = 1 AND consent_no = 4", 1);
    update(
        &night,
        "INSERT INTO consent (company_id, consent_no, customer_no, purpose, given_on) VALUES (1, 99, 202, 'event', '2019-01-01')",
        1,
    );
    let rest = |night: &Night| {
        text(night, "SELECT name || '|' || email || '|' || created_on || '|' || (SELECT buyer_name || total FROM invoice WHERE company_id = 1 AND invoice_no = 10202)
                     FROM customer WHERE company_id = 1 AND customer_no = 202")
    };
    let untouched = rest(&night);
    let topic = |night: &Night| text(night, "SELECT topic FROM interest WHERE company_id = 1 AND interest_no = 3");
    night.run();
    assert_eq!(purposes(&night, 202), "lars.news@example.com|+44 7700 900202|Samtykkeveien 2|hiker|vegan");
    assert_eq!(topic(&night).as_deref(), Some("tax"));

    let withdraw = |night: &Night, purpose: &str| {
        update(
            night,
            &format!("UPDATE consent SET withdrawn_on = '2026-11-22' WHERE company_id = 1 AND customer_no = 202 AND purpose = '{purpose}'"),
            1,
        );
    };
    withdraw(&night, "event");
    night.run();
    assert_eq!(purposes(&night, 202), "lars.news@example.com|+44 7700 900202|Samtykkeveien 2|hiker|-");
    withdraw(&night, "newsletter");
    night.run();
    assert_eq!(purposes(&night, 202), "-|+44 7700 900202|Samtykkeveien 2|hiker|-");
    assert_eq!(topic(&night), None);
    // The contract needs the telephone for twelve months after the invoice of 1 September.
    withdraw(&night, "sms");
    night.run();
    assert_eq!(purposes(&night, 202), "-|+44 7700 900202|Samtykkeveien 2|hiker|-");
    update(&night, "UPDATE customer SET no_marketing = 1 WHERE company_id = 1 AND customer_no = 202", 1);
    night.run();
    assert_eq!(purposes(&night, 202), "-|+44 7700 900202|Samtykkeveien 2|-|-");
    set_day(&mut night, date(2027, 9, 1));
    night.run();
    assert_eq!(purposes(&night, 202), "-|+44 7700 900202|Samtykkeveien 2|-|-", "the last day of the delivery");
    set_day(&mut night, date(2027, 9, 2));
    night.run();
    assert_eq!(purposes(&night, 202), "-|-|Samtykkeveien 2|-|-", "the bookkeeping act keeps the address");
    assert_eq!(rest(&night), untouched, "what no purpose names stays with the customer");
}

/// T2: a withdrawal dated ahead waits for its day; a consent given anew counts again; a question or a hold comes first.
fn t2_a_withdrawal_waits_for_its_day_and_a_renewal_undoes_it(store: Store) {
    let mut night = night(store);
    let newsletter = |night: &Night, customer: u32| {
        text(night, &format!("SELECT newsletter_email FROM customer WHERE company_id = 1 AND customer_no = {customer}"))
    };
    let has = |night: &Night, customers: [u32; 4]| customers.map(|customer| newsletter(night, customer).is_some());
    // Ahead, in a row of its own, in the same row, under an open question.
    night.run();
    assert_eq!(has(&night, [202, 204, 205, 229]), [true; 4]);
    assert_eq!(newsletter(&night, 201), None);
    set_day(&mut night, date(2026, 11, 30));
    night.run();
    assert_eq!(has(&night, [202, 204, 205, 229]), [true; 4]);
    set_day(&mut night, date(2026, 12, 1));
    update(&night, "UPDATE access_request SET answered_on = '2026-12-01' WHERE company_id = 1 AND request_no = 4", 1);
    night.run();
    assert_eq!(has(&night, [202, 204, 205, 229]), [false, true, true, false]);
    // Whoever gives an address anew keeps it although the old withdrawal still stands there.
    update(&night, "UPDATE customer SET newsletter_email = 'kari.again@example.com' WHERE company_id = 1 AND customer_no = 201", 1);
    update(
        &night,
        "INSERT INTO consent (company_id, consent_no, customer_no, purpose, given_on) VALUES (1, 98, 201, 'newsletter', '2026-12-01')",
        1,
    );
    night.run();
    assert_eq!(newsletter(&night, 201).as_deref(), Some("kari.again@example.com"));
    // The hold of customer 223 is released: what waited for it goes.
    assert!(newsletter(&night, 223).is_some());
    update(&night, "UPDATE legal_hold SET until_on = '2026-12-01' WHERE company_id = 1 AND customer_no = 223", 1);
    set_day(&mut night, date(2026, 12, 2));
    night.run();
    assert_eq!(newsletter(&night, 223), None);
}

/// T2: what is kept until somebody objects needs a day on which it is looked at again: past that day the run says so, and keeps it all the same.
fn t2_an_open_ended_rule_past_its_review_is_reported(store: Store) {
    let mut night = night(store);
    let there = "SELECT group_concat(candidate_no, ' ') FROM (SELECT * FROM candidate WHERE company_id = 2 ORDER BY candidate_no)";
    let said = |report: &gallra::report::RunReport| report.notes.iter().any(|note| note.contains("talent_pool"));
    assert!(!said(&night.run()));
    assert_eq!(text(&night, there).as_deref(), Some("51 53 54"), "52 and 55 have objected, and no claim is possible any more");
    set_day(&mut night, date(2027, 6, 30));
    assert!(!said(&night.run()), "the last day of the review");
    assert_eq!(text(&night, there).as_deref(), Some("51"), "the objections of October and of New Year's Day have come");
    set_day(&mut night, date(2027, 7, 1));
    let report = night.run();
    assert!(said(&report), "{:?}", report.notes);
    assert_eq!(report.exit_code, 1, "{:?} {:?}", report.notes, report.verification.findings);
    assert_eq!(text(&night, there).as_deref(), Some("51"));
}

/// T2 after a restored backup: the customer whose consent was withdrawn is still a customer, and has lost what rested on the consent.
fn t2_a_restored_backup_forgets_no_more_than_the_withdrawal_did(store: Store) {
    let mut night = night(store);
    night.run();
    night.back_up();
    // Customer 204 gave the newsletter anew in February, and customer 201 lost it before the backup was taken.
    let customer = |night: &Night, customer: u32| {
        let sql =
            "SELECT name || '|' || email || '|' || coalesce(newsletter_email, '-') FROM customer WHERE company_id = 1 AND customer_no";
        text(night, &format!("{sql} = {customer}"))
    };
    update(&night, "UPDATE consent SET withdrawn_on = '2026-11-23' WHERE company_id = 1 AND consent_no = 8", 1);
    set_day(&mut night, date(2026, 11, 24));
    night.run();
    assert_eq!(customer(&night, 204).as_deref(), Some("Nils Samtykke|nils@example.com|-"));
    night.restore();
    assert_eq!(customer(&night, 204).as_deref(), Some("Nils Samtykke|nils@example.com|nils.news@example.com"), "back without a word");
    let request = Request { after_restore: true, ..Request::default() };
    let report = match night.try_run(&request) {
        Err(gallra::error::Error::Brake { count, .. }) => {
            night.try_run(&Request { confirm: Some(count), ..request }).map_err(told).unwrap()
        }
        other => other.map_err(told).unwrap(),
    };
    assert!(report.verification.findings.is_empty(), "{:?}", report.verification.findings);
    assert_eq!(customer(&night, 201).as_deref(), Some("Kari Samtykke|kari@example.com|-"));
    // The withdrawal itself was lost with the restore, so that its address may be back until it is entered again; nothing else ever went.
    let now = customer(&night, 204).unwrap();
    assert!(now.starts_with("Nils Samtykke|nils@example.com|"), "still a customer: {now}");
    update(&night, "UPDATE consent SET withdrawn_on = '2026-11-23' WHERE company_id = 1 AND consent_no = 8", 1);
    night.run();
    assert_eq!(customer(&night, 204).as_deref(), Some("Nils Samtykke|nils@example.com|-"));
}

/// T3: the same identity number, name and address in two companies: one is forgotten, of the other not a cell changes.
fn t3_companies_never_meet(store: Store) {
    let night = night(store);
    let both = "SELECT count(*) FROM customer WHERE identity_no = '01849030198' AND name = 'Maja Toselskap' AND email = 'maja@example.com'";
    assert_eq!(text(&night, both).as_deref(), Some("2"));
    // The customer 302 of company 1 works in company 2, by the same number.
    let works = "SELECT count(*) FROM employee e JOIN customer c ON c.identity_no = e.identity_no AND c.company_id <> e.company_id WHERE e.ended_on IS NULL";
    assert_eq!(text(&night, works).as_deref(), Some("1"));
    night.run();
    let of = |company: u32| {
        texts(&night, &format!("SELECT identity_no || email FROM customer WHERE company_id = {company} AND customer_no = 301"))
    };
    assert_eq!(of(1), []);
    assert_eq!(of(9), [Some("01849030198maja@example.com".to_owned())]);
    assert_eq!(texts(&night, "SELECT 1 FROM customer WHERE company_id = 1 AND customer_no = 302"), []);
    assert_eq!(text(&night, "SELECT name FROM employee WHERE company_id = 2 AND employee_no = 12").as_deref(), Some("Odd Toselskap"));
    // Within one company the same number is one person.
    assert_eq!(text(&night, "SELECT name FROM customer WHERE company_id = 1 AND customer_no = 303").as_deref(), Some("Pia Toroller"));

    // All other companies taken away, each is decided on as before: nothing of one ever rested on another.
    let alone = Night::of_fixture(store, FIXTURE, DAY);
    {
        let database = alone.database();
        let tables: Vec<String> = dump(&database).into_keys().filter(|table| table != "company").collect();
        database.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        for table in tables {
            database.execute(&format!("DELETE FROM \"{table}\" WHERE company_id <> 9"), []).unwrap();
        }
        database.execute("DELETE FROM company WHERE id <> 9", []).unwrap();
    }
    alone.run();
    assert_eq!(rows_of(&dump(&alone.database()), &[9]), rows_of(&dump(&night.database()), &[9]));
}

/// T3: no set holds rows of two companies, and one company's pseudonyms say nothing about another's.
fn t3_sets_are_published_company_by_company(store: Store) {
    let night = night(store);
    let report = night.run();
    let published: Vec<(&str, &str)> =
        report.sets.iter().filter(|set| set.state == "published").map(|set| (set.set.as_str(), set.tenant.as_str())).collect();
    assert!(published.contains(&("purchases", "1")) && published.contains(&("purchases", "2")), "{published:?}");
    assert!(published.iter().all(|(_, company)| !["6", "7", "8"].contains(company)), "{published:?}");
    let folders: std::collections::BTreeSet<_> = report.sets.iter().filter_map(|set| set.folder.as_ref()).collect();
    assert_eq!(folders.len(), published.len(), "a folder for each");
    // The rows of a company are those that SQL counts for it; whoever is restricted is left out.
    for company in [1, 2, 3, 4] {
        let lines = text(
            &night,
            &format!(
                "SELECT count(*) FROM invoice_line l JOIN invoice i ON i.company_id = l.company_id AND i.invoice_no = l.invoice_no
                 JOIN customer c ON c.company_id = i.company_id AND c.customer_no = i.customer_no
                 WHERE l.company_id = {company} AND c.restricted = 0"
            ),
        );
        let set = report.sets.iter().find(|set| set.set == "purchases" && set.tenant == company.to_string()).unwrap();
        assert_eq!(Some(set.rows.to_string()), lines, "company {company}");
    }
    // Six bought lamps in September and eleven an hour. The hours of June 2022 had one buyer: not shown, nor is the next smallest cell of hours,
    // those of October, from which one could have subtracted.
    let totals = report.sets.iter().find(|set| set.set == "sales_by_month" && set.tenant == "1").unwrap();
    let gate = totals.gate.as_ref().unwrap();
    assert_eq!((totals.state, totals.rows, gate.suppressed, gate.smallest_group), ("published", 2, 2, Some(6)), "{totals:?}");
}

/// T4: a column that nobody has classed stops the run before anything is written: exit code 2, and the sentence names the column.
fn t4_an_unclassified_column_stops_the_run(store: Store) {
    let night = night(store);
    night.on_the_store("ALTER TABLE customer ADD COLUMN shoe_size VARCHAR(10)");
    night.on_the_store("UPDATE customer SET shoe_size = '42' WHERE company_id = 1 AND customer_no = 101");
    let content = |night: &Night| rows_of(&dump(&night.database()), &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    let before = content(&night);
    let Err(error) = night.try_run(&Request::default()) else { panic!("the run went on with a column that nobody knows") };
    assert_eq!(error.exit_code(), 2);
    let told = told(error);
    assert!(told.contains("customer.shoe_size") && told.contains("no class"), "{told}");
    assert!(!told.contains("42"), "no value is shown");
    assert_eq!(content(&night), before, "nothing is written");
    assert!(!night.folder.path().join("published").exists() && !night.folder.path().join("ledger").exists(), "nor published, nor recorded");

    // Classed, it is a column like any other once somebody has accepted it; until then it is drift.
    let text = std::fs::read_to_string(&night.pipeline).unwrap();
    std::fs::write(&night.pipeline, text.replace("[table.customer]\n", "[table.customer]\nshoe_size = \"quasi_identifier\"\n")).unwrap();
    assert_eq!(night.try_run(&Request::default()).map_err(|error| error.exit_code()).err(), Some(2));
    assert_eq!(content(&night), before);
}

/// T4: the same for a table that nobody has named.
fn t4_an_unclassified_table_stops_the_run(store: Store) {
    let night = night(store);
    night.on_the_store("CREATE TABLE guest_book (company_id INTEGER NOT NULL, entry_no INTEGER NOT NULL, guest VARCHAR(80), PRIMARY KEY (company_id, entry_no))");
    let Err(error) = night.try_run(&Request::default()) else { panic!("the run went on with a table that nobody knows") };
    assert_eq!(error.exit_code(), 2);
    let told = told(error);
    assert!(told.contains("`guest_book.guest` has no class") && told.contains("`guest_book.entry_no` has no class"), "{told}");
    assert!(!night.folder.path().join("published").exists());
}

/// T5: the register of sub-processors, with places and transfer mechanisms, is untouched by any night.
fn t5_the_register_of_sub_processors_stays(store: Store) {
    let mut night = night(store);
    let register = |night: &Night| {
        texts(
            night,
            "SELECT company_id || '|' || processor_no || '|' || title || '|' || service || '|' || place || '|' || transfer_mechanism || '|' || since
             FROM sub_processor ORDER BY company_id, processor_no",
        )
    };
    let before = register(&night);
    assert_eq!(before.len(), 4);
    assert_eq!(
        before[1].as_deref(),
        Some("1|2|Testpost Inc.|outgoing mail|United States|standard contractual clauses, module 3|2021-06-01")
    );
    for day in [DAY, date(2031, 1, 1)] {
        set_day(&mut night, day);
        night.run();
        assert_eq!(register(&night), before, "{day}");
    }
}

on_both_stores!(
    t1_the_published_example_ends_on_the_day_that_each_act_says,
    t1_one_day_has_another_last_day_in_each_company,
    t1_in_the_end_everything_goes_but_what_has_no_end,
    t1_a_company_without_a_usable_calendar_or_pack_is_stopped,
    t1_a_country_without_a_pack_is_stopped,
    t1_the_plan_tells_rule_basis_and_statute,
    t2_a_restored_backup_forgets_no_more_than_the_withdrawal_did,
    t2_an_open_ended_rule_past_its_review_is_reported,
    t2_withdrawing_consent_erases_only_what_rests_on_it,
    t2_a_withdrawal_waits_for_its_day_and_a_renewal_undoes_it,
    t3_companies_never_meet,
    t3_sets_are_published_company_by_company,
    t4_an_unclassified_column_stops_the_run,
    t4_an_unclassified_table_stops_the_run,
    t5_the_register_of_sub_processors_stays,
);
