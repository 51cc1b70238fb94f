//! Random policies over one small database: as values, as pipeline files, and the rows that they are about.

use super::calendar::{Ymd, days_in};

/// Numbers that depend on the seed alone (splitmix64).
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    pub fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }
}

pub const TODAY: Ymd = Ymd(2026, 11, 22);

pub const SCHEMA: &str = "
    CREATE TABLE person (person_no INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, promotion_email TEXT, kind TEXT NOT NULL,
        joined_on DATE, left_on DATE, seen_on DATE, opted_out INTEGER NOT NULL, opted_out_on DATE, opted_in_on DATE, held_until DATE,
        restricted INTEGER NOT NULL) STRICT_OFF;
    CREATE TABLE visit (visit_no INTEGER PRIMARY KEY, person_no INTEGER REFERENCES person, visited_on DATE);
    CREATE TABLE sale (sale_no INTEGER PRIMARY KEY, person_no INTEGER REFERENCES person, sold_on DATE, state TEXT NOT NULL, buyer_name TEXT,
        total INTEGER NOT NULL);
    CREATE TABLE note (note_no INTEGER PRIMARY KEY, person_no INTEGER NOT NULL REFERENCES person, body TEXT);
    CREATE TABLE fiscal_year (fiscal_year_no INTEGER PRIMARY KEY, starts_on DATE NOT NULL, ends_on DATE NOT NULL);
";

/// A cell of a date column.
pub type Cell = Option<Ymd>;

#[derive(Debug, Clone)]
pub struct Person {
    pub number: i64,
    pub email: bool,
    pub promotion_email: bool,
    pub private: bool,
    pub joined: Cell,
    pub left: Cell,
    pub seen: Cell,
    pub opted_out: bool,
    pub opted_out_on: Cell,
    pub opted_in_on: Cell,
    pub held_until: Cell,
    pub restricted: bool,
}

#[derive(Debug, Clone)]
pub struct Sale {
    pub number: i64,
    pub person: Option<i64>,
    pub sold: Cell,
    pub open: bool,
    pub buyer_name: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Rows {
    pub people: Vec<Person>,
    pub visits: Vec<(i64, Option<i64>, Cell)>,
    pub sales: Vec<Sale>,
    pub notes: Vec<(i64, i64)>,
}

fn day(random: &mut Random) -> Cell {
    match random.below(40) {
        0 | 1 => None,
        2 => Some(Ymd(1900, 1, 1)),
        3 => Some(Ymd(9999, 12, 31)),
        4 => Some(Ymd(1970, 1, 1)),
        5 => Some(Ymd(2027, 1 + random.below(12) as i32, 1)),
        6 => Some(Ymd(2024, 2, 29)),
        7 => Some(Ymd(2026, 5, 22)),
        8 => Some(TODAY),
        _ => {
            let (year, month) = (2014 + random.below(13) as i32, 1 + random.below(12) as i32);
            let day = Ymd(year, month, 1 + random.below(days_in(year, month) as u64) as i32);
            Some(day.min(TODAY))
        }
    }
}

impl Rows {
    pub fn random(random: &mut Random) -> Self {
        let mut rows = Self::default();
        for number in 1..=24 {
            rows.people.push(Person {
                number,
                email: !random.one_in(4),
                promotion_email: !random.one_in(3),
                private: !random.one_in(4),
                joined: day(random),
                left: if random.one_in(2) { None } else { day(random) },
                seen: if random.one_in(2) { None } else { day(random) },
                opted_out: random.one_in(3),
                opted_out_on: if random.one_in(2) { None } else { day(random) },
                opted_in_on: if random.one_in(2) { None } else { day(random) },
                held_until: match random.below(6) {
                    0 => day(random),
                    1 => Some(Ymd(2027, 1 + random.below(12) as i32, 15)),
                    2 => Some(TODAY),
                    _ => None,
                },
                restricted: random.one_in(12),
            });
        }
        let somebody = |random: &mut Random| if random.one_in(12) { None } else { Some(1 + random.below(20) as i64) };
        for number in 1..=30 {
            let person = somebody(random);
            rows.visits.push((number, person, day(random)));
            let (person, sold) = (somebody(random), day(random));
            rows.sales.push(Sale { number, person, sold, open: random.one_in(9), buyer_name: !random.one_in(3) });
            rows.notes.push((number, 1 + random.below(24) as i64));
        }
        rows
    }

