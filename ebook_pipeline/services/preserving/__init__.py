"""What a home is made of again: backups, what is left out of them, and what is purged once more."""
