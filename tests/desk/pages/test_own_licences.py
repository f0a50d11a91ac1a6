"""A reader's own licences: theirs alone, to be fetched, kept longer and given back."""

import re
from datetime import timedelta

import pytest

from tests.support.desk_shop import DeskShop


@pytest.fixture(scope="module")
def lent(shop: DeskShop) -> str:
    """A licence of rita's that ends in a week, and that may be renewed."""
    now = shop.context.clock()
    end, may_end = (now + timedelta(days=days) for days in (7, 60))
    license = shop.license(
        holder="rita", rights={"end": end.isoformat()}, may_end=may_end.isoformat()
    )
    return str(license["id"])


def seen(page: str, license: str) -> str:
    form = re.search(rf'/licences/{license}/return".*?name="seen" value="([^"]+)"', page, re.DOTALL)
    assert form
    return form[1].replace("&#34;", '"')


def test_a_reader_sees_their_own_licences_alone(shop: DeskShop, lent: str) -> None:
    page = shop.by("rita").get("/licences").text
    assert f"/api/v1/licenses/{lent}/publication" in page
    assert 'href="/shop/press-sold"' in page
    for login in ("ray", "olga", "pat"):
        assert lent not in shop.by(login).get("/licences").text
    nobody = shop.desk.nobody(Accept="text/html").get("/licences", follow_redirects=False)
    assert nobody.headers["location"] == "/sign-in?next=/licences"
    assert shop.by("rita").get(f"/licences/{lent}/cover").status_code == 200
    assert shop.by("ray").get(f"/licences/{lent}/cover").status_code == 404


def test_a_licence_is_kept_longer_and_given_back(shop: DeskShop, lent: str) -> None:
    rita = shop.by("rita")
    before = {"seen": seen(rita.get("/licences").text, lent)}
    assert shop.by("ray").post(f"/licences/{lent}/return", data=before).status_code == 404
    assert "ends later" in rita.post(f"/licences/{lent}/renewal", data=before).text
    stale = rita.post(f"/licences/{lent}/return", data=before, headers={"Accept": "text/html"})
    assert stale.status_code == 412
    now = {"seen": seen(rita.get("/licences").text, lent)}
    page = rita.post(f"/licences/{lent}/return", data=now).text
    assert "The book is given back" in page
    assert f"/api/v1/licenses/{lent}/publication" not in page


def test_who_holds_none_is_shown_the_shop(shop: DeskShop) -> None:
    page = shop.by("ray").get("/licences").text
    assert "No books yet" in page
    assert 'href="/shop"' in page
