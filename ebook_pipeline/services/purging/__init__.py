"""A book taken out of the world: keys first, then bytes, records and rows; a tombstone is left."""
