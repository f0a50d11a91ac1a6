"""Tables of how books end that nothing is wrong with."""
