"""How books are protected and lent."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from ebook_pipeline.settings.variables import Variables


class Protecting(Variables):
    """Part of `Settings`."""

    protection: Literal["lcp", "social", "password", "none"] = Field(
        "lcp", description="How books are protected: docs/protecting.md."
    )
    protection_file: Path | None = Field(
        None, description="TOML that names publishers with another protection."
    )
    keep_content_key: bool = Field(
        False, description="A corrected edition opens with the licences of the one before."
    )
    lcp_profile: str = Field(
        "http://readium.org/lcp/basic-profile",
        description="The LCP encryption profile; the basic one is for tests only.",
    )
    lcp_provider: str = Field(
        "https://bookshop.example", description="Who issues licences: a URI of yours."
    )
    lcp_certificate: Path | None = Field(
        None, description="The provider's certificate (PEM); one for tests only if unset."
    )
    lcp_private_key: SecretStr | None = Field(None, description="Its private key (PEM).")
    lcp_user_key: str = Field(
        "", description="Production's way to the user key, as `module:function`: EDRLab's secret."
    )
    lcp_hint_url: str | None = Field(
        None, description="A page about forgotten passphrases; `/hint` at the provider if unset."
    )
    license_server: str | None = Field(
        None,
        description="Where devices register, renew and return: <desk>/lcp. The desk's licences "
        "name it anyway; those of the shell lead to the edge's files if unset.",
    )
    license_devices: int = Field(
        6, ge=1, le=100, description="Devices that may register for one licence."
    )
    license_renewal_days: int = Field(
        14, ge=1, le=366, description="By how long a device renews a loan if it names no end."
    )
