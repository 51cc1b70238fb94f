"""Writes Arrow rows as Parquet by pyarrow: `encode.py ROWS OUTPUT ROUNDS`. Prints processor seconds per round, as JSON, by settings."""

import json
import sys
import time

import pyarrow
import pyarrow.parquet

rows, output, rounds = sys.argv[1:4]
pyarrow.set_cpu_count(1)
table = pyarrow.ipc.open_file(rows).read_all()
measured = {}
for name, settings in (
    ("pyarrow, zstd as it is set", {}),
    ("pyarrow, with page index", {"write_page_index": True}),
    (
        "pyarrow, with a bloom filter as well",
        {"write_page_index": True, "bloom_filter_options": {"customer": {"ndv": table.num_rows, "fpp": 0.01}}},
    ),
):
    measured[name] = []
    for round in range(int(rounds) + 1):
        before = time.process_time()
        pyarrow.parquet.write_table(table, output, compression="zstd", **settings)
        if round > 0:
            measured[name].append(time.process_time() - before)
print(json.dumps(measured))
