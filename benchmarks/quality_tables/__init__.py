"""The tables of `quality.py`, a module each; their frame is `benchmarks.frame`."""
