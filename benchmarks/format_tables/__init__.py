"""The tables of `formats.py`, a module each; their frame is `benchmarks.frame`."""

from benchmarks.frame import (
    Cell,
    Measured,
    Options,
    Table,
    cpu_seconds,
    measured,
    measured_command,
    print_table,
)

__all__ = [
    "Cell",
    "Measured",
    "Options",
    "Table",
    "cpu_seconds",
    "measured",
    "measured_command",
    "print_table",
]
