"""Publishes TPC-H's purchase history from Parquet files: `parquet.py LIBRARY FILES OUTPUT`.

As `publish.py`: line items with an HMAC-SHA-256 pseudonym of their customer, the month and two digits of the phone number, in a folder per
month, Parquet with zstd. Prints one line of JSON.
"""

import hashlib
import hmac
import json
import os
import resource
import sys
import time

library, files, output = sys.argv[1:4]
KEY = b"0123456789abcdef0123456789abcdef"


def table(name):
    return os.path.join(files, f"{name}.parquet")


def polars_publish():
    import polars

    def work():
        customer = polars.read_parquet(table("customer"), columns=["c_custkey", "c_phone"])
        made = [hmac.digest(KEY, str(key).encode(), hashlib.sha256).hex() for key in customer["c_custkey"]]
        customer = customer.select(
            "c_custkey", polars.Series("pseudonym", made), polars.col("c_phone").str.slice(0, 2).alias("phone")
        ).lazy()
        orders = polars.scan_parquet(table("orders")).select(
            "o_orderkey", "o_custkey", polars.col("o_orderdate").dt.truncate("1mo").alias("month")
        )
        sales = (
            polars.scan_parquet(table("lineitem"))
            .select("l_orderkey", "l_quantity", "l_extendedprice", "l_discount", "l_returnflag")
            .join(orders, left_on="l_orderkey", right_on="o_orderkey")
            .join(customer, left_on="o_custkey", right_on="c_custkey")
            .select(
                "pseudonym",
                "month",
                "phone",
                polars.col("l_quantity").alias("quantity"),
                polars.col("l_extendedprice").alias("price"),
                polars.col("l_discount").alias("discount"),
                polars.col("l_returnflag").alias("returned"),
            )
        )
        sales.sink_parquet(polars.PartitionBy(output, key="month", include_key=False), compression="zstd", mkdir=True)
        return polars.scan_parquet(os.path.join(output, "**/*.parquet")).select(polars.len()).collect().item()

    return work


def duckdb_publish():
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET preserve_insertion_order = false")

    def work():
        rows = connection.execute(f"SELECT c_custkey, c_phone FROM '{table('customer')}'").arrow().read_all()
        import pyarrow

        made = [hmac.digest(KEY, str(key).encode(), hashlib.sha256).hex() for key in rows["c_custkey"].to_pylist()]
        people = pyarrow.table({"c_custkey": rows["c_custkey"], "pseudonym": made, "c_phone": rows["c_phone"]})
        connection.register("people", people)
        connection.execute(
            f"""COPY (SELECT p.pseudonym, date_trunc('month', o.o_orderdate)::DATE AS month, substr(p.c_phone, 1, 2) AS phone,
                l.l_quantity AS quantity, l.l_extendedprice AS price, l.l_discount AS discount, l.l_returnflag AS returned
            FROM '{table('lineitem')}' l JOIN '{table('orders')}' o ON l.l_orderkey = o.o_orderkey JOIN people p ON p.c_custkey = o.o_custkey)
            TO '{output}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (month))"""
        )
        return connection.execute(f"SELECT count(*) FROM '{output}/**/*.parquet'").fetchone()[0]

    return work


work = {"polars": polars_publish, "duckdb": duckdb_publish}[library]()
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
