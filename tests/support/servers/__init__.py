"""Servers that tests start: real ones, and ones that answer as badly as a test wants."""
