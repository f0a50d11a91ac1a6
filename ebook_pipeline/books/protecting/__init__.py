"""Protection of what is sold: Readium LCP, traceable marks, passwords for PDFs."""
