"""How a book is edited before and beside its processing: its life, rounds, comments on passages."""