    /// The same rows in another order.
    pub fn shuffled(&self, random: &mut Random) -> Self {
        fn shuffle<T>(list: &mut [T], random: &mut Random) {
            for at in (1..list.len()).rev() {
                list.swap(at, random.below(at as u64 + 1) as usize);
            }
        }
        let mut rows = self.clone();
        shuffle(&mut rows.people, random);
        shuffle(&mut rows.visits, random);
        shuffle(&mut rows.sales, random);
        shuffle(&mut rows.notes, random);
        rows
    }

    pub fn fill(&self, database: &rusqlite::Connection) {
        database.execute_batch(&SCHEMA.replace(" STRICT_OFF", "")).unwrap();
        let text = |cell: &Cell| cell.map(Ymd::text);
        for (at, (first, last)) in FISCAL_YEARS.iter().enumerate() {
            let row = rusqlite::params![at as i64, first.text(), last.text()];
            database.execute("INSERT INTO fiscal_year VALUES (?1, ?2, ?3)", row).unwrap();
        }
        for person in &self.people {
            let sql = "INSERT INTO person VALUES (?1, 'Somebody', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
            let row = rusqlite::params![
                person.number,
                person.email.then_some("a@example.com"),
                person.promotion_email.then_some("b@example.com"),
                if person.private { "private" } else { "company" },
                text(&person.joined),
                text(&person.left),
                text(&person.seen),
                person.opted_out,
                text(&person.opted_out_on),
                text(&person.opted_in_on),
                text(&person.held_until),
                person.restricted,
            ];
            database.execute(sql, row).unwrap();
        }
        for (number, person, on) in &self.visits {
            database.execute("INSERT INTO visit VALUES (?1, ?2, ?3)", rusqlite::params![number, person, text(on)]).unwrap();
        }
        for sale in &self.sales {
            let state = if sale.open { "open" } else { "paid" };
            let name = sale.buyer_name.then_some("Somebody");
            let row = rusqlite::params![sale.number, sale.person, text(&sale.sold), state, name];
            database.execute("INSERT INTO sale VALUES (?1, ?2, ?3, ?4, ?5, 100)", row).unwrap();
        }
        for (number, person) in &self.notes {
            database.execute("INSERT INTO note VALUES (?1, ?2, 'a note')", rusqlite::params![number, person]).unwrap();
        }
    }
}

/// A broken year that was extended to eighteen months and then shortened to two.
pub const FISCAL_YEARS: [(Ymd, Ymd); 14] = [
    (Ymd(2013, 5, 1), Ymd(2014, 4, 30)),
    (Ymd(2014, 5, 1), Ymd(2015, 4, 30)),
    (Ymd(2015, 5, 1), Ymd(2016, 4, 30)),
    (Ymd(2016, 5, 1), Ymd(2017, 4, 30)),
    (Ymd(2017, 5, 1), Ymd(2018, 10, 31)),
    (Ymd(2018, 11, 1), Ymd(2018, 12, 31)),
    (Ymd(2019, 1, 1), Ymd(2019, 12, 31)),
    (Ymd(2020, 1, 1), Ymd(2020, 12, 31)),
    (Ymd(2021, 1, 1), Ymd(2021, 12, 31)),
    (Ymd(2022, 1, 1), Ymd(2022, 12, 31)),
    (Ymd(2023, 1, 1), Ymd(2023, 12, 31)),
    (Ymd(2024, 1, 1), Ymd(2024, 12, 31)),
    (Ymd(2025, 1, 1), Ymd(2025, 12, 31)),
    (Ymd(2026, 1, 1), Ymd(2026, 12, 31)),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    Event,
    CalendarYear,
    FiscalYear,
    CalendarYearOfFiscalYear,
}

/// How long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    Months(i32, From),
    Days(i32),
    Pack(&'static str),
    Open,
}

impl Keep {
    fn random(random: &mut Random, open: bool) -> Self {
        match random.below(10) {
            0 if open => Self::Open,
            0..=4 => Self::Months(1 + random.below(60) as i32, From::Event),
            5 => Self::Days(1 + random.below(900) as i32),
            6 => Self::Months(1 + random.below(48) as i32, From::CalendarYear),
            7 => Self::Months(1 + random.below(48) as i32, From::FiscalYear),
            8 => Self::Months(1 + random.below(48) as i32, From::CalendarYearOfFiscalYear),
            _ => Self::Pack(random.of::<&'static str>(&[
                "se.bookkeeping",
                "dk.bookkeeping",
                "no.bookkeeping.secondary",
                "fi.vouchers",
                "eu.oss",
            ])),
        }
    }

    fn toml(&self) -> String {
        match self {
            Self::Months(months, from) => {
                let from = match from {
                    From::Event => "event",
                    From::CalendarYear => "end_of_calendar_year",
                    From::FiscalYear => "fiscal_year_end",
                    From::CalendarYearOfFiscalYear => "end_of_calendar_year_of_fiscal_year_end",
                };
                format!("keep = \"{months} months\"\nfrom = \"{from}\"\n")
            }
            Self::Days(days) => format!("keep = \"{days} days\"\n"),
            Self::Pack(pack) => format!("pack = \"{pack}\"\n"),
            Self::Open => "keep = \"open\"\nreview = \"2030-01-01\"\n".to_owned(),
        }
    }
}

