"""Manifestation from manifestation: the EPUB that is sold, the PDF that is read, text, cover."""
