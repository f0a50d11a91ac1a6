"""Content keys, licences and copies of buyers: made, wrapped, wrapped again, minted, revoked."""
