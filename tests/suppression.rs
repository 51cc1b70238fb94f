//! F10: unsubscribed addresses survive erasure as keyed tokens, so that a later import does not mail them again; a token ends on renewed opt-in.

mod night;

use std::collections::BTreeSet;

use gallra::progress::Silent;
use gallra::run::{Addresses, List, sift};
use gallra::suppression::Sifted;
use jiff::civil::{Date, date};
use night::{Night, Store, dump, on_both_stores, text_of};

const DAY: Date = date(2026, 11, 22);
const LIST: &str = r#"
[[category.customer.suppression]]
name = "newsletter"
column = "email"
when = { column = "newsletter", is = [false] }
renewed = { column = "newsletter", is = [true] }
"#;

fn with_list(store: Store) -> Night {
    let night = Night::of_fixture(store, "fortnox", DAY);
    let text = std::fs::read_to_string(&night.pipeline).unwrap();
    std::fs::write(&night.pipeline, text + LIST).unwrap();
    night
}

/// Sifts lines of a name and an address; gives what came of it and the names of those that may be mailed.
fn sifted(night: &Night, lines: &[(String, String)]) -> (Sifted, BTreeSet<String>) {
    let (input, output) = (night.folder.path().join("in.csv"), night.folder.path().join("out.csv"));
    let text: String = lines.iter().map(|(name, address)| format!("{name},\"{address}\"\n")).collect();
    std::fs::write(&input, format!("name,email\n{text}")).unwrap();
    let list = List { name: "newsletter", category: None, tenant: None };
    let addresses = Addresses { input: &input, column: "email", output: &output, overwrite: true };
    let sifted =
        night.with_world(|world| sift(&night.pipeline, list, addresses, world, &Silent)).map_err(|error| error.to_string()).unwrap();
    let text = std::fs::read_to_string(&output).unwrap();
    let names = text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
    (sifted, names)
}

fn f10_an_unsubscribed_address_survives_erasure_as_a_token_until_it_is_renewed(store: Store) {
    let night = with_list(store);
    let before = dump(&night.database());
    night.run();
    let after = dump(&night.database());
    // By plain SQL: whose address was there and is gone, and who wanted no mail.
    let cell = |row: &night::Row, column: &str| text_of(&row[column]).unwrap_or_default();
    let (mut unwanted, mut others) = (Vec::new(), Vec::new());
    for row in before["customer"].rows.iter().filter(|row| !cell(row, "email").is_empty()) {
        let key = vec![cell(row, "customer_no")];
        let gone = after["customer"].row(&key).is_none_or(|now| cell(now, "email").is_empty());
        let silent = matches!(cell(row, "newsletter").as_str(), "0" | "false" | "f");
        if gone && silent { &mut unwanted } else { &mut others }.push((key[0].clone(), cell(row, "email")));
    }
    // Who shares an address with somebody who is gone is on the list as well.
    let listed: BTreeSet<String> = unwanted.iter().map(|(_, address)| address.to_lowercase()).collect();
    let others: Vec<_> = others.into_iter().filter(|(_, address)| !listed.contains(&address.to_lowercase())).collect();
    assert!(unwanted.len() > 3 && others.len() > 3, "{} {}", unwanted.len(), others.len());

    // However it is written, an address on the list is left out; everybody else stays.
    let spelled = unwanted.iter().map(|(name, address)| (name.clone(), format!("  <{}> ", address.to_uppercase())));
    let all: Vec<(String, String)> = spelled.chain(others.iter().cloned()).chain([("nobody".to_owned(), " ".to_owned())]).collect();
    let (counted, names) = sifted(&night, &all);
    assert_eq!(counted, Sifted { kept: others.len() as u64, suppressed: unwanted.len() as u64, empty: 1 });
    assert_eq!(names, others.iter().map(|(name, _)| name.clone()).chain(["nobody".to_owned()]).collect());

    // What the store keeps of them is a token each.
    if store == Store::Sqlite {
        let database = night.database();
        let mut statement = database.prepare("SELECT token FROM gallra_journal WHERE \"table\" = 'customer!newsletter'").unwrap();
        let tokens: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert_eq!(tokens.len(), listed.len());
        assert!(tokens.iter().all(|token| token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit())), "{tokens:?}");
    }

    // A second night changes nothing of it.
    night.run();
    assert_eq!(sifted(&night, &all).0, counted);

    // Somebody with that address subscribes: from the next night on it may be mailed.
    let (_, address) = &unwanted[0];
    let stays = |name: &str| after["customer"].row(&[name.to_owned()]).is_some_and(|row| cell(row, "email").contains('@'));
    let kept = &others.iter().find(|(name, _)| stays(name)).unwrap().0;
    let changed =
        night.database().execute("UPDATE customer SET email = ?1, newsletter = 1 WHERE customer_no = ?2", [address, kept]).unwrap();
    assert_eq!(changed, 1);
    night.run();
    let (renewed, _) = sifted(&night, &all);
    assert!(renewed.suppressed < counted.suppressed, "{renewed:?}");
}

on_both_stores!(f10_an_unsubscribed_address_survives_erasure_as_a_token_until_it_is_renewed,);