/// What starts a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    Left,
    Seen,
    Visits,
    Sales,
    VisitsAndSales,
    LastActivity,
}

impl Clock {
    const ALL: [Self; 6] = [Self::Left, Self::Seen, Self::Visits, Self::Sales, Self::VisitsAndSales, Self::LastActivity];

    fn toml(self) -> &'static str {
        match self {
            Self::Left => "\"left_on\"",
            Self::Seen => "[\"seen_on\"]",
            Self::Visits => "\"visit.visited_on\"",
            Self::Sales => "[\"sale.sold_on\"]",
            Self::VisitsAndSales => "[\"visit.visited_on\", \"sale.sold_on\"]",
            Self::LastActivity => "\"last_activity\"",
        }
    }
}

/// What ends a rule or purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// A flag.
    Flag,
    /// A day, and perhaps a day on which it was given again.
    Day { given: bool },
}

impl Ended {
    fn toml(self) -> &'static str {
        match self {
            Self::Flag => "ended = { when = { column = \"opted_out\", is = [1] } }\n",
            Self::Day { given: false } => "ended = { on = \"opted_out_on\" }\n",
            Self::Day { given: true } => "ended = { on = \"opted_out_on\", given = \"opted_in_on\" }\n",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Rule {
    pub name: String,
    pub clock: Clock,
    pub start: bool,
    pub not_started: bool,
    pub keep: Keep,
    pub ended: Option<Ended>,
}

impl Rule {
    fn body(&self) -> String {
        let mut text = String::new();
        if self.keep != Keep::Open {
            text += &format!("clock = {}\n", self.clock.toml());
        }
        if self.start {
            text += "start = \"joined_on\"\n";
        }
        if self.not_started {
            text += "missing = \"not_started\"\n";
        }
        text += &self.keep.toml();
        text += self.ended.map_or("", Ended::toml);
        text
    }
}

#[derive(Debug, Clone)]
pub struct Purpose {
    pub ended: Option<Ended>,
    pub period: Option<Rule>,
    /// `email`, `promotion_email`.
    pub columns: Vec<&'static str>,
}

/// A policy over the small database.
#[derive(Debug, Clone)]
pub struct Policy {
    pub rules: Vec<Rule>,
    pub purposes: Vec<Purpose>,
    pub private_only: bool,
    pub hold: bool,
    /// The hold keeps these columns alone.
    pub hold_fields: Vec<&'static str>,
    pub restriction: bool,
    /// Whether open sales block, and whether they keep what purposes let go.
    pub block: Option<bool>,
    pub never_delete: bool,
    /// How long a sale keeps its own buyer's name and the person's.
    pub duty: Option<Keep>,
    pub notes_owned: bool,
}

impl Policy {
    pub fn random(random: &mut Random) -> Self {
        let rule = |random: &mut Random, name: String, open: bool| {
            let keep = Keep::random(random, open);
            let ended = match random.below(6) {
                0 => Some(Ended::Flag),
                1 => Some(Ended::Day { given: random.one_in(2) }),
                _ => None,
            };
            Rule { name, clock: *random.of(&Clock::ALL), start: random.one_in(2), not_started: random.one_in(3), keep, ended }
        };
        let rules = (0..1 + random.below(3)).map(|at| rule(random, format!("rule{}", 9 - at), true)).collect();
        let purposes = (0..random.below(3))
            .map(|at| {
                let ended = match random.below(3) {
                    0 => None,
                    1 => Some(Ended::Flag),
                    _ => Some(Ended::Day { given: random.one_in(2) }),
                };
                let period = random.one_in(2).then(|| Rule { ended: None, ..rule(random, format!("purpose{at}"), false) });
                let columns = match random.below(3) {
                    0 => vec!["email"],
                    1 => vec!["promotion_email"],
                    _ => vec!["email", "promotion_email"],
                };
                Purpose { ended, period, columns }
            })
            .collect();
        Self {
            rules,
            purposes,
            private_only: random.one_in(3),
            hold: random.one_in(2),
            hold_fields: match random.below(3) {
                0 => vec!["email"],
                1 => vec!["name", "sale.buyer_name"],
                _ => Vec::new(),
            },
            restriction: random.one_in(3),
            block: random.one_in(2).then(|| random.one_in(2)),
            never_delete: random.one_in(4),
            duty: random.one_in(2).then(|| Keep::random(random, false)),
            notes_owned: random.one_in(2),
        }
    }

    pub fn toml(&self) -> String {
        let mut text = String::from(
            "[controller]\nname = \"Test\"\nsource = \"sqlite:test.db\"\ncountry = \"SE\"\ntime_zone = \"Europe/Stockholm\"\n\n\
             [fiscal_years]\ntable = \"fiscal_year\"\nstarts = \"starts_on\"\nends = \"ends_on\"\n\n[category.person]\ntable = \"person\"\n",
        );
        if self.never_delete {
            text += "delete = \"never\"\n";
        }
        if self.private_only {
            text += "natural_person = { when = { column = \"kind\", is = [\"private\"] } }\n";
        }
        for rule in &self.rules {
            text += &format!("\n[[category.person.retention]]\nname = \"{}\"\n{}", rule.name, rule.body());
        }
        for (at, purpose) in self.purposes.iter().enumerate() {
            text +=
                &format!("\n[[category.person.purpose]]\nname = \"purpose{at}\"\nbasis = \"consent\"\ncolumns = {:?}\n", purpose.columns);
            text += purpose.ended.map_or("", Ended::toml);
            text += &purpose.period.as_ref().map_or(String::new(), Rule::body);
        }
        if self.hold {
            text += "\n[[category.person.hold]]\nuntil = \"held_until\"\nreason = \"a hold\"\n";
            if !self.hold_fields.is_empty() {
                text += &format!("fields = {:?}\n", self.hold_fields);
            }
        }
        if self.restriction {
            text += "\n[[category.person.restriction]]\nwhen = { column = \"restricted\", is = [1] }\nreason = \"article 18\"\n";
        }
        if let Some(purposes) = self.block {
            text +=
                "\n[[category.person.block]]\ntable = \"sale\"\nwhen = { column = \"state\", is = [\"open\"] }\nreason = \"open sale\"\n";
            text += &format!("purposes = {purposes}\n");
        }
        if let Some(keep) = &self.duty {
            text += &format!("\n[duty.books]\ntable = \"sale\"\nclock = \"sold_on\"\n{}", keep.toml());
            text += "protects = [\"buyer_name\", \"person.name\"]\n";
        }
        if self.notes_owned {
            text += "\n[[reference]]\ntable = \"note\"\ncolumns = [\"person_no\"]\nkind = \"owned\"\n";
        }
        text += "\n[table.person]\nperson_no = \"key\"\nname = \"name\"\nemail = \"email\"\npromotion_email = \"email\"\nkind = \"plain\"\n\
                 joined_on = \"plain\"\nleft_on = \"plain\"\nseen_on = \"activity\"\nopted_out = \"plain\"\nopted_out_on = \"plain\"\n\
                 opted_in_on = \"plain\"\nheld_until = \"plain\"\nrestricted = \"plain\"\n\
                 \n[table.visit]\nvisit_no = \"key\"\nperson_no = \"reference\"\nvisited_on = \"activity\"\n\
                 \n[table.sale]\nsale_no = \"key\"\nperson_no = \"reference\"\nsold_on = \"activity\"\nstate = \"plain\"\nbuyer_name = \"name\"\n\
                 total = \"amount\"\n\
                 \n[table.note]\nnote_no = \"key\"\nperson_no = \"reference\"\nbody = \"free_text\"\n\
                 \n[table.fiscal_year]\nfiscal_year_no = \"key\"\nstarts_on = \"plain\"\nends_on = \"plain\"\n";
        text
    }

    /// A file with something wrong in it, most of the time: words swapped, cut, doubled.
    pub fn broken(&self, random: &mut Random) -> String {
        let text = self.toml();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        const WORDS: [&str; 22] = [
            "keep = \"0 days\"",
            "keep = \"-3 months\"",
            "keep = \"99999 years\"",
            "keep = \"open\"",
            "keep = \"6 months\"",
            "pack = \"xx.nothing\"",
            "pack = { SE = \"se.bookkeeping\", QQ = \"dk.bookkeeping\" }",
            "pack = { NO = \"no.bookkeeping\" }",
            "pack = {}",
            "clock = \"name\"",
            "clock = []",
            "clock = \"nobody.knows\"",
            "start = \"email\"",
            "from = \"fiscal_year_end\"",
            "from = \"whenever\"",
            "review = \"2026-02-30\"",
            "ended = {}",
            "ended = { given = \"opted_in_on\" }",
            "ended = { table = \"fiscal_year\", on = \"starts_on\" }",
            "columns = [\"person_no\", \"kind\", \"visit.visited_on\"]",
            "fields = [\"visit.*\", \"nothing\"]",
            "basis = \"because\"",
        ];
        for _ in 0..1 + random.below(3) {
            let at = random.below(lines.len() as u64) as usize;
            match random.below(5) {
                0 => drop(lines.remove(at)),
                1 => lines.insert(at, (*random.of(&WORDS)).to_owned()),
                2 => {
                    let other = random.below(lines.len() as u64) as usize;
                    lines.swap(at, other);
                }
                3 => lines.insert(at, lines[random.below(lines.len() as u64) as usize].clone()),
                _ => {
                    // A character's place, not a byte's.
                    let cut = lines[at].char_indices().map(|(place, _)| place).nth(random.below(lines[at].len() as u64 + 1) as usize);
                    let cut = cut.unwrap_or(lines[at].len());
                    lines[at].truncate(cut);
                }
            }
            if lines.is_empty() {
                break;
            }
        }
        lines.join("\n")
    }
}
