"""Events on their way into the data lake, and the figures that are made of them."""
