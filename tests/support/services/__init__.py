"""Short ways to bring the database of a test into a state, by the services' own calls."""
