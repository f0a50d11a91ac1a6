"""Who runs this process, for the audit."""

import os


def login() -> str:
    """The name of who is at the keyboard, or of who started the services."""
    return os.environ.get("USER") or os.environ.get("LOGNAME") or str(os.getuid())
