"""Reads a table of PostgreSQL into Arrow by another library: `read.py LIBRARY SOCKET_FOLDER PORT DATABASE TABLE CONNECTIONS`.

Prints one line of JSON: seconds from the connection to the last row (imports are not counted), rows, processor seconds of that time in this
process, and the process's peak memory. Batches are dropped as they come, where the library gives batches.
"""

import json
import resource
import sys
import time

library, folder, port, database, table, connections = sys.argv[1:7]
query = f"SELECT * FROM {table}"


def duckdb_reader():
    import duckdb_extension_postgres_scanner
    import glob
    import os

    import duckdb

    found = os.path.join(os.path.dirname(duckdb_extension_postgres_scanner.__file__), "extensions", "*", "*.duckdb_extension")
    connection = duckdb.connect(config={"threads": int(connections)})
    connection.load_extension(glob.glob(found)[0])

    def read():
        source = f"host={folder} port={port} dbname={database} user=postgres"
        reader = connection.execute(f"SELECT * FROM postgres_scan('{source}', 'public', '{table}')").to_arrow_reader(65_536)
        return sum(batch.num_rows for batch in reader)

    return read


def connectorx_reader():
    import connectorx

    source = f"postgresql://postgres@localhost:{port}/{database}?host={folder.replace('/', '%2F')}"
    return lambda: connectorx.read_sql(source, query, return_type="arrow", protocol="binary").num_rows


def adbc_reader():
    import adbc_driver_postgresql.dbapi as adbc

    def read():
        source = f"postgresql://postgres@/{database}?host={folder}&port={port}"
        with adbc.connect(source) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return sum(batch.num_rows for batch in cursor.fetch_record_batch())

    return read


def processor():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


read = {"duckdb": duckdb_reader, "connectorx": connectorx_reader, "adbc": adbc_reader}[library]()
before, started = processor(), time.perf_counter()
rows = read()
seconds, used = time.perf_counter() - started, processor() - before
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
print(json.dumps({"seconds": seconds, "rows": rows, "processor": used, "peak_kilobytes": peak}))
