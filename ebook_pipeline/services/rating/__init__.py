"""Readers' opinions of books: written, voted on, reported, moderated, and their sums."""
