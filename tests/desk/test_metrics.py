"""What Prometheus is told, to whom; and that dashboard and alarms ask for nothing else."""

import json
import re
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from tests.support.desk_shop import DeskShop
from tests.support.paths import PROJECT

FOLDER = PROJECT / "deploy" / "monitoring"
TOKEN = "t" * 40
_NAME = re.compile(r"\bebooks_[a-z0-9_]+")


@pytest.fixture
def told(shop: DeskShop, monkeypatch: pytest.MonkeyPatch) -> str:
    opened(shop, monkeypatch)
    shop.by("olga").get("/figures?days=3")
    answer = ask(shop, f"Bearer {TOKEN}")
    assert answer.status_code == 200
    return str(answer.text)


def opened(shop: DeskShop, monkeypatch: pytest.MonkeyPatch) -> None:
    resources = shop.desk.context.resources
    changed = resources.settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    monkeypatch.setattr(resources, "settings", changed)


def ask(shop: DeskShop, authorization: str | None) -> Any:
    headers = {"Authorization": authorization} if authorization else {}
    return shop.by("olga").get("/metrics", headers=headers)


def test_without_its_token_nothing_is_told(shop: DeskShop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(shop, f"Bearer {TOKEN}").status_code == 404
    opened(shop, monkeypatch)
    for wrong in (None, "Bearer x", f"Basic {TOKEN}", "Bearer"):
        assert ask(shop, wrong).status_code == 401


def test_books_queues_and_answers_are_told(told: str) -> None:
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(told)
        for sample in family.samples
    }
    assert samples["ebooks_books", "released"] >= 2
    assert samples["ebooks_queue_length", "reviews"] >= 2
    assert samples["ebooks_queue_age_seconds", "lake"] > 0
    assert samples["ebooks_http_requests_total", "/figures", "200", "GET"] >= 1
    assert samples["ebooks_edge_incidents",] == 0


def test_no_book_person_or_address_is_named(told: str) -> None:
    assert not re.search(r"press-sold|olga|days=3|http://|Signature", told)


def asked_for() -> set[str]:
    panels = json.loads((FOLDER / "grafana.json").read_text(encoding="utf-8"))["panels"]
    expressions = [target["expr"] for panel in panels for target in panel["targets"]]
    groups = yaml.safe_load((FOLDER / "alarms.yaml").read_text(encoding="utf-8"))["groups"]
    expressions += [rule["expr"] for group in groups for rule in group["rules"]]
    return {name for expression in expressions for name in _NAME.findall(expression)}


def test_dashboard_and_alarms_ask_for_what_there_is(told: str) -> None:
    source = (PROJECT / "ebook_pipeline/services/measuring/gauges.py").read_text(encoding="utf-8")
    known = set(re.findall(r'"(ebooks_[a-z0-9_]+)"', source)) | set(_NAME.findall(told))
    assert asked_for() <= known
    assert {name for name in known if name in source} <= asked_for()
