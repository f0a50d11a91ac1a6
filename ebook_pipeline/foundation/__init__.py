"""What everyone may import and what imports nothing of ours.

Errors, findings, the base of records, identifiers, the kinds of events, outcomes, secrets.
"""
