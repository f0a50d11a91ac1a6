"""Files over HTTP by tus 1.0: what its headers say, and how bytes are received."""
