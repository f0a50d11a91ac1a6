"""How many clean books wait for a person, and why: validated, converted, described and judged.

PYTHONPATH=. python benchmarks/waiting.py --only corpus --books 3
"""

from benchmarks import frame

TABLES = ("corpus", "generated", "busy", "engines")

if __name__ == "__main__":
    frame.run(__doc__.partition("\n")[0], "waiting_tables", TABLES)
