"""Which release is on sale, what the edge says of it, and whether it is whole there."""
