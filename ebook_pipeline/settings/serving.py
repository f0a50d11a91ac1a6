"""Web UI, desk and edge of one machine, and what people may do there."""

from pathlib import Path

from pydantic import Field, SecretStr

from ebook_pipeline.settings.variables import Variables


class Serving(Variables):
    """Part of `Settings`."""

    host: str = Field("127.0.0.1", description="The address that the local servers listen on.")
    web_port: int = Field(3000, description="Dagster's web UI.")
    web_origins: str = Field(
        "",
        pattern=r"^(https?://[a-z0-9.-]+(:[0-9]{1,5})?( +|$))*$",
        description="Further addresses of the web UI, as `https://ui.example.org` of a proxy "
        "before it, with spaces between.",
    )
    desk_port: int = Field(8080, description="The desk: API and pages.")
    desk_origins: str = Field(
        "",
        pattern=r"^(https?://[a-z0-9.-]+(:[0-9]{1,5})?( +|$))*$",
        description="Further addresses of the desk, as `https://desk.example.org` of a proxy "
        "before it, with spaces between; the first is the one that mails link to.",
    )
    desk_processes: int = Field(
        1, ge=1, le=64, description="Processes in which the desk answers: each takes one core."
    )
    desk_proxies: str = Field(
        "",
        description="Addresses or networks of proxies before the desk, with spaces between: what "
        "they say of whom they speak for is believed.",
    )
    oidc_issuer: str | None = Field(
        None,
        pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/]).+$",
        description="An OpenID provider where people sign in besides, with the next two.",
    )
    oidc_client_id: str | None = Field(None, description="What the desk is called there.")
    oidc_client_secret: SecretStr | None = Field(None, description="Its secret there.")
    oidc_name: str = Field("OpenID", description="What people call that provider.")
    web_url: str | None = Field(
        None,
        pattern=r"^https?://[a-z0-9.:\[\]-]+$",
        description="Where the desk finds Dagster's web UI; on this machine if unset.",
    )
    web_token: SecretStr | None = Field(
        None,
        min_length=32,
        description="What opens Dagster's web UI to a desk on another machine; made anew at each "
        "start if unset.",
    )
    consent_days: float = Field(
        30,
        gt=0,
        le=3650,
        description="So long a program acts for the person who let it, however often it refreshes "
        "its tokens; then it asks them again.",
    )
    upload_gigabytes_per_day: float = Field(
        20, gt=0, description="What one person, or one program, may upload in a day (UTC)."
    )
    upload_files_per_day: int = Field(
        500, ge=1, description="Files that one person, or one program, may upload in a day."
    )
    picture_books_per_day: int = Field(
        40, ge=0, description="Picture books and pages that one person may order in a day (UTC)."
    )
    upload_hours: float = Field(
        24, gt=0, description="An unfinished upload is kept for so long after its last byte."
    )
    watchers_per_person: int = Field(
        100, ge=1, description="Streams of progress that one person may have open at a desk."
    )
    edge_port: int = Field(8081, description="The local edge that delivers releases.")
    edge_url: str | None = Field(
        None,
        pattern=r"^https?://[a-z0-9.:\[\]-]+$",
        description="With EBOOK_ENV=server, where readers and workers reach the edge.",
    )
    vault_folder: Path | None = Field(
        None, description="Where master keys lie, alike on all machines; in the home if unset."
    )
