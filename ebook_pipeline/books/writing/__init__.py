"""Books that are written at the desk: chapters of Markdown, and the manuscript they make."""
