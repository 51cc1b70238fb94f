//! Everyone who is not a customer: suppliers, employees, users, contacts, consultants, clients, and the security log.

use rusqlite::{Transaction, params};

use super::days::Days;
use super::people::{IdentityNumbers, Kind, Person, fiction_phone};
use super::random::Random;
use super::trade::FIRST_KEY;
use super::{DemoError, Size};

/// Writes the other six categories, each a small share of the customers and few of them due.
pub(super) fn write(
    store: &Transaction<'_>,
    size: &Size,
    days: &Days,
    random: &mut Random,
    identity_numbers: &mut IdentityNumbers,
) -> Result<(), DemoError> {
    // SQLite's keys are signed.
    let customers = i64::try_from(size.customers).unwrap_or(i64::MAX);
    suppliers(store, customers / 60, days, random)?;
    // Each needs a number of its own, and there are 60,480.
    employees(store, (customers / 150).min(2_000), days, random, identity_numbers)?;
    users(store, customers / 50, days, random)?;
    contacts(store, customers / 25, days, random)?;
    consultants(store, (customers / 300).min(1_000), days, random, identity_numbers)?;
    clients(store, (customers / 200).min(1_000), days, random, identity_numbers)?;
    security_log(store, (customers / 10).min(20_000), days, random)
}

