"""Suffixes of file names and their media types, the same on every machine.

The standard library's `mimetypes` reads the system's own table where there is one: whatever is
named by it has another name elsewhere. https://www.iana.org/assignments/media-types
"""

_MEDIA_TYPES = {
    ".epub": "application/epub+zip",
    ".pdf": "application/pdf",
    ".lcpdf": "application/pdf+lcp",
    ".mobi": "application/x-mobipocket-ebook",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".rtf": "application/rtf",
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".xht": "application/xhtml+xml",
    ".xml": "application/xml",
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".svg": "image/svg+xml",
    ".bmp": "image/bmp",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".otf": "font/otf",
    ".ttf": "font/ttf",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".bin": "application/octet-stream",
}
"""A type's first suffix is the one that its files get: paths of releases end so, for ever."""
_SUFFIXES = {kind: suffix for suffix, kind in reversed(_MEDIA_TYPES.items())}


def suffix_of(media_type: str) -> str:
    """The suffix of a file of this type, with its point. Raises ValueError for an unknown one."""
    if media_type not in _SUFFIXES:
        raise ValueError(f"files of type {media_type!r} have no suffix")
    return _SUFFIXES[media_type]


def media_type_of(suffix: str) -> str:
    """What a file with this suffix claims to be, whatever its case."""
    return _MEDIA_TYPES.get(suffix.lower(), "application/octet-stream")
