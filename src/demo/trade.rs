//! Customers and what they bought: by far most of the demo's rows.

use rusqlite::{Statement, Transaction, params};

use super::days::Days;
use super::names::{ARTICLE, GIVEN};
use super::people::{IdentityNumbers, Kind, Person, check_digit, company_number, fiction_phone};
use super::plan::{Fate, Planned, plan};
use super::random::Random;
use super::{DemoError, Size};

/// Keys below this belong to the fixture and the showcase.
pub(super) const FIRST_KEY: i64 = 100_000;

/// The prepared statements of this file.
struct Statements<'store> {
    address: Statement<'store>,
    customer: Statement<'store>,
    note: Statement<'store>,
    change: Statement<'store>,
    hold: Statement<'store>,
    phone_line: Statement<'store>,
    subscription: Statement<'store>,
    chat: Statement<'store>,
    survey: Statement<'store>,
    ticket: Statement<'store>,
    export: Statement<'store>,
    offer: Statement<'store>,
    order: Statement<'store>,
    order_row: Statement<'store>,
    invoice: Statement<'store>,
    invoice_row: Statement<'store>,
    payment: Statement<'store>,
}

impl<'store> Statements<'store> {
    fn new(store: &'store Transaction<'_>) -> Result<Self, DemoError> {
        Ok(Self {
            address: store.prepare("INSERT INTO delivery_address VALUES (?, ?, ?, ?, ?)")?,
            customer: store.prepare(
                "INSERT INTO customer (customer_no, type, name, search_name, org_no, vat_no, email, phone, address, postcode, city, \
                 birth_date, bank_account, invoice_reference, portal_login, contract_file, credit_note, notes, newsletter, \
                 gdpr_restricted, credit_limit, delivery_address_id, relation_ended_on, created_on, updated_at) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?,
            note: store.prepare("INSERT INTO customer_note VALUES (?, ?, ?, ?)")?,
            change: store.prepare("INSERT INTO customer_change VALUES (?, ?, ?, 'phone', ?)")?,
            hold: store.prepare("INSERT INTO legal_hold VALUES (?, ?, 'open', 'Juridik', NULL, NULL)")?,
            phone_line: store.prepare("INSERT INTO phone_line VALUES (?, ?, 'mobile')")?,
            subscription: store.prepare("INSERT INTO sms_subscription VALUES (?, ?, 'delivery')")?,
            chat: store.prepare("INSERT INTO chat_message VALUES (?, ?, ?, ?, ?)")?,
            survey: store.prepare("INSERT INTO survey_answer VALUES (?, ?, ?, ?, ?, ?, NULL)")?,
            ticket: store.prepare("INSERT INTO support_ticket VALUES (?, ?, NULL, ?, ?, ?, NULL, ?)")?,
            export: store.prepare("INSERT INTO sie_export_line VALUES (?, ?, ?, ?)")?,
            offer: store.prepare("INSERT INTO sales_offer VALUES (?, ?, ?, ?, ?)")?,
            order: store.prepare("INSERT INTO sales_order VALUES (?, ?, ?, ?, ?, ?, ?, ?)")?,
            order_row: store.prepare("INSERT INTO order_row VALUES (?, ?, ?, ?, ?, ?, ?)")?,
            invoice: store.prepare("INSERT INTO invoice VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?,
            invoice_row: store.prepare("INSERT INTO invoice_row VALUES (?, 1, 3001, ?, NULL)")?,
            payment: store.prepare("INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?)")?,
        })
    }
}

/// Days ago between which a customer's orders were placed.
#[derive(Debug, Clone, Copy)]
struct Window {
    latest: u32,
    earliest: u32,
}

/// Writes customers with everything that hangs on them.
struct Trade<'store, 'day> {
    statements: Statements<'store>,
    days: &'day Days,
    random: Random,
    identity_numbers: &'day mut IdentityNumbers,
    article_numbers: Vec<String>,
    /// The last key used, one for all tables.
    key: i64,
    /// Telephone rows so far: the key is unique and the ranges for fiction are small.
    phone_lines: u32,
    /// The last delivery address, for the next of its household.
    household: Option<i64>,
    /// Where the order rows went so far.
    order_rows: u64,
    old: Window,
    middle: Window,
}

/// Money in öre as SQLite keeps a DECIMAL: a floating number.
fn kronor(ore: i64) -> f64 {
    // Öre of a demo order stay far below 2^53.
    ore as f64 / 100.0
}

/// Writes articles, customers, orders and invoices.
pub(super) fn write(
    store: &Transaction<'_>,
    size: &Size,
    days: &Days,
    random: Random,
    identity_numbers: &mut IdentityNumbers,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), DemoError> {
    let article_numbers: Vec<String> = (0..ARTICLE.len()).map(|index| format!("D-{}", 100 + 10 * index)).collect();
    let mut article = store.prepare("INSERT INTO article VALUES (?, ?, ?, ?)")?;
    for (number, (title, group, price, _)) in article_numbers.iter().zip(ARTICLE) {
        article.execute(params![number, title, group, kronor(i64::from(*price))])?;
    }
    let mut trade = Trade {
        statements: Statements::new(store)?,
        days,
        random,
        identity_numbers,
        article_numbers,
        key: FIRST_KEY,
        phone_lines: 0,
        household: None,
        order_rows: 0,
        // Paid within two months, and so within the same fiscal year: the duty of eight calendar years ago has ended.
        old: Window { latest: days.since(8, 10, 15)?, earliest: days.since(9, 1, 15)? },
        // Paid within two months, and so before the last 24.
        middle: Window { latest: 800, earliest: days.since(7, 1, 15)? },
    };
    let planned = plan(size, &mut trade.random)?;
    let weights: u64 = planned.iter().map(|customer| u64::from(customer.weight)).sum();
    let total = size.customers + size.order_rows;
    let mut weight_so_far = 0_u64;
    for ((index, number), customer) in (0_u64..).zip(FIRST_KEY..).zip(&planned) {
        weight_so_far += u64::from(customer.weight);
        let target = u128::from(size.order_rows) * u128::from(weight_so_far) / u128::from(weights.max(1));
        let rows = u64::try_from(target).unwrap_or(u64::MAX).saturating_sub(trade.order_rows);
        trade.customer(number, *customer, rows)?;
        if index % 500 == 0 {
            progress(index + trade.order_rows, total);
        }
    }
    progress(total, total);
    Ok(())
}

impl Trade<'_, '_> {
    fn next_key(&mut self) -> i64 {
        self.key += 1;
        self.key
    }

    /// One customer with notes, orders and the rest.
    fn customer(&mut self, number: i64, planned: Planned, rows: u64) -> Result<(), DemoError> {
        let person = Person::new(planned.kind, number, &mut self.random);
        let customer_no = number.to_string();
        let due = planned.fate.is_due();
        let window = match planned.fate {
            Fate::Active | Fate::Silent => Window { latest: 1, earliest: 3300 },
            Fate::Old => self.old,
            Fate::Middle => self.middle,
            Fate::Anytime => Window { latest: 1, earliest: 3300 },
        };
        let orders = self.order_days(rows, window, planned.fate);
        let first = orders.iter().map(|(ago, _)| *ago).max();
        let created = match (first, planned.fate) {
            (Some(ago), _) => ago + self.random.below(200),
            (None, Fate::Active) => self.random.between(1, 650),
            (None, _) => self.random.between(800, 3300),
        };
        let delivery_address = self.delivery_address(&person, due)?;
        self.customer_row(&customer_no, &person, planned, created, delivery_address)?;
        self.belongings(&customer_no, &person, planned, created)?;
        for (ago, order_rows) in orders {
            self.order(&customer_no, &person, planned.fate, ago, order_rows)?;
        }
        self.order_rows += rows;
        Ok(())
    }

    /// On which days the customer ordered, and how many rows each time.
    fn order_days(&mut self, rows: u64, window: Window, fate: Fate) -> Vec<(u32, u32)> {
        let mut left = rows;
        let mut orders = Vec::new();
        while left > 0 {
            let order_rows = self.random.between(1, 5).min(u32::try_from(left).unwrap_or(u32::MAX));
            // The first one written is an active customer's latest.
            let ago = if orders.is_empty() && fate == Fate::Active {
                self.random.between(1, 650)
            } else {
                self.random.between(window.latest, window.earliest)
            };
            orders.push((ago, order_rows));
            left -= u64::from(order_rows);
        }
        orders
    }

    /// A delivery address of one's own, or the one of the household before.
    fn delivery_address(&mut self, person: &Person, due: bool) -> Result<Option<i64>, DemoError> {
        if !self.random.per_mille(if due { 200 } else { 80 }) {
            return Ok(None);
        }
        if let Some(shared) = self.household.take_if(|_| self.random.per_mille(450)) {
            return Ok(Some(shared));
        }
        let key = self.next_key();
        self.statements.address.execute(params![key, person.name, person.address, person.postcode, person.city])?;
        self.household = Some(key);
        Ok(Some(key))
    }

    /// The customer's own row.
    fn customer_row(
        &mut self,
        customer_no: &str,
        person: &Person,
        planned: Planned,
        created: u32,
        delivery_address: Option<i64>,
    ) -> Result<(), DemoError> {
        let random = &mut self.random;
        let number = match planned.kind {
            Kind::Company => Some(company_number(random.below(90_000))),
            // A company number has ten digits, the century of the personal number is left out.
            Kind::SoleTrader => self.identity_numbers.next().map(|number| number[2..].to_owned()),
            Kind::Private if random.per_mille(250) => self.identity_numbers.next(),
            Kind::Private => None,
        };
        let vat = number.as_deref().filter(|_| planned.kind != Kind::Private).map(|number| format!("SE{}01", number.replace('-', "")));
        let birth = (planned.kind == Kind::Private).then(|| {
            let (year, month, day) = (random.between(1940, 2004), random.between(1, 12), random.between(1, 28));
            format!("{year}-{month:02}-{day:02}")
        });
        let active = planned.fate == Fate::Active;
        let ended = (planned.fate == Fate::Anytime && random.per_mille(60)).then(|| self.days.ago(random.between(200, 1500)));
        self.statements.customer.execute(params![
            customer_no,
            planned.kind.column(),
            person.name,
            person.search_name,
            number,
            vat,
            person.email,
            random.per_mille(800).then_some(&person.phone),
            person.address,
            person.postcode,
            person.city,
            birth,
            random.per_mille(50).then(|| format!("0000 {customer_no}")),
            if random.per_mille(400) { person.name.get(..40).unwrap_or(&person.name) } else { "none given" },
            person.login,
            random.per_mille(80).then(|| format!("avtal-{}.pdf", person.search_name.replace(' ', "-"))),
            random.per_mille(10).then_some("UC: ingen anmärkning"),
            random.per_mille(150).then(|| format!("{} vill bli kontaktad på {}", person.name, person.email)),
            random.per_mille(400),
            active && random.per_mille(4),
            random.per_mille(300).then(|| kronor(i64::from(random.below(500)) * 10_000)),
            delivery_address,
            ended,
            self.days.ago(created),
            self.days.moment(created.min(random.below(400)), 30),
        ])?;
        if let Some(ended) = ended {
            let ticket = self.next_key();
            let opened = format!("{ended} 09:00:00");
            self.statements.ticket.execute(params![ticket, customer_no, opened, "Växeln", person.email, "Fakturan stämmer inte"])?;
        }
        Ok(())
    }

    /// Notes, telephone rows, chats and whatever else belongs to the customer.
    fn belongings(&mut self, customer_no: &str, person: &Person, planned: Planned, created: u32) -> Result<(), DemoError> {
        let active = planned.fate == Fate::Active;
        let due = planned.fate.is_due();
        if self.random.per_mille(120) {
            let key = self.next_key();
            let body = format!("{} ringde från {}. {} hämtar.", person.name, person.phone, self.random.pick(GIVEN));
            self.statements.note.execute(params![key, customer_no, self.days.ago(created / 2), body])?;
        }
        if self.random.per_mille(30) {
            let key = self.next_key();
            let moment = self.days.moment(created / 2, 45);
            self.statements.change.execute(params![key, customer_no, moment, fiction_phone(self.random.below(295))])?;
        }
        if due && self.random.per_mille(30) {
            let key = self.next_key();
            self.statements.hold.execute(params![key, customer_no])?;
        }
        // 031 and 08 alone: the fixture and the showcase use the 070 numbers as keys.
        if self.phone_lines < 190 && self.random.per_mille(if due { 300 } else { 8 }) {
            let phone = fiction_phone(95 + self.phone_lines);
            self.phone_lines += 1;
            let key = self.next_key();
            self.statements.phone_line.execute(params![phone, customer_no])?;
            self.statements.subscription.execute(params![key, phone])?;
        }
        if active && self.random.per_mille(60) {
            let key = self.next_key();
            let moment = self.days.moment(self.random.between(1, 100), self.random.below(480));
            self.statements.chat.execute(params![key, customer_no, moment, person.name, "Hej, när kommer min beställning?"])?;
        }
        if active && self.random.per_mille(15) {
            let key = self.next_key();
            let ended = self.days.ago(self.random.between(20, 400));
            let rating = self.random.between(1, 5);
            self.statements.survey.execute(params![key, customer_no, "Nöjd kund", ended, rating, person.email])?;
        }
        if active && self.random.per_mille(50) {
            let key = self.next_key();
            let offered = self.days.ago(self.random.between(1, 700));
            let greeting = format!("Hej {}, här är vår offert", person.name);
            self.statements.offer.execute(params![key, customer_no, offered, greeting, kronor(124_950)])?;
        }
        if planned.fate == Fate::Anytime && self.random.per_mille(50) {
            let key = self.next_key();
            self.statements.export.execute(params![key, customer_no, format!("A {key}"), kronor(12_345)])?;
        }
        Ok(())
    }

    /// One order with its rows, its invoice and its payment.
    fn order(&mut self, customer_no: &str, person: &Person, fate: Fate, ago: u32, rows: u32) -> Result<(), DemoError> {
        let order_no = self.next_key();
        let fresh = ago <= 14;
        let status = match self.random.below(1000) {
            0..=19 => "cancelled",
            20..=39 if fate == Fate::Middle => "open",
            _ if fresh => "open",
            _ => "delivered",
        };
        let mut total = 0_i64;
        for _ in 0..rows {
            total += self.order_row(order_no, person)?;
        }
        let message = match self.random.below(1000) {
            0..=24 => Some(format!("Ring {} på {} före leverans", person.name, person.phone)),
            25..=39 => Some("Ställ paketet vid dörren, tack".to_owned()),
            _ => None,
        };
        let delivery_name = self.random.per_mille(150).then_some(&person.name);
        let delivery_phone = delivery_name.map(|_| &person.phone);
        let ordered = self.days.ago(ago);
        self.statements.order.execute(params![
            order_no,
            customer_no,
            ordered,
            status,
            delivery_name,
            delivery_phone,
            message,
            kronor(total)
        ])?;
        if status == "delivered" {
            self.invoice(customer_no, person, order_no, ago, total)?;
        }
        Ok(())
    }

    /// One order row; gives back its amount in öre.
    fn order_row(&mut self, order_no: i64, person: &Person) -> Result<i64, DemoError> {
        let index = self.random.below(u32::try_from(ARTICLE.len()).unwrap_or(0)) as usize;
        let (price, by_half) = ARTICLE.get(index).map_or((0, false), |(_, _, price, by_half)| (i64::from(*price), *by_half));
        // Halves: twice the quantity, so that the amount stays whole öre (prices sold by the half are even).
        let halves = if by_half { i64::from(self.random.between(1, 8)) } else { 2 * i64::from(self.random.between(1, 4)) };
        let amount = price * halves / 2;
        let text = self.random.per_mille(5).then(|| format!("Gravyr: {}", person.name));
        let key = self.next_key();
        let number = self.article_numbers.get(index).map_or("", String::as_str);
        self.statements.order_row.execute(params![key, order_no, number, halves as f64 / 2.0, kronor(price), kronor(amount), text])?;
        Ok(amount)
    }

    /// The order's invoice with one row, and its payment where its day has come.
    fn invoice(&mut self, customer_no: &str, person: &Person, order_no: i64, ordered: u32, net: i64) -> Result<(), DemoError> {
        let invoice_no = self.next_key();
        let issued = ordered.saturating_sub(self.random.below(6));
        let tax = net / 4;
        let total = net + tax;
        let paid = issued.checked_sub(self.random.between(5, 45)).filter(|_| !self.random.per_mille(10));
        let balance = if paid.is_some() { 0 } else { total };
        let ocr = format!("{invoice_no:010}");
        let ocr = format!("{ocr}{}", check_digit(&ocr));
        let address = format!("{}, {} {}", person.address, person.postcode, person.city);
        self.statements.invoice.execute(params![
            invoice_no,
            customer_no,
            order_no,
            self.days.ago(issued),
            self.days.ago(issued.saturating_sub(30)),
            ocr,
            person.name,
            address,
            person.email,
            kronor(total),
            kronor(tax),
            kronor(balance),
        ])?;
        self.statements.invoice_row.execute(params![invoice_no, kronor(net)])?;
        if let Some(paid) = paid {
            let key = self.next_key();
            let account = format!("{invoice_no:08}");
            self.statements.payment.execute(params![key, invoice_no, self.days.ago(paid), kronor(total), person.name, account])?;
        }
        Ok(())
    }
}
