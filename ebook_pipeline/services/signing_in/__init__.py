"""Who signs in, by what, and for how long: passwords, sessions, links that work once."""
