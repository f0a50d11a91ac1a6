"""What the outcomes say: of one book, of all of them, in figures."""
