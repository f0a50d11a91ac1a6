"""The catalogue for the trade and for reading systems, kept current at the edge."""

from datetime import UTC, datetime

import dagster as dg

from ebook_pipeline.books.selling import onix
from ebook_pipeline.books.selling.opds import ShopUrls
from ebook_pipeline.resources import Resources
from ebook_pipeline.services.selling import feed_turns
from ebook_pipeline.services.selling import onix_feed as onix_messages
from ebook_pipeline.services.selling import opds_feed as opds_documents

FEEDS = ("onix_feed", "opds_feed")
_GROUP = "sell"


def feed_assets(resources: Resources) -> list[dg.AssetsDefinition]:
    """`onix_feed` and `opds_feed`; nothing is opened before they run."""

    @dg.asset(deps=["catalog_row"], group_name=_GROUP, kinds={"xml"}, owners=["team:sales"])
    def onix_feed() -> dg.MaterializeResult[None]:
        """ONIX 3 messages at the edge: a whole one each week, block updates of what changed."""
        feed = onix_feed_of(resources)
        turn = feed.tell()
        messages = feed.messages()
        return dg.MaterializeResult(
            metadata={
                "products": turn.products,
                "told": turn.told.products if turn.told else 0,
                "messages": len(messages),
                "list": dg.MetadataValue.url(resources.cdn.url(onix_messages.INDEX)),
            }
        )

    @dg.asset(deps=["catalog_row"], group_name=_GROUP, kinds={"json"}, owners=["team:sales"])
    def opds_feed() -> dg.MaterializeResult[None]:
        """OPDS 2.0 documents at the edge: those that changed are written."""
        turn = opds_feed_of(resources).show()
        start = resources.cdn.url(f"{opds_documents.FOLDER}/index.json")
        return dg.MaterializeResult(
            metadata=turn.model_dump() | {"start": dg.MetadataValue.url(start)}
        )

    return [onix_feed, opds_feed]


def feed_checks(resources: Resources) -> list[dg.AssetChecksDefinition]:
    """Whether each feed shows the catalogue as it is."""

    def is_fresh(feed: str) -> dg.AssetCheckResult:
        standing = next(one for one in feed_turns.standings(resources.database) if one.feed == feed)
        waits = str(standing.waits_since or "")
        return dg.AssetCheckResult(
            passed=not standing.is_stale(datetime.now(UTC)), metadata={"waits_since": waits}
        )

    @dg.asset_check(asset="onix_feed", description="No change waits for three hours.")
    def onix_is_fresh() -> dg.AssetCheckResult:
        return is_fresh("onix")

    @dg.asset_check(asset="opds_feed", description="No change waits for three hours.")
    def opds_is_fresh() -> dg.AssetCheckResult:
        return is_fresh("opds")

    return [onix_is_fresh, opds_is_fresh]


def onix_feed_of(resources: Resources) -> onix_messages.OnixFeed:
    """The feed of this home, or of production."""
    settings = resources.settings
    sender = onix.OnixSender(settings.trade_name, settings.mail_from or "")
    return onix_messages.OnixFeed(resources.database, resources.cdn, _shop(resources), sender)


def opds_feed_of(resources: Resources) -> opds_documents.OpdsFeed:
    """The feed of this home, or of production."""
    return opds_documents.OpdsFeed(
        resources.database, resources.cdn, resources.object_store, _shop(resources)
    )


def _shop(resources: Resources) -> ShopUrls:
    feeds = resources.cdn.url(opds_documents.FOLDER)
    return ShopUrls(feeds, resources.settings.shop_url or feeds, resources.cdn.url)
