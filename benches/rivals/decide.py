"""The question of benches/decide.rs asked in DuckDB: FOLDER THREADS. Prints seconds, peak megabytes, then `outcome people sum-of-due-days`."""

import resource
import sys
import time

import duckdb

folder, threads = sys.argv[1], sys.argv[2]
connection = duckdb.connect()
connection.execute(f"SET threads = {threads}")
connection.execute("SET preserve_insertion_order = false")
QUESTION = f"""
WITH told AS (
    SELECT customer_no, ordered_on AS day, status = 'open' AS open, true AS document FROM '{folder}/sales_order.parquet'
    UNION ALL
    SELECT customer_no, starts_on, false, false FROM '{folder}/booking.parquet'
), facts AS (
    SELECT customer_no,
        max(day) AS latest,
        bool_or(day < DATE '1900-01-02' OR day > DATE '2999-12-31' OR day = DATE '1970-01-01') AS absurd,
        bool_or(open) AS open,
        max(CASE WHEN document THEN CASE WHEN day < DATE '1900-01-02' OR day > DATE '2999-12-31' OR day = DATE '1970-01-01'
                 THEN DATE '9999-12-31' ELSE make_date(year(day) + 7, 12, 31) END END) AS duty,
        bool_or(document) OR bool_or(NOT document) AS linked
    FROM told GROUP BY customer_no
), clocks AS (
    SELECT customer.*, absurd, open, linked,
        CASE WHEN duty >= DATE '2026-11-22' THEN duty END AS duty,
        CASE WHEN coalesce(absurd, false) THEN NULL ELSE CAST(coalesce(latest, created_on) + INTERVAL 24 MONTH AS DATE) END AS due
    FROM '{folder}/customer.parquet' AS customer LEFT JOIN facts USING (customer_no)
), decided AS (
    SELECT due, CASE
        WHEN due IS NULL THEN 'undetermined'
        WHEN due >= DATE '2026-11-22' THEN 'keep'
        WHEN hold_case = 1 THEN 'held'
        WHEN open THEN 'blocked'
        WHEN duty IS NOT NULL AND name IS NOT NULL THEN 'partly'
        WHEN linked OR duty IS NOT NULL THEN 'anonymise'
        ELSE 'delete' END AS outcome
    FROM clocks
)
SELECT outcome, count(*), coalesce(sum(due - DATE '1970-01-01'), 0) FROM decided GROUP BY outcome ORDER BY outcome
"""
started = time.perf_counter()
rows = connection.execute(QUESTION).fetchall()
print(time.perf_counter() - started)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
for outcome, people, due in rows:
    print(outcome, people, due)
