"""Prints what pyarrow and DuckDB find in a file of findings, as JSON; and writes a file as pandas does, compressed with snappy."""

import json
import sys

import duckdb
import pyarrow.parquet
import pandas

table = pyarrow.parquet.read_table(sys.argv[1])
codecs = {
    pyarrow.parquet.ParquetFile(sys.argv[1]).metadata.row_group(group).column(column).compression
    for group in range(pyarrow.parquet.ParquetFile(sys.argv[1]).num_row_groups)
    for column in range(table.num_columns)
}
counted = duckdb.sql(f"SELECT source, kind, count(*) FROM '{sys.argv[1]}' GROUP BY ALL ORDER BY ALL").fetchall()
written = pandas.DataFrame({"note": ["kim.lind@example.org", None], "number": [1, 2]})
for codec in ("snappy", "zstd", "lz4", "gzip"):
    written.to_parquet(f"{codec}.parquet", compression=codec)
print(
    json.dumps(
        {
            "types": {field.name: str(field.type) for field in table.schema},
            "rows": [[str(row["row"]), row["start"], row["end"], row["kind"]] for row in table.to_pylist()],
            "codecs": sorted(codecs),
            "counted": [list(row) for row in counted],
        }
    )
)
