"""Reads a set with a column of each type by four readers and prints which types they see and which values, as one JSON value.

Called by tests/readers.rs with the folder that `gallra path` prints. A value stands as text: a timestamp as microseconds since 1970 in UTC, a float
as its eight bytes, a decimal with all digits of its scale.
"""

import datetime
import decimal
import glob
import json
import struct
import sys

import duckdb
import pandas
import polars
import pyarrow.dataset

folder = sys.argv[1]
pattern = f"{folder}/**/*.parquet"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def plain(value):
    if value is None or value is pandas.NA or value is pandas.NaT:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        assert value.utcoffset() == datetime.timedelta(0), value
        return str((value - EPOCH) // datetime.timedelta(microseconds=1))
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float):
        return struct.pack(">d", value).hex()
    assert isinstance(value, (int, str, decimal.Decimal)), type(value)
    return str(value)


def by_duckdb():
    found = duckdb.sql(f"SELECT * FROM read_parquet('{pattern}') ORDER BY serial")
    types = dict(zip(found.columns, map(str, found.types)))
    # Python's own time zones are needed for instants only when they are fetched as objects; microseconds need none.
    columns = ", ".join(f"epoch_us({name})" if "TIME ZONE" in kind else name for name, kind in types.items())
    rows = duckdb.sql(f"SELECT {columns} FROM read_parquet('{pattern}') ORDER BY serial").fetchall()
    return types, rows


def by_polars():
    found = polars.read_parquet(pattern).sort("serial")
    return {name: str(kind) for name, kind in found.schema.items()}, found.rows()


def by_pyarrow():
    found = pyarrow.dataset.dataset(folder).to_table().sort_by("serial")
    found.validate(full=True)
    return {field.name: str(field.type) for field in found.schema}, [row.values() for row in found.to_pylist()]


def by_pandas():
    found = pandas.read_parquet(folder, dtype_backend="pyarrow").sort_values("serial")
    return {name: str(kind) for name, kind in found.dtypes.items()}, found.itertuples(index=False, name=None)


assert glob.glob(pattern, recursive=True), "no file"
answers = {}
for name, read in {"duckdb": by_duckdb, "polars": by_polars, "pyarrow": by_pyarrow, "pandas": by_pandas}.items():
    types, rows = read()
    answers[name] = {"types": types, "rows": [[plain(value) for value in row] for row in rows]}
json.dump(answers, sys.stdout)
