"""Publishers and the protection that they chose."""

import pytest

from ebook_pipeline.books.protecting.policy import (
    InvalidProtectionPolicy,
    ProtectionPolicy,
    policy_from,
)
from ebook_pipeline.books.records import Protection

POLICY = """
[publishers]
"Wright & Brown" = "social"
"Éditions du Lac" = "password"
"Commons Press" = "none"
"""


@pytest.mark.parametrize(
    ("publishers", "protection"),
    [
        ((), Protection.LCP),
        (("Nobody",), Protection.LCP),
        (("wright  &  BROWN",), Protection.SOCIAL),
        (("E\u0301ditions du lac",), Protection.PASSWORD),
        (("Nobody", "Commons Press", "Wright & Brown"), Protection.NONE),
    ],
)
def test_the_first_publisher_who_chose_decides(
    publishers: tuple[str, ...], protection: Protection
) -> None:
    assert policy_from(POLICY, Protection.LCP).of(publishers) is protection


def test_the_file_may_name_the_default() -> None:
    assert policy_from('default = "none"', Protection.LCP).of(["Anybody"]) is Protection.NONE
    assert ProtectionPolicy().of([]) is Protection.LCP


@pytest.mark.parametrize(
    "text", ["[publishers", '[publishers]\nA = "drm"', 'publisher = "x"', 'default = "social DRM"']
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(InvalidProtectionPolicy, match="EBOOK_PROTECTION_FILE"):
        policy_from(text, Protection.LCP)
