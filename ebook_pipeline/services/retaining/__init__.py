"""How long what is noted of people is kept: by settings, and never longer than they say."""
