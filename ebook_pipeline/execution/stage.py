"""How one stage of a chain is declared: a plain function of one item, and who judges it."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypedDict, Unpack, get_type_hints

from ebook_pipeline.foundation.record import Record


class GateAnswer(Protocol):
    """What a gate returns: may the item enter the stage, must it wait for a person, or never?"""

    @property
    def outcome(self) -> Literal["open", "wait", "closed"]: ...

    @property
    def reason(self) -> str: ...


@dataclass(frozen=True)
class Stage:
    """One function of one item.

    Parameters are filled by name: with an earlier stage's record, or from the item's context.
    `checks` judge the item: the first that is false rejects it, after its record was kept.
    `proofs` judge our own work before it is kept: one that is false is a failure of ours.
    `gate` is asked before the stage; `show` makes what people see of its record. `pools`: what is
    scarce and used by it, of which it holds a place while it works.
    """

    function: Callable[..., Record]
    group: str
    version: str
    kinds: frozenset[str] = frozenset()
    owners: tuple[str, ...] = ()
    checks: tuple[Callable[..., bool], ...] = ()
    proofs: tuple[Callable[..., bool], ...] = ()
    gate: Callable[..., GateAnswer] | None = None
    show: Callable[..., dict[str, Any]] | None = None
    pools: frozenset[str] = frozenset()
    record: type[Record] = field(init=False)

    def __post_init__(self) -> None:
        kind = get_type_hints(self.function).get("return")
        if not (isinstance(kind, type) and issubclass(kind, Record)):
            raise TypeError(f"stage {self.name} must say which Record it returns")
        object.__setattr__(self, "record", kind)

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def description(self) -> str:
        return inspect.getdoc(self.function) or ""

    @property
    def judges(self) -> tuple[Callable[..., bool], ...]:
        """Checks and proofs: what the UI shows as asset checks."""
        return (*self.checks, *self.proofs)

    def functions(self) -> Iterator[Callable[..., Any]]:
        """Every function of the stage whose parameters are filled by name."""
        yield self.function
        yield from self.judges
        yield from (function for function in (self.gate, self.show) if function is not None)

    def __call__(self, *args: Any, **kwargs: Any) -> Record:
        return self.function(*args, **kwargs)


class StageOptions(TypedDict, total=False):
    """The fields of `Stage` that a declaration may leave out."""

    kinds: frozenset[str]
    owners: tuple[str, ...]
    checks: tuple[Callable[..., bool], ...]
    proofs: tuple[Callable[..., bool], ...]
    gate: Callable[..., GateAnswer]
    show: Callable[..., dict[str, Any]]
    pools: frozenset[str]


def stage(
    *, group: str, version: str, **options: Unpack[StageOptions]
) -> Callable[[Callable[..., Record]], Stage]:
    """Declare a function of one item as a stage.

    `version` names the code: raise it when the function would return something else for the same
    input, and every item is done again; leave it, and finished items are reused.
    """
    return lambda function: Stage(function, group=group, version=version, **options)


def parameters(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names by which `function` wants to be called."""
    return tuple(inspect.signature(function).parameters)
