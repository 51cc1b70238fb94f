"""Writes Arrow rows as Parquet by pyarrow: `encode.py ROWS OUTPUT`.

Each line of the standard input names settings; the processor seconds that writing took with them are the answer.
"""

import sys
import time

import pyarrow
import pyarrow.parquet

rows, output = sys.argv[1:3]
pyarrow.set_cpu_count(1)
table = pyarrow.ipc.open_file(rows).read_all()
settings = {
    "pyarrow, zstd as it is set": {},
    "pyarrow, with page index": {"write_page_index": True},
    "pyarrow, with a bloom filter as well": {
        "write_page_index": True,
        "bloom_filter_options": {"customer": {"ndv": table.num_rows, "fpp": 0.01}},
    },
}
for line in sys.stdin:
    before = time.process_time()
    pyarrow.parquet.write_table(table, output, compression="zstd", **settings[line.strip()])
    print(time.process_time() - before, flush=True)
