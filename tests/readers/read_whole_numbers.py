"""Reads a Parquet file of whole numbers by DuckDB, Polars and pyarrow, and compares every cell with the formula that it was made by."""

import datetime
import decimal
import json
import sys

import duckdb
import polars
import pyarrow.parquet

path, rows = sys.argv[1], int(sys.argv[2])
EPOCH = datetime.date(1970, 1, 1)


def number(row):
    """Numbers that jump over their whole range; the ends of the range first."""
    if row < 100:
        return -(2**63) if row % 2 == 0 else 2**63 - 1
    return (row * 6364136223846793005 + 1442695040888963407) % 2**64 - 2**63


def absent(row):
    return row % 7 == 3


def amount(row):
    return decimal.Decimal(number(row) % (2 * 10**18 - 1) - (10**18 - 1)).scaleb(-2)


expected = {
    "number": [None if absent(row) else number(row) for row in range(rows)],
    "amount": [None if absent(row) else amount(row) for row in range(rows)],
    "day": [None if absent(row) else EPOCH + datetime.timedelta(days=number(row) % 2_900_000 - 700_000) for row in range(rows)],
    "instant": [
        None if absent(row) else datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=number(row) % 10**17 - 10**16)
        for row in range(rows)
    ],
}
connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
# Of an instant the naive time in UTC: not every reader has a time zone of its own.
by_duckdb = connection.execute(
    "SELECT number, amount, day, epoch_us(instant) FROM read_parquet(?, file_row_number = true) ORDER BY file_row_number", [path]
).fetchall()
micros = [None if cell is None else (cell - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1) for cell in expected["instant"]]
frame = polars.read_parquet(path)
table = pyarrow.parquet.read_table(path)
naive = lambda cells: [None if cell is None else cell.replace(tzinfo=None) for cell in cells]
answers = {
    "duckdb": [list(column) for column in zip(*by_duckdb)] == [expected["number"], expected["amount"], expected["day"], micros],
    "polars": {name: naive(frame[name].to_list()) if name == "instant" else frame[name].to_list() for name in expected} == expected,
    "pyarrow": {name: naive(table[name].to_pylist()) if name == "instant" else table[name].to_pylist() for name in expected} == expected,
}
groups = pyarrow.parquet.ParquetFile(path).metadata.row_group(0)
answers["encodings"] = sorted({encoding for at in range(groups.num_columns) for encoding in groups.column(at).encodings})
print(json.dumps(answers))
