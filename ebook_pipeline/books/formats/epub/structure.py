"""What an EPUB is made of, counted: resources by kind, contents, words, encryption."""

from collections import Counter
from pathlib import Path

from ebook_pipeline.books import text
from ebook_pipeline.books.formats.epub import archive, content, navigation
from ebook_pipeline.books.formats.epub.package import PackageDocument, package_in
from ebook_pipeline.books.formats.epub.protection import ContainerProtection, detect_protection
from ebook_pipeline.foundation.record import Record

_FONT_TYPES = frozenset(
    {"application/vnd.ms-opentype", "application/x-font-ttf", "application/x-font-otf"}
    | {"application/x-font-truetype", "application/x-font-opentype", "application/font-woff"}
    | {"application/font-sfnt", "application/x-font-woff", "application/x-truetype-font"}
)


class CoverFile(Record):
    """The image that the package names as cover."""

    path: str
    media_type: str


class Structure(Record):
    """Counts of one EPUB; `encryption` is ``none``, ``font-obfuscation`` or ``drm``.

    `text_chars` counts no white space; `toc_entries` and `landmarks` those that lead somewhere.
    """

    opf: str
    epub_version: str
    manifest_items: int
    spine_items: int
    toc_entries: int
    page_list_entries: int
    landmarks: int
    word_count: int
    text_chars: int
    images: int
    audio_video: int
    fonts: int
    media_overlays: int
    scripted_items: int
    mathml_items: int
    encryption: str
    encrypted_resources: int = 0
    drm_scheme: str | None = None
    has_cover: bool = False
    cover: CoverFile | None = None


def structure(path: Path) -> Structure:
    """Everything counted in the EPUB at `path`; runs in the sandbox. Raises BookError."""
    with archive.opened(path) as container:
        package, protection = package_in(container), detect_protection(container)
    texts = () if protection.scheme else _texts(path, package)
    return Structure(
        opf=package.path,
        epub_version=package.version,
        manifest_items=len(package.manifest),
        spine_items=len(package.spine),
        toc_entries=sum(1 for entry in navigation.toc(path, package) if entry.href),
        page_list_entries=len(navigation.page_list(path, package)),
        landmarks=len(navigation.landmarks(path, package)),
        word_count=sum(map(text.word_count, texts)),
        text_chars=sum(len("".join(content_text.split())) for content_text in texts),
        **_kinds(package),
        **_locks(protection),
        **_cover(package),
    )


def _texts(path: Path, package: PackageDocument) -> tuple[str, ...]:
    """The text of every content document; SVG shows its words, it does not count as prose."""
    documents = content.spine_documents(path, package)
    prose = (document for document in documents if document.item.media_type != content.SVG_TYPE)
    return tuple(content.text_of(document.data, place=document.name) for document in prose)


def _kinds(package: PackageDocument) -> dict[str, int]:
    types = Counter(_kind(item.media_type) for item in package.manifest)
    marked = Counter(name for item in package.manifest for name in item.properties)
    return {
        "images": types["image"],
        "audio_video": types["audio"] + types["video"],
        "fonts": types["font"],
        "media_overlays": types["smil"],
        "scripted_items": marked["scripted"],
        "mathml_items": marked["mathml"],
    }


def _kind(media_type: str) -> str:
    if media_type in _FONT_TYPES:
        return "font"
    if media_type == "application/smil+xml":
        return "smil"
    return media_type.partition("/")[0]


def _locks(protection: ContainerProtection) -> dict[str, str | int | None]:
    locked = len(protection.encrypted) + len(protection.obfuscated)
    kind = "drm" if protection.scheme else "font-obfuscation" if locked else "none"
    return {
        "encryption": kind,
        "encrypted_resources": locked,
        "drm_scheme": protection.scheme,
    }


def _cover(package: PackageDocument) -> dict[str, bool | CoverFile]:
    if package.cover is None or package.cover.path is None:
        return {}
    cover = CoverFile(path=package.cover.path, media_type=package.cover.media_type)
    return {"has_cover": True, "cover": cover}