fn suppliers(store: &Transaction<'_>, count: i64, days: &Days, random: &mut Random) -> Result<(), DemoError> {
    let mut supplier = store.prepare("INSERT INTO supplier VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
    let mut invoice = store.prepare("INSERT INTO supplier_invoice VALUES (?, ?, ?, 'paid', ?, ?)")?;
    for number in FIRST_KEY..FIRST_KEY + count {
        let company = random.per_mille(700);
        let person = Person::new(if company { Kind::Company } else { Kind::Private }, number, random);
        let signature: String = person.name.chars().take(2).collect();
        let bankgiro = format!("{:03}-{:04}", number % 1000, number % 10_000);
        let kind = if company { "company" } else { "person" };
        let created = random.between(1200, 3300);
        let no_number: Option<&str> = None;
        supplier.execute(params![
            number,
            kind,
            person.name,
            signature,
            no_number,
            person.email,
            person.phone,
            bankgiro,
            days.ago(created)
        ])?;
        // The kept ones sent something within 36 months; 3 % of the persons did not.
        let latest = if !company && random.per_mille(30) { 1150 } else { random.between(1, 900) };
        invoice.execute(params![number, number, days.ago(latest), person.name, 1250.5])?;
    }
    Ok(())
}

fn employees(
    store: &Transaction<'_>,
    count: i64,
    days: &Days,
    random: &mut Random,
    identity_numbers: &mut IdentityNumbers,
) -> Result<(), DemoError> {
    let mut employee = store.prepare("INSERT INTO employee VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?, ?)")?;
    for number in FIRST_KEY..FIRST_KEY + count {
        let person = Person::new(Kind::Private, number, random);
        let kin = Person::new(Kind::Private, number, random);
        // Those who left did so within the seven years of the payroll rule.
        let ended = random.per_mille(200).then(|| random.between(30, 2000));
        let employed = ended.unwrap_or(0) + random.between(10, 1500);
        let photo: [u8; 4] = [0xff, 0xd8, 0xff, 0x00];
        employee.execute(params![
            number,
            identity_numbers.next(),
            person.name,
            person.email,
            person.phone,
            format!("{number:08}"),
            format!("{}-{:02}-{:02}", random.between(1960, 2004), random.between(1, 12), random.between(1, 28)),
            random.per_mille(500).then_some("Unionen"),
            random.per_mille(600).then_some(kin.name),
            random.per_mille(300).then_some(photo),
            days.ago(employed),
            ended.map(|ended| days.ago(ended)),
        ])?;
    }
    Ok(())
}

fn users(store: &Transaction<'_>, count: i64, days: &Days, random: &mut Random) -> Result<(), DemoError> {
    let mut user = store.prepare("INSERT INTO app_user VALUES (?, ?, ?, ?, ?)")?;
    let mut course = store.prepare("INSERT INTO course_completion VALUES (?, 'START-1', ?, ?)")?;
    for number in FIRST_KEY..FIRST_KEY + count {
        let person = Person::new(Kind::Private, number, random);
        let login = if random.per_mille(10) { random.between(760, 900) } else { random.between(1, 350) };
        let created = login + random.between(1, 1500);
        user.execute(params![number, person.email, person.name, days.moment(login, random.below(480)), days.ago(created)])?;
        if random.per_mille(300) {
            let completed = random.between(login, created);
            course.execute(params![number, days.ago(completed), format!("intyg-{}.pdf", person.login)])?;
        }
    }
    Ok(())
}

fn contacts(store: &Transaction<'_>, count: i64, days: &Days, random: &mut Random) -> Result<(), DemoError> {
    let mut contact = store.prepare("INSERT INTO crm_contact VALUES (?, NULL, ?, ?, ?, ?, ?, ?, ?)")?;
    for number in FIRST_KEY..FIRST_KEY + count {
        let person = Person::new(Kind::Private, number, random);
        let ended = match random.below(1000) {
            0..=11 => Some(random.between(35, 60)),
            12..=79 => Some(random.between(1, 26)),
            _ => None,
        };
        contact.execute(params![
            number,
            person.name,
            random.pick(&["inköpare", "vd", "ekonomichef", "säljare"]),
            person.email,
            person.phone,
            random.per_mille(200).then(|| format!("Träffade {} på mässan", person.name)),
            ended.map(|ended| days.ago(ended)),
            days.ago(random.between(100, 2500)),
        ])?;
    }
    Ok(())
}

fn consultants(
    store: &Transaction<'_>,
    count: i64,
    days: &Days,
    random: &mut Random,
    identity_numbers: &mut IdentityNumbers,
) -> Result<(), DemoError> {
    let mut consultant = store.prepare("INSERT INTO consultant VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?;
    for number in FIRST_KEY..FIRST_KEY + count {
        let person = Person::new(Kind::Private, number, random);
        let ended = random.per_mille(200).then(|| days.ago(random.between(10, 350)));
        let digits = identity_numbers.next().and_then(|number| number.replace('-', "").parse::<i64>().ok());
        let birth = format!("{}-{:02}-{:02}", random.between(1960, 2000), random.between(1, 12), random.between(1, 28));
        consultant.execute(params![number, person.name, digits, birth, person.email, 950.5, ended, days.ago(random.between(400, 2000))])?;
    }
    Ok(())
}

fn clients(
    store: &Transaction<'_>,
    count: i64,
    days: &Days,
    random: &mut Random,
    identity_numbers: &mut IdentityNumbers,
) -> Result<(), DemoError> {
    let mut client = store.prepare("INSERT INTO client VALUES (?, ?, ?, ?, ?, ?, NULL, ?, ?)")?;
    for number in FIRST_KEY..FIRST_KEY + count {
        let person = Person::new(Kind::Private, number, random);
        let ended = random.per_mille(250).then(|| random.between(30, 2500));
        let created = ended.unwrap_or(0) + random.between(30, 1000);
        let matter = random.per_mille(100).then_some("Anstånd beviljat");
        let ended = ended.map(|ended| days.ago(ended));
        client.execute(params![
            number,
            person.name,
            identity_numbers.next(),
            person.email,
            fiction_phone(random.below(295)),
            matter,
            ended,
            days.ago(created)
        ])?;
    }
    Ok(())
}

/// Sign-ins of the last seven months: the oldest of them are due for deletion.
fn security_log(store: &Transaction<'_>, count: i64, days: &Days, random: &mut Random) -> Result<(), DemoError> {
    let mut log = store.prepare("INSERT INTO security_log VALUES (?, ?, ?, ?, ?)")?;
    for number in FIRST_KEY..FIRST_KEY + count {
        let person = Person::new(Kind::Private, number, random);
        let moment = days.moment(random.below(210), random.below(480));
        // Addresses reserved for documentation (RFC 5737).
        let address = format!("198.51.100.{}", random.below(256));
        let event = if random.per_mille(950) { "sign-in" } else { "refused" };
        log.execute(params![number, moment, person.login, address, event])?;
    }
    Ok(())
}
