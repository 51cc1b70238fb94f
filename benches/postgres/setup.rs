//! The server and its data: TPC-H as `tpchgen-cli` makes it, in one database per question.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use super::server::{Options, Server};

/// As a careful administrator would set a machine of this size, and durable. Autovacuum is off because its time is not a contender's;
/// everything is vacuumed after loading instead.
const CONFIGURATION: &str = "fsync = on\nfull_page_writes = on\nsynchronous_commit = on\nautovacuum = off\nshared_buffers = 1GB\n\
    max_wal_size = 16GB\ncheckpoint_timeout = 1h\nmaintenance_work_mem = 512MB\nwork_mem = 64MB\njit = on\n";

const LINEITEM: &str = "CREATE TABLE lineitem (
    l_orderkey bigint NOT NULL, l_partkey bigint NOT NULL, l_suppkey bigint NOT NULL, l_linenumber integer NOT NULL,
    l_quantity numeric(15,2) NOT NULL, l_extendedprice numeric(15,2) NOT NULL, l_discount numeric(15,2) NOT NULL, l_tax numeric(15,2) NOT NULL,
    l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL, l_commitdate date NOT NULL,
    l_receiptdate date NOT NULL, l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL);";

/// `c_phone` would be `char(15)`, which `pganonymize` can not write.
const CUSTOMER: &str = "CREATE TABLE customer (
    c_custkey bigint PRIMARY KEY, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL, c_nationkey integer NOT NULL,
    c_phone varchar(15) NOT NULL, c_acctbal numeric(15,2) NOT NULL, c_mktsegment char(10) NOT NULL, c_comment varchar(117) NOT NULL);";

const ORDERS: &str = "CREATE TABLE orders (
    o_orderkey bigint PRIMARY KEY, o_custkey bigint NOT NULL REFERENCES customer, o_orderstatus char(1) NOT NULL,
    o_totalprice numeric(15,2) NOT NULL, o_orderdate date NOT NULL, o_orderpriority char(15) NOT NULL, o_clerk char(15) NOT NULL,
    o_shippriority integer NOT NULL, o_comment varchar(79) NOT NULL);";

/// The customer with a date that starts the clock: long ago for those that a condition names. The table is written anew, so that the date
/// stands in every row from the beginning.
fn dated(condition: &str) -> String {
    format!(
        "ALTER TABLE customer ADD COLUMN c_seen date NOT NULL DEFAULT current_date;\n\
         CREATE TABLE dated AS SELECT c_custkey AS key FROM customer WHERE {condition};\n\
         UPDATE customer SET c_seen = DATE '2015-01-01' FROM dated WHERE c_custkey = key;\n\
         DROP TABLE dated;\nVACUUM FULL ANALYZE customer;\n"
    )
}

/// A running server without a database of the bench's.
pub fn server() -> Server {
    Server::start_with(Options { configuration: CONFIGURATION.into(), ..Options::default() })
}

fn load(files: &Path, table: &str) -> String {
    format!("\\copy {table} FROM '{}' WITH (FORMAT csv, HEADER)\n", files.join(format!("{table}.csv")).display())
}

fn make(server: &Server, database: &str, sql: &str) {
    server.create_database(database);
    server.psql(database, sql);
}

/// The line items, in the database `scan`.
pub fn scan(server: &Server, files: &Path) {
    let primary_key = "ALTER TABLE lineitem ADD PRIMARY KEY (l_orderkey, l_linenumber);";
    make(server, "scan", &format!("{LINEITEM}\n{}{primary_key}\nVACUUM FREEZE ANALYZE;\n", load(files, "lineitem")));
}

/// The databases `people` (customers alone, two in three of them due) and `shop` (customers and orders; due are those of the first three in
/// five customers who never ordered anything).
pub fn people(server: &Server, files: &Path) {
    make(server, "people", &format!("{CUSTOMER}\n{}{}VACUUM FREEZE ANALYZE;\n", load(files, "customer"), dated("c_custkey % 3 <> 0")));
    let never =
        "c_custkey <= (SELECT max(c_custkey) * 3 / 5 FROM customer) AND NOT EXISTS (SELECT FROM orders WHERE o_custkey = c_custkey)";
    let tables = format!("{CUSTOMER}\n{ORDERS}\n{}{}", load(files, "customer"), load(files, "orders"));
    make(
        server,
        "shop",
        &format!("{tables}CREATE INDEX ON orders (o_custkey);\nVACUUM ANALYZE;\n{}VACUUM FREEZE ANALYZE;\n", dated(never)),
    );
}

/// All three tables, in the database `sales`.
pub fn sales(server: &Server, files: &Path) {
    let rows = ["customer", "orders", "lineitem"].map(|table| load(files, table)).concat();
    let keys = "ALTER TABLE lineitem ADD PRIMARY KEY (l_orderkey, l_linenumber), ADD FOREIGN KEY (l_orderkey) REFERENCES orders;";
    make(server, "sales", &format!("{CUSTOMER}\n{ORDERS}\n{LINEITEM}\n{rows}{keys}\nVACUUM FREEZE ANALYZE;\n"));
}

/// Generates the tables in a format, `csv` or `parquet`, where they are not there yet.
pub fn generate(generator: &Path, format: &str, scale: &str, files: &Path) -> Result<(), Box<dyn Error>> {
    let done = files.join("done");
    if done.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(files)?;
    let status = Command::new(generator)
        .args([format, "--quiet", "--scale-factor", scale, "--tables", "lineitem,customer,orders", "--output-dir"])
        .arg(files)
        .status()?;
    if !status.success() {
        return Err("tpchgen-cli failed".into());
    }
    Ok(std::fs::write(done, "")?)
}
