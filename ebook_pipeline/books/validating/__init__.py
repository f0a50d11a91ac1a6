"""A manuscript checked against the standard of its format. Nothing is mended here."""
