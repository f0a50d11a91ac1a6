"""What became of each stage of each book, as the executor notes it."""
