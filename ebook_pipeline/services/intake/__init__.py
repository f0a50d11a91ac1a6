"""How books come in: arrivals, submissions, editions, and being asked for again."""
