"""Dagster's web UI behind a guard: who may ask is decided here, what is shown is Dagster's."""
