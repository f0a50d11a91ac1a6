"""The EPUB 3 that is sold: an EPUB 3 keeps every file's bytes, an EPUB 2 is brought up to date."""

from pathlib import Path

from ebook_pipeline.books.converting.to_epub import container, upgrade
from ebook_pipeline.books.formats.epub import archive
from ebook_pipeline.books.formats.epub.archive import Archive
from ebook_pipeline.books.formats.epub.package import PackageDocument, package_in
from ebook_pipeline.foundation.findings import Finding, Severity

Files = dict[str, bytes]


def canonical_epub(source: Path, target: Path) -> tuple[Finding, ...]:
    """Write the EPUB at `source` to `target` as EPUB 3, the same bytes for the same files.

    Files that operating systems leave behind are left out, with a finding. Raises BookError.
    """
    with archive.opened(source) as opened:
        package = package_in(opened)
        names, findings = _names(opened, package)
        files: Files = {}
        if not package.version.startswith("3"):
            files, changed = upgrade.upgrade_to_epub3(source, opened, package)
            findings += changed
        first = (package.path, package.nav or "", package.ncx or "")
        wanted = container.order_names({*names, *files}, first)
        container.write_container(
            target,
            ((name, files[name] if name in files else opened.read(name)) for name in wanted),
        )
    return findings


def _names(opened: Archive, package: PackageDocument) -> tuple[set[str], tuple[Finding, ...]]:
    listed = {item.path for item in package.manifest if item.path}
    named = {opened.spelling(path): path for path in sorted(listed)}
    names = {named.get(name, name) for name in opened.names if name != "mimetype"}
    junk = {name for name in names if container.is_junk(name) and name not in listed}
    return names - junk, tuple(_left_out(name) for name in sorted(junk))


def _left_out(name: str) -> Finding:
    return Finding(
        rule="convert.junk",
        severity=Severity.INFO,
        message="A file of the operating system is left out of the book.",
        place=name,
    )
