"""Where the project's own folders are, for tests at any depth."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "samples"
TEMPLATES = PROJECT / "deploy" / "aws"
JUDGES = PROJECT / "tests" / "judges"
"""Programs of others, on Node, that judge what we make."""
