"""What the settings say of protection, with the file that they name."""

from ebook_pipeline.books.protection import BadPolicy, Protection, ProtectionPolicy, policy_from
from ebook_pipeline.settings import Settings


def protection_policy(settings: Settings) -> ProtectionPolicy:
    """The policy of ``EBOOK_PROTECTION`` and ``EBOOK_PROTECTION_FILE``.

    Raises `BadPolicy` where the file can't be read or says no policy.
    """
    default = Protection(settings.protection)
    if settings.protection_file is None:
        return ProtectionPolicy(default=default)
    try:
        text = settings.protection_file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadPolicy(f"EBOOK_PROTECTION_FILE can't be read: {error}") from error
    return policy_from(text, default)
