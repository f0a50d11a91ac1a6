"""What models make of a book's text: genre, keywords, audience, names, a summary, a description.

Nothing here overrules a person, the submitter or the file: see `enrichment.enriched`.
"""
