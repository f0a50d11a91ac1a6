"""What a WOFF font says that it unpacks to, which browsers set aside before they unpack it.

`totalSfntSize` lies in the header at 16 in both versions: https://www.w3.org/TR/WOFF2/#woff20Header.
"""

LARGEST_FONT = 64 << 20
"""Bytes; whole Chinese, Japanese and Korean in one font have 20 MB. Chromium took 428 MB for fonts
that claim 112 MB, 176 for those of 28."""
_SIGNATURES = (b"wOFF", b"wOF2")
_SIZE = slice(16, 20)


def unpacked_size(head: bytes) -> int:
    """Bytes by the header of the font; 0 for what is none."""
    return int.from_bytes(head[_SIZE], "big") if head.startswith(_SIGNATURES) else 0
