"""Kindle books as publications: Mobipocket's one page, KF8's documents, what both share."""
