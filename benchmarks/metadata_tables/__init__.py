"""The tables of `metadata.py`, one module each, and what they share: books read and compared."""
