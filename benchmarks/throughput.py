"""What books cost from file to shop: by stage, on all cores, by their number, beside other ways.

Each table works in homes of its own, empty at first, through the whole chain of nine stages, with
the embedded Postgres and the local edge. CPU counts every process that works for it, the database
included; how long it took depends on what else the machine does.

PYTHONPATH=. python benchmarks/throughput.py --only stages growth --books 3
"""

from benchmarks import frame

TABLES = ("stages", "calls", "catalogue", "growth", "rerun", "forms", "peers")

if __name__ == "__main__":
    frame.run(__doc__.partition("\n")[0], "throughput_tables", TABLES)
