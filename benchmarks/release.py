"""What protecting and releasing cost: tables, each when it is ready.

PYTHONPATH=. python benchmarks/release.py --only protect
"""

from benchmarks import frame

TABLES = ("protect", "upload", "memory")

if __name__ == "__main__":
    frame.run(__doc__.partition("\n")[0], "release_tables", TABLES)
