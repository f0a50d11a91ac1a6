"""Picture books that somebody orders: briefs kept, pages asked for again, books submitted."""
