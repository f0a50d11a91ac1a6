"""What is known of each format that a manuscript may have: how to read it, what can be wrong."""
