"""The tables of `release.py`, a module each; their frame is `benchmarks.frame`."""
