"""EPUB 3 written: canonical editions of EPUBs, and what all new ones are made with."""
