"""Whose books are: accounts, imprints, people, and contacts that were confirmed."""
