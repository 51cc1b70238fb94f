//! The three customers that the demo shows before and after: one deleted, one anonymised, one kept in part.

use rusqlite::{Transaction, params};

use super::days::Days;
use super::{DemoError, Showcase};

/// Customer numbers and other keys of the showcase: between those of the fixture and those of the generated rows.
const DELETED: u32 = 9001;
const ANONYMISED: u32 = 9002;
const PARTLY: u32 = 9003;

/// Writes the three and says why each comes out as it does.
pub(super) fn write(store: &Transaction<'_>, days: &Days) -> Result<Vec<Showcase>, DemoError> {
    let created = 1500;
    customer(store, DELETED, "Vera Videgård", "vera.videgard", "070-1740690", days.ago(created))?;
    store.execute(
        "INSERT INTO customer_note VALUES (?, ?, ?, 'Vera Videgård vill ha katalogen till vera.videgard@example.com')",
        params![DELETED, DELETED.to_string(), days.ago(created)],
    )?;
    store.execute("INSERT INTO phone_line VALUES ('070-1740690', ?, 'mobile')", params![DELETED.to_string()])?;

    // Paid in the spring of a year whose bookkeeping period ended with last year.
    let old = days.since(8, 3, 5)?;
    customer(store, ANONYMISED, "Viggo Vinterlid", "viggo.vinterlid", "070-1740691", days.ago(old + 10))?;
    purchase(store, ANONYMISED, "Viggo Vinterlid", "viggo.vinterlid", days, old)?;
    store.execute("INSERT INTO phone_line VALUES ('070-1740691', ?, 'mobile')", params![ANONYMISED.to_string()])?;
    store.execute("INSERT INTO sms_subscription VALUES (?, '070-1740691', 'delivery')", params![ANONYMISED])?;

    let middle = days.since(4, 5, 5)?;
    customer(store, PARTLY, "Ylva Ängmark", "ylva.angmark", "070-1740692", days.ago(middle + 10))?;
    purchase(store, PARTLY, "Ylva Ängmark", "ylva.angmark", days, middle)?;

    let year_of = |ago: u32| days.ago(ago).get(..4).unwrap_or_default().to_owned();
    Ok(vec![
        Showcase {
            customer_no: DELETED.to_string(),
            title: "Vera Videgård is deleted".into(),
            why: format!(
                "customer since {} and never a purchase: the 24 months of inactivity are over and no offer, order or invoice \
                 points at the row, so it goes with its note and its telephone row",
                days.ago(created)
            ),
        },
        Showcase {
            customer_no: ANONYMISED.to_string(),
            title: "Viggo Vinterlid is anonymised, the purchases stay".into(),
            why: format!(
                "last bought in {}: the 24 months of inactivity and the bookkeeping period of the invoice are over; order, \
                 invoice and amounts stay, the person goes",
                year_of(old)
            ),
        },
        Showcase {
            customer_no: PARTLY.to_string(),
            title: "Ylva Ängmark is kept in part".into(),
            why: format!(
                "last bought in {}: the 24 months of inactivity are over, but the invoice is still under the bookkeeping act; \
                 name and address stay until it ends, everything else goes",
                year_of(middle)
            ),
        },
    ])
}

/// A private customer with every field filled in.
fn customer(store: &Transaction<'_>, number: u32, name: &str, login: &str, phone: &str, created_on: &str) -> Result<(), DemoError> {
    store.execute(
        "INSERT INTO customer (customer_no, type, name, search_name, email, phone, address, postcode, city, birth_date, bank_account, \
         invoice_reference, portal_login, contract_file, notes, newsletter, credit_limit, created_on, updated_at) \
         VALUES (?1, 'private', ?2, ?3, ?4, ?5, 'Linnégatan 12', '222 50', 'Lund', '1980-05-17', ?6, ?2, ?7, ?8, ?9, 1, 2500.5, ?10, \
         ?10 || ' 12:00:00')",
        params![
            number.to_string(),
            name,
            login.replace('.', " "),
            format!("{login}@example.com"),
            phone,
            format!("0000 {number}"),
            login,
            format!("avtal-{login}.pdf"),
            format!("{name} vill bli uppringd på {phone}"),
            created_on,
        ],
    )?;
    Ok(())
}

/// An order of two rows, its invoice and its payment.
fn purchase(store: &Transaction<'_>, number: u32, name: &str, login: &str, days: &Days, ago: u32) -> Result<(), DemoError> {
    let customer_no = number.to_string();
    store.execute(
        "INSERT INTO sales_order VALUES (?1, ?2, ?3, 'delivered', ?4, NULL, 'Ring ' || ?4 || ' före leverans', 963.5)",
        params![number, customer_no, days.ago(ago), name],
    )?;
    store.execute(
        "INSERT INTO order_row VALUES (?1, ?3, 'A-100', 1, 899, 899, 'Gravyr: ' || ?4), (?2, ?3, 'A-110', 1, 64.5, 64.5, NULL)",
        params![10 * number, 10 * number + 1, number, name],
    )?;
    store.execute(
        "INSERT INTO invoice VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6, 'Linnégatan 12, 222 50 Lund', ?7, 1204.38, 240.88, 0)",
        params![number, customer_no, days.ago(ago - 2), days.ago(ago - 32), format!("{number}0"), name, format!("{login}@example.com")],
    )?;
    store.execute("INSERT INTO invoice_row VALUES (?, 1, 3001, 963.5, NULL)", params![number])?;
    store.execute(
        "INSERT INTO payment VALUES (?1, ?1, ?2, 1204.38, ?3, ?4)",
        params![number, days.ago(ago - 20), name, format!("{number:08}")],
    )?;
    Ok(())
}
