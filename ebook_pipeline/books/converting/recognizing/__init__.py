"""Scans read by a machine (OCR): which pages need it, what came of it, text laid over the scan.

`recognition` is the entry: it asks one of the engines (`recognizer` says what an engine is, their
classes are resources), page by page, and writes a PDF whose scans have an invisible text layer.
`from_pdf` then reads that PDF as it reads any other; nothing here knows of EPUB.
"""
