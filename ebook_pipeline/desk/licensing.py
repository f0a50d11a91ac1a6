"""Licences, copies, releases and feeds as this desk gives them out: services from its context."""

from typing import TYPE_CHECKING

from ebook_pipeline.books.selling.opds import ShopUrls
from ebook_pipeline.books.selling.territories import WORLD
from ebook_pipeline.desk.context import DeskContext
from ebook_pipeline.resources.event_bus import EventFolder
from ebook_pipeline.resources.lcp_issuer import issuer_from
from ebook_pipeline.services.protecting.copies import Copies
from ebook_pipeline.services.protecting.license_records import DevicePolicy, LicenseProvider
from ebook_pipeline.services.protecting.licenses import Licenses
from ebook_pipeline.services.purging.purge import Purge
from ebook_pipeline.services.releasing.rollback import ReleaseManager

if TYPE_CHECKING:
    from ebook_pipeline.books.owning.rights import Actor

LICENSE_SERVER = "/lcp"
"""Where reading systems ask for licences and their status, below the desk's public address."""
FEEDS = "/opds"
"""Where reading systems find the catalogue."""


def licenses_of(context: DeskContext) -> Licenses:
    """Licences signed as the settings say, whose devices ask this desk."""
    settings, resources = context.settings, context.resources
    server = settings.license_server or f"{context.addresses.public}{LICENSE_SERVER}"
    provider = LicenseProvider(
        issuer=issuer_from(settings),
        hint_url=settings.lcp_hint_url or f"{settings.lcp_provider.rstrip('/')}/hint",
        server=server,
        policy=DevicePolicy(
            devices=settings.license_devices, renewal_days=settings.license_renewal_days
        ),
    )
    return Licenses(context.database, resources.key_vault, resources.cdn, provider, context.clock)


def copies_of(context: DeskContext) -> Copies:
    """Copies for buyers."""
    resources = context.resources
    return Copies(context.database, resources.object_store, resources.key_vault, context.clock)


def release_manager(
    context: DeskContext, actor: "Actor", *, repair: bool = False
) -> ReleaseManager:
    """What puts books on sale and off, in the actor's name."""
    from ebook_pipeline.services.verifying.verification import verifier

    looking = verifier(context.settings, context.resources, repair=repair)
    return ReleaseManager(looking, actor.name)


def purge_of(context: DeskContext) -> Purge:
    """What takes books out; the daemon's sensor has Dagster forget them (`purged_books`)."""
    resources = context.resources
    return Purge(
        database=context.database,
        store=resources.object_store,
        cdn=resources.cdn,
        notifier=resources.notifier,
        events=tuple(place for place in resources.event_bus if isinstance(place, EventFolder)),
    )


def shop_urls(context: DeskContext, territory: str = WORLD) -> ShopUrls:
    """Where the feeds, the shop's pages and the edge are."""
    feeds = f"{context.addresses.public}{FEEDS}"
    pages = context.settings.shop_url or feeds
    return ShopUrls(feeds, pages, context.resources.cdn.url, territory)
