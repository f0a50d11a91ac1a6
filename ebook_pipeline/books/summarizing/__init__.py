"""What many readers say of a book, in short: which aspects, for and against, in their own words."""
