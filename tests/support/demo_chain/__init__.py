"""A chain of stages about apples, not books: what the executor does depends on neither."""
