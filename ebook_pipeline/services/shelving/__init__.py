"""Readers' own shelves, the authors whom they follow, and what they want to see no more."""
