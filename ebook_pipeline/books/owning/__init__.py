"""Whose a book is: accounts with their folders and imprints, people with their roles."""
