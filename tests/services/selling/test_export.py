"""The whole catalogue as files, judged by EDItEUR's schemas and by Readium's catalogue client."""

import json
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import onixcheck
import pytest
from lxml import etree

from ebook_pipeline.books.selling import onix
from ebook_pipeline.books.selling.sales_terms import PriceRule, SalesRight
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.resources.database import Database
from ebook_pipeline.services.releasing import releases
from ebook_pipeline.services.selling import availability, export, prices
from tests.support.opds_schema import faults
from tests.support.paths import JUDGES
from tests.support.services.sales import SHOP, sell, several

NODE = shutil.which("node")
NS = {"o": "http://ns.editeur.org/onix/3.0/reference"}
SENDER = onix.OnixSender("The River Press", "trade@example.com")

with_readium = pytest.mark.skipif(
    NODE is None or not (JUDGES / "node_modules" / "r2-opds-js").is_dir(),
    reason="Readium's code is not here: npm ci --omit=dev --prefix tests/judges (needs node)",
)


@pytest.fixture
def shop(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    monkeypatch.setattr(export, "PAGE", 2)
    several(database, 5)
    return database


def tree(folder: Path) -> dict[str, Any]:
    """Every document of a tree, by the URL that it will have."""
    return {
        SHOP.feed(str(path.relative_to(folder))): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.json"))
    }


def addresses(document: object) -> set[str]:
    """Every URL of OPDS that the document leads to."""
    if isinstance(document, list):
        return set().union(*map(addresses, document))
    if not isinstance(document, dict):
        return set()
    found = addresses(list(document.values()))
    if str(document.get("type", "")).startswith("application/opds"):
        found.add(document["href"])
    return found


def test_every_document_of_the_tree_keeps_the_rules_and_every_link_leads_somewhere(
    shop: Database, tmp_path: Path
) -> None:
    done = export.opds_tree(shop, SHOP, tmp_path / "feeds")
    documents = tree(tmp_path / "feeds")
    assert {url: faults(one) for url, one in documents.items() if faults(one)} == {}
    assert addresses(list(documents.values())) == set(documents)
    assert (done.books, done.files) == (5, len(documents))


def test_the_pages_of_a_list_hold_each_book_once_the_newest_first(
    shop: Database, tmp_path: Path
) -> None:
    export.opds_tree(shop, SHOP, tmp_path / "feeds")
    pages = [json.loads((tmp_path / f"feeds/new/{at}.json").read_text()) for at in (1, 2, 3)]
    seen = [one["metadata"]["title"] for page in pages for one in page["publications"]]
    assert seen == ["Number 4", "Number 3", "Number 2", "Number 1", "Number 0"]
    german = json.loads((tmp_path / "feeds/language/de/1.json").read_text())
    assert german["metadata"]["numberOfItems"] == 2


@with_readium
def test_readium_reads_the_feeds_as_they_are_meant(shop: Database, tmp_path: Path) -> None:
    export.opds_tree(shop, SHOP, tmp_path / "feeds")
    names = ("index.json", "new/1.json", "books/book-4.json")
    files = [str(tmp_path / "feeds" / name) for name in names]
    argv = [str(NODE), str(JUDGES / "read_feeds.js"), *files]
    told = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    index, newest, book = json.loads(told.stdout)
    assert index["groups"] == [["New books", 5]]
    assert ["By language", "https://shop.example/opds/language/index.json"] in index["navigation"]
    assert (newest["items"], newest["page"], len(newest["publications"])) == (5, 1, 2)
    assert newest["links"]["next"] == "https://shop.example/opds/new/2.json"
    assert ["Language", ["English", "Deutsch"]] in newest["facets"]
    assert newest["publications"][0] == book
    lcp = "application/vnd.readium.lcp.license.v1.0+json"
    assert book == {
        "title": "Number 4",
        "identifier": book["identifier"],
        "authors": ["Élise Łuc"],
        "translators": [],
        "languages": ["en"],
        "subjects": [],
        "series": [],
        "self": "https://shop.example/opds/books/book-4.json",
        "buy": "https://shop.example/books/book-4",
        "price": [4.5, "EUR"],
        "acquired": [lcp, ["application/epub+zip"]],
        "sample": "https://edge.example/public/book-4/preview",
        "images": [["https://edge.example/public/book-4/cover", "image/jpeg", 1600, 2560]],
    }


def test_a_withdrawn_book_is_in_no_feed_and_told_to_the_trade_as_not_available(
    shop: Database, tmp_path: Path
) -> None:
    releases.withdraw(shop, "book-2", actor="ann")
    export.opds_tree(shop, SHOP, tmp_path / "feeds")
    assert not any("book-2" in json.dumps(one) for one in tree(tmp_path / "feeds").values())
    export.onix_message(shop, SHOP, tmp_path / "all.xml", SENDER)
    message = etree.parse(tmp_path / "all.xml")
    told = {
        product.findtext("o:RecordReference", namespaces=NS): (
            product.findtext("o:NotificationType", namespaces=NS),
            product.findtext(".//o:ProductAvailability", namespaces=NS),
        )
        for product in message.iterfind("o:Product", NS)
    }
    assert told == {f"book-{at}": ("03", "40" if at == 2 else "20") for at in range(5)}


def test_the_message_is_valid_and_says_what_is_sold(shop: Database, tmp_path: Path) -> None:
    done = export.onix_message(shop, SHOP, tmp_path / "all.xml", SENDER)
    found = onixcheck.validate(str(tmp_path / "all.xml"), schemas=("xsd", "rng"))
    assert [one.message for one in found] == []
    assert (done.books, done.files) == (5, 1)
    message = etree.parse(tmp_path / "all.xml")
    said = [
        message.findtext(f".//o:Product[1]//o:{name}", namespaces=NS)
        for name in ("EpubTechnicalProtection", "ResourceLink", "PriceAmount", "SupplierName")
    ]
    cover = "https://edge.example/public/book-0/cover"
    assert said == ["06", cover, "4.50", "The River Press"]
    sizes = message.findall(".//o:Extent[o:ExtentType='22']/o:ExtentValue", NS)
    assert {one.text for one in sizes} == {"812345"}


@pytest.fixture
def emma(database: Database) -> Database:
    """Sold but in the US and from a day on, at another price in the EU, and in Germany a week."""
    sell(database, "emma")
    for place, amount, currency in (("WORLD", "9.99", "USD"), ("EU", "8.5", "EUR")):
        rule = PriceRule(territory=place, amount=amount, currency=currency)
        prices.set_price(database, "emma", rule, actor="ann")
    week = {"valid_from": date(2098, 1, 1), "valid_until": date(2098, 1, 7)}
    fixed = PriceRule(territory="DE", type="04", amount="7", currency="EUR", **week)
    prices.set_price(database, "emma", fixed, actor="ann")
    rights = [SalesRight(territory="WORLD", type="02"), SalesRight(territory="US", type="03")]
    availability.set_rights(database, "emma", rights, actor="ann")
    availability.sell_from(database, "emma", date(2097, 12, 31), actor="ann")
    return database


def test_the_trade_is_told_prices_rights_and_the_day_of_sale(
    emma: Database, tmp_path: Path
) -> None:
    export.onix_message(emma, SHOP, tmp_path / "all.xml", SENDER)
    found = onixcheck.validate(str(tmp_path / "all.xml"), schemas=("xsd", "rng"))
    assert [one.message for one in found] == []
    message = etree.parse(tmp_path / "all.xml")

    def said(path: str) -> list[str]:
        return [str(one.text) for one in message.findall(f".//o:{path}", NS)]

    assert said("ProductAvailability") == ["10"]
    assert said("SupplyDate/o:Date") == ["20971231"]
    assert said("PublishingStatus") == ["02"]
    assert said("SalesRightsType") == ["02", "03"]
    assert said("SalesRights/o:Territory/o:CountriesIncluded") == ["US"]
    german = [
        (one.findtext("o:PriceAmount", namespaces=NS), one.findtext("o:PriceType", namespaces=NS))
        for one in message.findall(".//o:Price", NS)
        if "DE" in (one.findtext("o:Territory/o:CountriesIncluded", namespaces=NS) or "").split()
    ]
    assert german == [("8.50", "02"), ("7.00", "04"), ("8.50", "02")]
    days = ["20971231", *("20980101", "20980107") * 2, "20980108"]
    assert said("Price/o:PriceDate/o:Date") == days


def test_an_empty_catalogue_is_a_tree_and_a_message(database: Database, tmp_path: Path) -> None:
    export.opds_tree(database, SHOP, tmp_path / "feeds")
    documents = tree(tmp_path / "feeds")
    assert {urlsplit(url).path for url in documents} == {"/opds/index.json", "/opds/new/1.json"}
    assert [faults(one) for one in documents.values()] == [[], []]
    assert export.onix_message(database, SHOP, tmp_path / "all.xml", SENDER).books == 0
    assert onixcheck.validate(str(tmp_path / "all.xml"), schemas=("xsd", "rng")) == []


def test_publishers_that_look_alike_have_lists_of_their_own(
    database: Database, tmp_path: Path
) -> None:
    for at, name in enumerate(("Müller & Söhne", "../../Müller / Söhne", "出版社")):
        sell(database, f"book-{at}", publisher=name)
    export.opds_tree(database, SHOP, tmp_path / "feeds")
    lists = sorted((tmp_path / "feeds" / "publisher").glob("*/1.json"))
    held = [json.loads(one.read_text())["publications"][0]["metadata"] for one in lists]
    assert {one["publisher"][0]["name"] for one in held} == {
        "Müller & Söhne",
        "../../Müller / Söhne",
        "出版社",
    }
    assert {one.name for one in tmp_path.iterdir()} == {"feeds"}


def test_a_tree_replaces_the_one_before(shop: Database, tmp_path: Path) -> None:
    for book in ("book-0", "book-1"):
        export.opds_tree(shop, SHOP, tmp_path / "feeds")
        releases.withdraw(shop, book, actor="ann")
    kept = sorted(path.name for path in (tmp_path / "feeds" / "books").iterdir())
    assert kept == ["book-1.json", "book-2.json", "book-3.json", "book-4.json"]


def test_what_is_no_tree_is_never_replaced(shop: Database, tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("years of work")
    with pytest.raises(ServiceError, match="name an empty folder"):
        export.opds_tree(shop, SHOP, tmp_path)
    assert (tmp_path / "thesis.odt").exists()


def test_an_export_that_fails_leaves_what_stood_there(
    shop: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "all.xml"
    export.onix_message(shop, SHOP, target, SENDER)
    before = target.read_bytes()
    releases.withdraw(shop, "book-0", actor="ann")
    monkeypatch.setattr(export, "listing_of", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export.onix_message(shop, SHOP, target, SENDER)
    assert target.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["all.xml"]
