"""The submit page: for whom it is, and what it says of what is typed."""

from tests.support.desk_shop import DeskShop


def test_the_page_is_for_those_who_may_submit(shop: DeskShop) -> None:
    assert "Submit books" in shop.by("pat").get("/submit").text
    assert shop.by("edna").get("/submit").status_code == 403
    assert shop.desk.nobody(Accept="text/html").get("/submit").url.path == "/sign-in"


def test_what_is_typed_is_checked_field_by_field(shop: DeskShop) -> None:
    typed = {"title": "Emma", "authors": "Jane Austen; A. Other", "isbn": "978", "language": "??"}
    told = shop.by("pat").post("/submit/check", data=typed).json()
    assert told["metadata"]["authors"] == ["Jane Austen", "A. Other"]
    assert [one["field"] for one in told["errors"]] == ["isbn", "language"]
    assert told["errors"][1]["message"] == "This is no language."
    german = {"Accept-Language": "de-AT,de;q=0.9"}
    told = shop.by("pat").post("/submit/check", data=typed, headers=german).json()
    assert told["errors"][1]["message"] == "Diese Sprache gibt es nicht"
    empty = shop.by("pat").post("/submit/check", data={}).json()
    assert empty == {"metadata": {}, "errors": []}


def test_an_edition_is_of_a_book_that_takes_one_of_theirs(shop: DeskShop) -> None:
    page = shop.by("pat").get("/submit", params={"book": "press-sold"}).text
    assert "A new edition of Press Sold" in page
    for book, status in (("press-waiting", 403), ("rival-sold", 404), ("nothing", 404)):
        assert shop.by("pat").get("/submit", params={"book": book}).status_code == status


def test_what_waits_for_a_file_in_vain_is_given_up_in_the_list(shop: DeskShop) -> None:
    pat = shop.by("pat")
    job = pat.post("/api/v1/jobs", json={"metadata": {"title": "Never Sent"}}).json()["id"]
    form = f"/submit/jobs/{job}/cancellation"
    assert f'action="{form}"' in pat.get("/submit").text
    assert 'aria-label="Give up: Never Sent"' in pat.get("/submit").text
    assert [shop.by(login).post(form).status_code for login in ("rob", "edna")] == [404, 403]
    answer = pat.post(form)
    assert answer.url.path == "/submit"
    assert f'action="{form}"' not in answer.text
    assert pat.get(f"/api/v1/jobs/{job}").json()["state"] == "cancelled"
    assert pat.post("/submit/jobs/nothing/cancellation").status_code == 404
