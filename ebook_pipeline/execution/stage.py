"""How a chain of work is declared: plain functions of one item, put in order."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypedDict, Unpack, get_type_hints

from ebook_pipeline.books.records import Record


class GateAnswer(Protocol):
    """What a gate returns: may the item enter the stage, must it wait for a person, or never?"""

    @property
    def outcome(self) -> Literal["open", "wait", "closed"]: ...

    @property
    def reason(self) -> str: ...


@dataclass(frozen=True)
class Stage:
    """One function of one item.

    Parameters are filled by name: an earlier stage's record, a fact of the item, or a resource.
    `checks` judge the item: the first that is false rejects it, after its record was kept.
    `proofs` judge our own work before it is kept: one that is false is a failure of ours.
    `gate` is asked before the stage; `show` makes what people see of its record.
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


class Chain:
    """Stages in the order in which an item passes them.

    Raises `TypeError` at declaration where a parameter is typed as another record than the one
    that the stage of its name returns, or names a stage that comes later.
    """

    def __init__(self, name: str, stages: Sequence[Stage]) -> None:
        self.name = name
        self.stages = tuple(stages)
        self._by_name = {one.name: one for one in self.stages}
        if len(self._by_name) != len(self.stages):
            raise TypeError(f"two stages of chain {name} share a name")
        for position, one in enumerate(self.stages):
            self._validate(one, set(self.names[: position + 1]))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    def __iter__(self) -> Iterator[Stage]:
        return iter(self.stages)

    def __getitem__(self, name: str) -> Stage:
        return self._by_name[name]

    def upstream(self, one: Stage) -> tuple[str, ...]:
        """The stages whose records `one` or its gate reads, in chain order."""
        asked = set(parameters(one.function))
        asked |= set(parameters(one.gate)) if one.gate else set()
        return tuple(name for name in self.names if name in asked)

    def outside(self) -> frozenset[str]:
        """Parameters that no stage fills: facts of the item and resources."""
        asked = {
            name for one in self for function in one.functions() for name in parameters(function)
        }
        return frozenset(asked - set(self.names))

    def ancestors(self, one: Stage) -> tuple[str, ...]:
        """All stages that `one` depends on, directly or through others, in chain order."""
        found: set[str] = set()
        waiting = [*self.upstream(one)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.upstream(self[name])
        return tuple(name for name in self.names if name in found)

    def _validate(self, one: Stage, known: set[str]) -> None:
        for function in one.functions():
            hints = get_type_hints(function)
            for name in parameters(function):
                if name in self._by_name and name not in known:
                    raise TypeError(f"{one.name} reads {name}, which comes later in {self.name}")
                if name in known and hints.get(name) is not self[name].record:
                    expected = self[name].record.__name__
                    raise TypeError(f"{function.__name__}({name}) must be typed {expected}")
        if one.name in parameters(one.function):
            raise TypeError(f"{one.name} reads itself")
