"""The same question to four readers: rows, quantity and amount per month of a year, from a set that is parted by month.

Called by tests/readers.rs with the folder that `gallra path` prints and a year. Prints one JSON value: per reader its lines.
"""

import datetime
import json
import sys

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.compute
import pyarrow.dataset

folder, year = sys.argv[1], int(sys.argv[2])
first, end = datetime.date(year, 1, 1), datetime.date(year + 1, 1, 1)
months = pyarrow.dataset.partitioning(pyarrow.schema([("order_month", pyarrow.date32())]), flavor="hive")

QUESTION = """
    SELECT order_month, count(*) AS rows, sum(quantity) AS quantity, sum(amount) AS amount
    FROM {source}
    WHERE order_month >= DATE '{first}' AND order_month < DATE '{end}'
    GROUP BY order_month
    ORDER BY order_month
"""


def by_duckdb():
    source = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = true)"
    return duckdb.sql(QUESTION.format(source=source, first=first, end=end)).fetchall()


def by_polars_sql():
    frame = polars.scan_parquet(f"{folder}/**/*.parquet", hive_partitioning=True)
    context = polars.SQLContext(history=frame)
    return context.execute(QUESTION.format(source="history", first=first, end=end)).collect().rows()


def of_year():
    month = pyarrow.compute.field("order_month")
    return (month >= pyarrow.scalar(first)) & (month < pyarrow.scalar(end))


def by_pyarrow():
    dataset = pyarrow.dataset.dataset(folder, partitioning=months)
    table = dataset.to_table(filter=of_year())
    wanted = [([], "count_all"), ("quantity", "sum"), ("amount", "sum")]
    lines = table.group_by("order_month").aggregate(wanted).sort_by("order_month").to_pylist()
    return [[line[name] for name in ("order_month", "count_all", "quantity_sum", "amount_sum")] for line in lines]


def by_pandas():
    rows = pandas.read_parquet(folder, partitioning=months, filters=of_year(), dtype_backend="pyarrow")
    lines = rows.groupby("order_month").agg(rows=("amount", "size"), quantity=("quantity", "sum"), amount=("amount", "sum"))
    return list(lines.sort_index().itertuples(name=None))


readers = {"duckdb": by_duckdb, "polars": by_polars_sql, "pyarrow": by_pyarrow, "pandas": by_pandas}
answers = {
    name: [[month.isoformat(), int(rows), f"{quantity:.2f}", f"{amount:.2f}"] for month, rows, quantity, amount in ask()]
    for name, ask in readers.items()
}
json.dump(answers, sys.stdout)
