"""The excerpt that a shop shows: as an EPUB of its own, and as one page of HTML."""
