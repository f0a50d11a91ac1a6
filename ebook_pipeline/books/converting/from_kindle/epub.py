"""Kindle books → EPUB 3: the KF8 part where there is one, else its one long page.

Metadata is what the file says of itself (EXTH); where it is silent, the submitter's claims.
"""

import hashlib
from pathlib import Path

from ebook_pipeline.books.converting.from_kindle import kf8, metadata, mobipocket
from ebook_pipeline.books.converting.from_kindle.markup import KindleLosses
from ebook_pipeline.books.converting.from_kindle.pictures import KindleImages, collect_images
from ebook_pipeline.books.converting.to_epub.publication import write_publication
from ebook_pipeline.books.formats.kindle.book import KindleFile, opened
from ebook_pipeline.books.formats.kindle.checks import cover_resource
from ebook_pipeline.books.formats.kindle.header import ABSENT
from ebook_pipeline.books.records import Claims
from ebook_pipeline.foundation.findings import Finding, Severity


def epub_from_mobi(source: Path, target: Path, claims: Claims) -> tuple[Finding, ...]:
    """Write an EPUB 3 of the Kindle book at `source`; what was lost. Runs in the sandbox.

    The same file gives the same bytes. Raises BookError: ``mobi.…``, ``protection.kindle``,
    ``convert.empty``; LimitExceeded.
    """
    with opened(source) as file:
        losses = KindleLosses()
        resources = file.resources()
        cover = cover_resource(file, resources)
        pictures = collect_images(resources, cover.number if cover else None)
        package = metadata.package_metadata(file.best, claims, _digest(source))
        make = mobipocket.publication if file.kf8 is None else kf8.publication
        made = make(file.best, package, pictures, losses)
        write_publication(target, made)
        return tuple(_findings(file, losses, pictures))


def _findings(file: KindleFile, losses: KindleLosses, pictures: KindleImages) -> list[Finding]:
    findings = [_missing(len(losses.pictures))] if losses.pictures else []
    for name in pictures.damaged:
        findings.append(
            _lost("convert.damaged-picture", f"The picture {name} can not be read.", "")
        )
    for kind in sorted(losses.media):
        findings.append(_lost("convert.media", f"The book plays {kind}, which is left out.", ""))
    if (file.mobipocket or file.best).header.orth_index != ABSENT:
        findings.append(
            _lost(
                "convert.dictionary",
                "The dictionary's entries are kept as text; its index, by which readers look up "
                "words and their inflections, is lost.",
                "Submit the dictionary as EPUB with the dictionary profile.",
            )
        )
    return findings


def _missing(count: int) -> Finding:
    return _lost(
        "convert.missing-picture",
        f"Pictures that the text shows are not in the file ({count}): "
        "their places show their descriptions.",
        "Export the book again with its pictures, or submit its EPUB.",
    )


def _lost(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=rule, severity=Severity.WARNING, message=message, remedy=remedy)


def _digest(source: Path) -> str:
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
