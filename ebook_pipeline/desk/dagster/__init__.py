"""Dagster's web UI behind the desk's sign-in: handed through to operators, to nobody else."""
