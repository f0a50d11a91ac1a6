"""Word to people: what is told to whom, by which channel, and when."""
