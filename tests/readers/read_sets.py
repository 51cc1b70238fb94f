"""Reads published sets with pyarrow alone and prints what is in them as one JSON value.

Called by tests/readers.rs with the folders that `gallra path` prints.
"""

import datetime
import decimal
import json
import sys
from pathlib import Path

import pyarrow.parquet


def plain(value):
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


sets = []
for folder in map(Path, sys.argv[1:]):
    tables = [pyarrow.parquet.read_table(file) for file in sorted(folder.glob("*.parquet"))]
    table = pyarrow.concat_tables(tables)
    table.validate(full=True)
    sets.append(
        {
            "columns": table.column_names,
            "rows": [[plain(value) for value in row.values()] for row in table.to_pylist()],
        }
    )
json.dump(sets, sys.stdout)
