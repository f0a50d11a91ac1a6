"""LCP encryption profiles: which algorithms, and whether a licence under one protects anything.

Profiles differ in how a passphrase becomes a User Key; that part of the production ones is
confidential and given to licensed providers only. Resources are encrypted alike in all of them.
"""

import re

BASIC = "http://readium.org/lcp/basic-profile"
_PRODUCTION = re.compile(r"http://readium\.org/lcp/profile-(1\.0|2\.[0-9])")

CONTENT_ALGORITHM = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
USER_KEY_ALGORITHM = "http://www.w3.org/2001/04/xmlenc#sha256"
CONTENT_KEY_BYTES = 32


def known(profile: str) -> str:
    """`profile` itself where it is one of the registry's; else ValueError.

    https://readium.org/lcp-specs/registries/profiles
    """
    if profile == BASIC or _PRODUCTION.fullmatch(profile):
        return profile
    raise ValueError(f"{profile} is no LCP encryption profile: see the setting lcp_profile")


def is_test_only(profile: str) -> bool:
    """Whether anybody can undo this profile: Readium publishes the basic one for tests alone."""
    return known(profile) == BASIC
