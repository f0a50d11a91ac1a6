"""``python -m ebook_pipeline.cli`` is ``ebooks``."""

from ebook_pipeline.cli import main

if __name__ == "__main__":
    main()
