"""Reads published sets with pyarrow alone and prints what is in them as one JSON value.

Called by tests/readers.rs with the folders that `gallra path` prints.
"""

import datetime
import decimal
import json
import sys
from pathlib import Path

import pyarrow.dataset


def plain(value):
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


sets = []
for folder in map(Path, sys.argv[1:]):
    table = pyarrow.dataset.dataset(folder, partitioning="hive").to_table()
    # What stands in the folders' names comes last; the manifest has the order of the declaration.
    declared = json.loads((folder / "_manifest.json").read_text())["schema"]
    assert sorted(table.column_names) == sorted(column["name"] for column in declared), table.column_names
    table = table.select([column["name"] for column in declared])
    table.validate(full=True)
    sets.append(
        {
            "columns": table.column_names,
            "rows": [[plain(value) for value in row.values()] for row in table.to_pylist()],
        }
    )
json.dump(sets, sys.stdout)
