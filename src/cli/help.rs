//! What stands below each command's help: examples to copy, and the exit codes that a scheduler acts on.

/// Examples with the exit codes below them.
macro_rules! teach {
    ($title:literal, $examples:literal) => {
        concat!(
            $title,
            "\n",
            $examples,
            "

Exit codes:
  0  done; skipped rows included, until they are older than `skipped_days`
  1  finished, but something needs a look (a tenant stopped, a set refused)
  2  wrong usage, or the pipeline file has problems
  3  failed, or verification has findings; nothing half-made is visible"
        )
    };
}

pub const GENERAL: &str = teach!(
    "Start here:",
    "  gallra demo                         see a whole night on a made-up company
  gallra keys init fortnox.toml       make the keyring, once
  gallra check fortnox.toml --accept  check the file, accept the columns
  gallra plan fortnox.toml            see what tonight would do; changes nothing
  gallra run fortnox.toml             do it"
);

pub const CHECK: &str = teach!(
    "Examples:",
    "  gallra check fortnox.toml           find what is wrong or has drifted; in CI, before each deployment
  gallra check fortnox.toml --accept  accept new columns as they are classed now"
);

pub const PLAN: &str = teach!(
    "Examples:",
    "  gallra plan fortnox.toml                     what tonight would do
  gallra plan fortnox.toml --as-of 2030-01-01  what would be due by then
  gallra plan fortnox.toml --format json       the same for a program
  gallra plan fortnox.toml --horizon 12        what falls due in each of twelve months
  gallra plan fortnox.toml --against old.toml  what a changed policy changes
  gallra plan fortnox.toml --save plan.json    keep it, to be approved and executed later"
);

pub const CANDIDATES: &str = teach!(
    "Examples:",
    "  gallra candidates fortnox.toml --output due.xlsx
  gallra candidates fortnox.toml customer --output due.csv --columns name,email
  gallra candidates fortnox.toml customer --output quiet.csv --inactive-since 2024-01-01

In a CSV file an apostrophe stands before each text that a spreadsheet program would take for a formula (one that begins with
= + - @, a tab or a carriage return); in an XLSX file texts are texts."
);

pub const APPROVE: &str = teach!(
    "Examples:",
    "  gallra approve plan.json                                   look at it; nothing is written
  gallra approve plan.json --key dpo.pem                     approve it
  gallra approve plan.json --key dpo.pem --pipeline shop.toml  and check that the approval counts there"
);

pub const EXPLAIN: &str = teach!(
    "Examples:",
    "  gallra explain fortnox.toml customer 4711             why is this customer kept, and until when?
  gallra explain fortnox.toml invoice 90001             a record or a category's table by its name
  gallra explain flexybox.toml member 1001 --tenant 1   of one tenant
  gallra explain fortnox.toml customer 4711 --format json --as-of 2030-01-01"
);

pub const SUPPRESSED: &str = teach!(
    "Example, before addresses are imported:",
    "  gallra suppressed fortnox.toml newsletter --input bought.csv --column email --output may-be-mailed.csv"
);

pub const RUN: &str = teach!(
    "Examples:",
    "  gallra run fortnox.toml                  every night
  gallra run fortnox.toml --confirm 1204   go on where the brake stopped and named this number
  gallra run fortnox.toml --after-restore  after a backup of the database was restored
  gallra run fortnox.toml --plan plan.json  what a saved plan says and still holds, nothing else"
);

pub const BACKFILL: &str = teach!(
    "Examples:",
    "  gallra backfill fortnox.toml --set purchase_history --from 2019-01 --to 2023-12        the plan
  gallra backfill fortnox.toml --set purchase_history --from 2019-01 --to 2023-12 --yes  do it
  gallra backfill fortnox.toml --set purchase_history --yes                              all partitions"
);

pub const VERIFY: &str = teach!("Example:", "  gallra verify fortnox.toml  for an audit, or after a disk was replaced");

pub const DEMO: &str = teach!(
    "Examples:",
    "  gallra demo                                         20 000 made-up customers in ./gallra-demo
  gallra demo --customers 500000 --order-rows 5000000  how long a large night takes here"
);

pub const GRANTS: &str = teach!(
    "Examples:",
    "  gallra grants fortnox.toml | psql -d shop  as the owner of the database, once and after each change of the pipeline
  gallra grants fortnox.toml --runner nightly  with a role name of your own"
);

pub const PATH: &str = teach!(
    "Examples:",
    "  gallra path fortnox.toml sales_by_area
  duckdb -c \"FROM '$(gallra path fortnox.toml sales_by_area)/**/*.parquet'\""
);

pub const LINEAGE: &str = teach!(
    "Examples:",
    "  gallra lineage fortnox.toml purchase_history                what analysts see, and what it was made from
  gallra lineage purchase_history --pipeline fortnox.toml     the same
  gallra lineage fortnox.toml purchase_history --format json  for a data catalogue"
);

pub const SCHEMA: &str =
    teach!("Example:", "  gallra schema > gallra.schema.json  and `#:schema gallra.schema.json` in the first line of the pipeline file");

pub const SCAN: &str = teach!(
    "Examples:",
    "  gallra scan < notes.jsonl > findings.jsonl             a line for a line
  gallra scan crm.csv --column remark                    how much of what is in a column
  gallra scan export.parquet --kinds name,phone --findings findings.parquet
  gallra scan --pipeline fortnox.toml --table customer_note

The file of findings has the columns source, column, row (its number in a file, from 1) or row_token (as in reports), start and end
(bytes of the text as UTF-8), kind and confidence; no values. Nobody but its owner can read it."
);

pub const KEYS: &str = teach!(
    "Examples:",
    "  gallra keys init fortnox.toml               once, before the first run
  gallra keys list fortnox.toml               epochs: the current one, older ones, shredded ones
  gallra keys rotate fortnox.toml             new pseudonyms from the next run on
  gallra keys shred fortnox.toml 1            what would be lost; with --yes it is
  gallra keys export-certificate fortnox.toml 1 --output epoch-1.json
  gallra keys approver --output dpo.pem       for whoever approves saved plans

The pipeline file says where the keyring comes from: keyring = \"keys/keyring.json\", keyring = { env = \"GALLRA_KEYRING\" } or
keyring = { command = [\"age\", \"--decrypt\", \"-i\", \"key.txt\", \"keyring.age\"] }. What comes from a variable or a command is changed
into a new file (--output), which you put back where it comes from and then destroy."
);

pub const HOLD: &str = teach!(
    "Examples:",
    "  gallra hold add fortnox.toml customer 4711 --reason 'court case T 12-26' --owner 'legal' --until 2027-06-30
  gallra hold add fortnox.toml customer 4711 --fields bank_account,invoice.buyer_name --reason 'claim' --owner 'legal'
  gallra hold add flexybox.toml member 1001 --tenant 2 --reason 'doping case' --owner 'union'
  gallra hold add fortnox.toml supplier --all --reason 'tax audit' --owner 'finance'
  gallra hold list fortnox.toml                    those in force; with --all released and lapsed ones as well
  gallra hold release fortnox.toml H-2026-0001 --reason 'settled' --owner 'legal'"
);

pub const LEDGER: &str = teach!("Example:", "  gallra ledger check fortnox.toml  for an auditor; needs the keyring");
