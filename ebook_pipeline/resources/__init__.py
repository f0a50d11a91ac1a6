"""The outside world: a Protocol, its embedded and its AWS class per file."""
