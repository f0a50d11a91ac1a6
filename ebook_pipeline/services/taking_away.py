"""One lock for all that takes bytes or rows away for good, so that a backup sees none of it half.

A purge, an erasure and retention hold it while they work; a backup holds it while it copies.
"""

TAKING_AWAY = "taking away"
"""The database's lock (`Database.lock`)."""

RESTORE = "restore"
"""In whose name a restored home purges and erases again."""
