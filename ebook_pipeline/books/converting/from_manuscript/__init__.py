"""Word processor files, HTML, Markdown and plain text → EPUB 3."""
