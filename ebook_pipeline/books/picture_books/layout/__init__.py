"""Pages put together: where words go, where the picture plays, who stands where."""
