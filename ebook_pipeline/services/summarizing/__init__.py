"""Summaries of readers' opinions, kept by the digest of what they were made from."""
