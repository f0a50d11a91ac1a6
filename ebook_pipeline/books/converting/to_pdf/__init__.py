"""The PDF that is read, printed by a browser or set by typst from an EPUB."""
