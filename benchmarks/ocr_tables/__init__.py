"""Tables of `benchmarks/ocr.py`."""
