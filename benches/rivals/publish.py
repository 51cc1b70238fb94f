"""Publishes TPC-H's purchase history by another library: `publish.py LIBRARY SOCKET_FOLDER PORT DATABASE OUTPUT`.

Line items with a pseudonym of their customer (HMAC-SHA-256, RFC 2104, under a fixed key), the month of the order and two digits of the
customer's phone number, in a folder per month, Parquet with zstd. Prints one line of JSON: seconds, rows, processor seconds, peak memory.
"""

import glob
import json
import os
import resource
import sys
import time

library, folder, port, database, output = sys.argv[1:6]
KEY = b"0123456789abcdef0123456789abcdef"
SALES = """
    SELECT p.pseudonym, date_trunc('month', o.o_orderdate)::DATE AS month, p.phone, l.l_quantity AS quantity, l.l_extendedprice AS price,
        l.l_discount AS discount, l.l_returnflag AS returned
    FROM {lineitem} l JOIN {orders} o ON l.l_orderkey = o.o_orderkey
        JOIN (SELECT c_custkey, {pseudonym} AS pseudonym, substr(c_phone, 1, 2) AS phone FROM {customer}) p ON p.c_custkey = o.o_custkey
"""


def blob(key, pad):
    """A key's block for DuckDB, as RFC 2104 pads it."""
    return "'" + "".join(f"\\x{byte ^ pad:02X}" for byte in key.ljust(64, b"\0")) + "'::BLOB"


def duckdb_publish():
    import duckdb
    import duckdb_extension_postgres_scanner

    found = os.path.join(os.path.dirname(duckdb_extension_postgres_scanner.__file__), "extensions", "*", "*.duckdb_extension")
    connection = duckdb.connect(config={"threads": 2})
    connection.load_extension(glob.glob(found)[0])
    connection.execute("SET preserve_insertion_order = false")

    def work():
        connection.execute(f"ATTACH 'host={folder} port={port} dbname={database} user=postgres' AS store (TYPE postgres, READ_ONLY)")
        hmac = f"sha256({blob(KEY, 0x5C)} || unhex(sha256({blob(KEY, 0x36)} || encode(c_custkey::VARCHAR))))"
        tables = {name: f"store.{name}" for name in ("lineitem", "orders", "customer")}
        connection.execute(
            f"COPY ({SALES.format(pseudonym=hmac, **tables)}) TO '{output}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (month))"
        )
        return connection.execute(f"SELECT count(*) FROM '{output}/**/*.parquet'").fetchone()[0]

    return work


def connectorx_publish():
    import connectorx
    import duckdb

    source = f"postgresql://postgres@localhost:{port}/{database}?host={folder.replace('/', '%2F')}"
    wanted = {
        "lineitem": "l_orderkey, l_quantity, l_extendedprice, l_discount, l_returnflag",
        "orders": "o_orderkey, o_custkey, o_orderdate",
        "customer": "c_custkey, c_phone",
    }
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET preserve_insertion_order = false")

    def work():
        for name, columns in wanted.items():
            read = connectorx.read_sql(source, f"SELECT {columns} FROM {name}", return_type="arrow", protocol="binary")
            connection.register(name, read)
        hmac = f"sha256({blob(KEY, 0x5C)} || unhex(sha256({blob(KEY, 0x36)} || encode(c_custkey::VARCHAR))))"
        tables = {name: name for name in wanted}
        connection.execute(
            f"COPY ({SALES.format(pseudonym=hmac, **tables)}) TO '{output}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (month))"
        )
        return connection.execute(f"SELECT count(*) FROM '{output}/**/*.parquet'").fetchone()[0]

    return work


work = {"duckdb": duckdb_publish, "connectorx": connectorx_publish}[library]()
before, started = time.process_time(), time.perf_counter()
rows = work()
print(
    json.dumps(
        {
            "seconds": time.perf_counter() - started,
            "rows": rows,
            "processor": time.process_time() - before,
            "peak_kilobytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }
    )
)
