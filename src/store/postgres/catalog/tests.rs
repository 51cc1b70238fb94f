//! The catalog against a real server.

mod keys;
mod partitions;
use crate::store::postgres::server;
mod surroundings;
mod types;

use std::sync::atomic::{AtomicU32, Ordering};

use super::read;
use crate::store::postgres::connection::Connection;
use crate::store::postgres::relation::{Relation, Relations};
use crate::store::postgres::settings::Settings;
use crate::store::{Catalog, Table};

/// A new database with this schema.
struct Fixture {
    connection: Connection,
    catalog: Catalog,
    relations: Relations,
}

impl Fixture {
    #[track_caller]
    fn of(sql: &str) -> Self {
        static DATABASES: AtomicU32 = AtomicU32::new(0);
        let database = format!("catalog_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let server = server::shared();
        server.create_database(&database);
        server.psql(&database, sql);
        let connection = Connection::open(&Settings::parse(&server.url(&database), &|_| None).unwrap()).unwrap();
        let (catalog, relations) = read(&connection).unwrap();
        Self { connection, catalog, relations }
    }

    #[track_caller]
    fn table(&self, name: &str) -> &Table {
        self.catalog.tables.iter().find(|table| table.name == name).unwrap()
    }

    #[track_caller]
    fn relation(&self, name: &str) -> &Relation {
        self.relations.get(name).unwrap()
    }

    fn names(&self) -> Vec<&str> {
        self.catalog.tables.iter().map(|table| table.name.as_str()).collect()
    }
}
