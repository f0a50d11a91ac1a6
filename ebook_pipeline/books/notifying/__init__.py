"""Word to people: of which kinds it is, how it reads in their language, when they want it."""
