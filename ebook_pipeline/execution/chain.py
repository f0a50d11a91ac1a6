"""Stages put in order, every parameter checked against what will be there to fill it."""

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Generic, TypeVar, get_type_hints

from ebook_pipeline.execution.item_context import ItemContext, fits, offered_types, type_name
from ebook_pipeline.execution.stage import Stage, parameters
from ebook_pipeline.foundation.record import canonical_json

C = TypeVar("C", bound=ItemContext)
_NO_NAMES: Mapping[str, str] = MappingProxyType({})


class Chain(Generic[C]):
    """Stages in the order in which an item passes them.

    A parameter of a stage's function, check, proof, gate or show names the record of an earlier
    stage, or a field or property of `context`. Raises TypeError at declaration, naming stage and
    parameter, where there is no such thing by then, or it is of another type.

    `former_names` says, by parameter, under which name fingerprints know it: a parameter that is
    renamed would otherwise do every item again.
    """

    def __init__(
        self,
        name: str,
        context: type[C],
        stages: Sequence[Stage],
        *,
        former_names: Mapping[str, str] = _NO_NAMES,
    ) -> None:
        self.name, self.stages, self.former_names = name, tuple(stages), former_names
        self._by_name = {stage.name: stage for stage in self.stages}
        if len(self._by_name) != len(self.stages):
            raise TypeError(f"two stages of chain {name} share a name")
        self._context = context.__name__
        self._offered = offered_types(context)
        self._validate()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    @property
    def version(self) -> str:
        """Tells the code of two chains apart: that of every stage, and its record's schema."""
        facts = [(stage.name, stage.version, stage.record.schema_version) for stage in self]
        return hashlib.sha256(canonical_json(facts)).hexdigest()

    def __iter__(self) -> Iterator[Stage]:
        return iter(self.stages)

    def __getitem__(self, name: str) -> Stage:
        return self._by_name[name]

    def upstream(self, stage: Stage) -> tuple[str, ...]:
        """The stages whose records `stage` or its gate reads, in chain order."""
        asked = set(parameters(stage.function))
        asked |= set(parameters(stage.gate)) if stage.gate else set()
        return tuple(name for name in self.names if name in asked)

    def from_context(self) -> frozenset[str]:
        """Every name that some function asks of the item's context."""
        functions = (function for stage in self for function in stage.functions())
        asked = {name for function in functions for name in parameters(function)}
        return frozenset(asked - set(self.names))

    def ancestors(self, stage: Stage) -> tuple[str, ...]:
        """All stages that `stage` depends on, directly or through others, in chain order."""
        found: set[str] = set()
        waiting = [*self.upstream(stage)]
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.upstream(self[name])
        return tuple(name for name in self.names if name in found)

    def _validate(self) -> None:
        for name in self._by_name.keys() & self._offered.keys():
            raise TypeError(f"{name} is a stage of chain {self.name} and in {self._context} too")
        for position, stage in enumerate(self.stages):
            before = self.names[:position]
            for function in filter(None, (stage.function, stage.gate)):
                self._validate_call(stage, function, before)
            for function in filter(None, (*stage.judges, stage.show)):
                self._validate_call(stage, function, (*self.ancestors(stage), stage.name))
        for name in self.former_names.keys() - self.from_context():
            raise TypeError(f"no stage of chain {self.name} asks for {name} any more")

    def _validate_call(
        self, stage: Stage, function: Callable[..., Any], made: tuple[str, ...]
    ) -> None:
        """`made` are the stages whose records are there whenever `function` is called."""
        hints = get_type_hints(function)
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                problem: str | None = "is filled by no name"
            elif name not in hints:
                problem = "has no type"
            else:
                problem = self._misfit(name, hints[name], made)
            if problem is not None:
                raise TypeError(f"stage {stage.name}: {function.__name__}({name}) {problem}")

    def _misfit(self, name: str, asked: Any, made: tuple[str, ...]) -> str | None:
        if name in self._by_name and name not in made:
            return "is a record that is not there yet: of a later stage, or not upstream"
        if name in made:
            offered: Any = self[name].record
        elif name in self._offered:
            offered = self._offered[name]
        else:
            return f"is neither an earlier stage nor in {self._context}"
        if fits(offered, asked):
            return None
        return f"must be typed {type_name(offered)}, not {type_name(asked)}"
