"""A book as the trade lists it: ONIX, OPDS, JSON-LD, facets, territories, terms of sale."""
