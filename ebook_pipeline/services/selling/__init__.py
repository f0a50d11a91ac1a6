"""What the shop shows of a book: prices, rights, feeds, previews, kin."""
