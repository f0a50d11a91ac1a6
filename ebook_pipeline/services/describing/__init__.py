"""Where descriptions stand: their history, what people decided, which books are one work."""
