"""Stages of many books again, in the background: planned, paused, ended, and told how it went."""
