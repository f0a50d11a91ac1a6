"""PDFs behind a password, for shops without LCP. A password is handed on: LCP is the protection."""

from pathlib import Path

from ebook_pipeline.books.protecting.marking.pdf import opened
from ebook_pipeline.foundation.errors import Denied
from ebook_pipeline.foundation.secrets import Secret

LONGEST = 127
"""Bytes of UTF-8 that AES-256 takes, ISO 32000-2 §7.6.4.3.3; more would be cut off unseen."""


def lock_pdf(source: Path, target: Path, password: Secret) -> None:
    """Write the PDF `source` as `target`, which opens with `password` alone: AES-256, revision 6.

    Who has the password may read, print and hear it; changing it needs an owner's password, which
    is random and kept nowhere. `Denied` where the password is empty, longer than `LONGEST` bytes
    or no UTF-8, `BookError` for what is no PDF or has one already.
    """
    import pikepdf

    _check(password)
    owner = Secret.random().reveal().hex()
    allow = pikepdf.Permissions(
        modify_annotation=False, modify_assembly=False, modify_form=False, modify_other=False
    )
    with opened(source) as pdf:
        locked = pikepdf.Encryption(
            owner=owner, user=password.reveal().decode(), R=6, aes=True, allow=allow
        )
        pdf.save(target, encryption=locked)


def _check(password: Secret) -> None:
    body = password.reveal()
    try:
        body.decode()
    except UnicodeDecodeError:
        raise Denied("a PDF's password is UTF-8") from None
    if not 0 < len(body) <= LONGEST:
        raise Denied(f"a PDF's password has 1 to {LONGEST} bytes")
