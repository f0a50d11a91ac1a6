"""The files that a command was given: regular ones that can be read, or wrong usage."""

from collections.abc import Iterable
from pathlib import Path

import click

from ebook_pipeline.books.formats.book_files import book_files, links_among, unpacked_among
from ebook_pipeline.books.formats.unpacked_books import unpacked_finding
from ebook_pipeline.cli.terminal import messages, print_finding
from ebook_pipeline.foundation.regular_files import NotRegular, open_regular


def books_among(paths: Iterable[Path]) -> list[Path]:
    """The books among `paths`, files or folders; wrong usage where there are none.

    Links in a folder are not followed, and it is said how many.
    """
    given = list(paths)
    links = links_among(given)
    if links:
        first = click.format_filename(links[0])
        text = f"{len(links)} links are not followed; name what they lead to ({first})"
        messages().print(text, markup=False, soft_wrap=True)
    for folder in unpacked_among(given):
        print_finding(messages(), unpacked_finding(folder.as_posix()))
    files = readable(book_files(given))
    if not files:
        raise click.UsageError("no books there: name files, or folders with books in them")
    return files


def readable(paths: Iterable[Path]) -> list[Path]:
    """`paths`, if each of them is a file that can be read; else wrong usage, before any work."""
    files = list(paths)
    for path in files:
        name = click.format_filename(path)
        try:
            open_regular(path, follow=True).close()
        except (NotRegular, FileNotFoundError, NotADirectoryError):
            raise click.UsageError(f"{name} is no file") from None
        except OSError as error:
            raise click.UsageError(f"{name} can't be read: {error.strerror}") from error
    return files
