"""What a chain refuses when it is declared: what would else fail in the middle of a run."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest

from ebook_pipeline.execution import Chain, ItemContext, Stage
from ebook_pipeline.execution.item_context import fits, offered_types
from ebook_pipeline.execution.reuse import fingerprint
from tests.support.demo_chain.definitions import LoggedService
from tests.support.demo_chain.stages import (
    DEMO_CHAIN,
    Apple,
    AppleContext,
    Crate,
    FlakyService,
    GateAnswer,
)


def stage(function: Callable[..., Any], **options: Any) -> Stage:
    return Stage(function, group="g", version="1", **options)


def chain(*stages: Stage, **options: Any) -> Chain[AppleContext]:
    return Chain("c", AppleContext, stages, **options)


def picked(apple: Apple) -> Apple:
    return apple


def packed(picked: Apple) -> Crate:
    return Crate()


def test_a_stage_that_reads_a_later_one_is_refused() -> None:
    with pytest.raises(TypeError, match=r"stage packed: packed\(picked\) is a record that is not"):
        chain(stage(packed), stage(picked))


def test_a_stage_that_reads_itself_is_refused() -> None:
    def crate(crate: Crate) -> Crate:
        return crate

    with pytest.raises(TypeError, match=r"stage crate: crate\(crate\) is a record that is not"):
        chain(stage(crate))


def test_a_gate_has_no_record_of_its_own_stage() -> None:
    def gate(packed: Crate) -> GateAnswer:
        return GateAnswer(outcome="open")

    with pytest.raises(TypeError, match=r"stage packed: gate\(packed\) is a record that is not"):
        chain(stage(picked), stage(packed, gate=gate))


def test_a_record_asked_for_as_another_type_is_refused() -> None:
    def packed(picked: Crate) -> Crate:
        return picked

    message = r"stage packed: packed\(picked\) must be typed Apple, not Crate"
    with pytest.raises(TypeError, match=message):
        chain(stage(picked), stage(packed))


@pytest.mark.parametrize("place", ["checks", "proofs", "gate", "show"])
def test_what_the_context_has_not_is_refused_wherever_it_is_asked_for(place: str) -> None:
    def ask(memory: FlakyService) -> bool:
        return True

    asked: Any = ask if place in ("gate", "show") else (ask,)
    message = r"stage picked: ask\(memory\) is neither an earlier stage nor in AppleContext"
    with pytest.raises(TypeError, match=message):
        chain(stage(picked, **{place: asked}))


def test_what_the_context_has_is_refused_under_another_type() -> None:
    def sold(service: Apple) -> Crate:
        return Crate()

    message = r"stage sold: sold\(service\) must be typed FlakyService, not Apple"
    with pytest.raises(TypeError, match=message):
        chain(stage(sold))


def test_what_is_more_special_than_what_the_context_offers_is_refused() -> None:
    def sold(service: LoggedService) -> Crate:
        return Crate()

    with pytest.raises(TypeError, match=r"must be typed FlakyService, not LoggedService"):
        chain(stage(sold))


def test_a_parameter_without_a_type_is_refused() -> None:
    def sold(service) -> Crate:  # type: ignore[no-untyped-def]
        return Crate()

    with pytest.raises(TypeError, match=r"stage sold: sold\(service\) has no type"):
        chain(stage(sold))


def test_a_parameter_that_takes_anything_is_refused() -> None:
    def sold(service: Any) -> Crate:
        return Crate()

    with pytest.raises(TypeError, match=r"must be typed FlakyService, not Any"):
        chain(stage(sold))


@pytest.mark.parametrize("function", [lambda *names: Crate(), lambda **names: Crate()])
def test_a_parameter_without_a_name_is_refused(function: Callable[..., Crate]) -> None:
    function.__annotations__["return"] = Crate
    with pytest.raises(TypeError, match="is filled by no name"):
        chain(stage(function))


def test_a_check_may_not_read_what_its_stage_does_not_wait_for() -> None:
    def sorted_apple(apple: Apple) -> Apple:
        return apple

    def same(picked: Apple, sorted_apple: Apple) -> bool:
        return picked == sorted_apple

    with pytest.raises(TypeError, match=r"stage sorted_apple: same\(picked\) is a record that is"):
        chain(stage(picked), stage(sorted_apple, checks=(same,)))


def test_a_stage_may_not_hide_what_the_context_offers() -> None:
    def service(apple: Apple) -> Apple:
        return apple

    with pytest.raises(TypeError, match="service is a stage of chain c and in AppleContext too"):
        chain(stage(service))


def test_two_stages_of_one_name_are_refused() -> None:
    with pytest.raises(TypeError, match="two stages of chain c share a name"):
        chain(stage(picked), stage(picked))


def test_a_chain_says_what_it_asks_of_the_context() -> None:
    assert DEMO_CHAIN.from_context() == {"apple", "service", "approved"}


def test_private_parts_of_a_context_are_offered_to_nobody() -> None:
    @dataclass(frozen=True)
    class Basket(ItemContext):
        _secret: str

        @property
        def _hidden(self) -> str:
            return ""

    assert offered_types(Basket) == {"key": str, "edition_number": int}


def test_a_context_says_of_each_property_what_it_returns() -> None:
    class Basket(ItemContext):
        @cached_property
        def size(self):  # type: ignore[no-untyped-def]
            return 1

    with pytest.raises(TypeError, match=r"Basket\.size must say what it returns"):
        offered_types(Basket)


@pytest.mark.parametrize(
    ("offered", "asked", "fit"),
    [
        (int, int, True),
        (bool, int, True),
        (int, bool, False),
        (int, int | None, True),
        (int | None, int, False),
        (int | None, None | int, True),
        (int | None, object, True),
        (tuple[str, ...], tuple[str, ...], True),
        (tuple[str, ...], tuple[int, ...], False),
        (Any, Any, False),
        (LoggedService, FlakyService, True),
    ],
)
def test_what_fits_is_the_same_a_subclass_or_a_member_of_a_union(
    offered: object, asked: object, fit: bool
) -> None:
    assert fits(offered, asked) is fit


def test_a_renamed_parameter_leaves_the_fingerprint_as_it_was() -> None:
    def before(apple: Apple, service: FlakyService) -> Crate:
        return Crate()

    def after(fruit: Apple, service: FlakyService) -> Crate:
        return Crate()

    after.__name__ = before.__name__
    old = fingerprint(stage(before), {"apple": Apple(key="a"), "service": FlakyService()}, {})
    arguments = {"fruit": Apple(key="a"), "service": FlakyService()}
    assert fingerprint(stage(after), arguments, {"fruit": "apple"}) == old
    assert fingerprint(stage(after), arguments, {}) != old


def test_a_former_name_of_what_nobody_asks_for_is_refused() -> None:
    with pytest.raises(TypeError, match="no stage of chain c asks for fruit any more"):
        chain(stage(picked), former_names={"fruit": "apple"})
