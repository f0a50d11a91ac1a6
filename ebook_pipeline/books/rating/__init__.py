"""What readers think of a book: stars and words, and what of it waits for a person."""
