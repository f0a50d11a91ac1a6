"""One item's way through the stages: gate, reuse or work, proofs, record, journal, checks."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from ebook_pipeline.execution.batch_context import Scope, Workshop
from ebook_pipeline.execution.progress import Done
from ebook_pipeline.execution.reuse import fingerprint
from ebook_pipeline.execution.stage import Chain, Stage, parameters
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.resources.record_store import Stored


class Halt(Exception):
    """Ends an item's passage: rejected by a check, or waiting for a person."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome, self.reason = outcome, reason


class Passage:
    """What one batch knows of one item; `advance` may be repeated after a service fault."""

    def __init__(self, chain: Chain, workshop: Workshop, scope: Scope, *, force: bool) -> None:
        self.chain, self.workshop, self.scope, self.force = chain, workshop, scope, force
        self._records: dict[str, Stored] = {}
        self._seconds: dict[str, float] = {}

    def advance(self, one: Stage) -> Done:
        """Make the stage's record current and write that down.

        Raises `Halt` where the item may not enter the stage, `BookError` where its file is at
        fault, and `ServiceError` where we are.
        """
        self._require(self.chain.ancestors(one))
        self._pass_gate(one)
        if one.name not in self._seconds:
            self._make_current(one)
        done = self._done(one)
        detail = {"data_version": done.stored.data_version, "inputs": self.inputs(one)}
        outcome = Outcome.REUSED if done.reused else Outcome.DONE
        self.workshop.journal.record(self.scope, one.name, outcome, done.seconds, detail)
        return done

    def judge(self, one: Stage) -> None:
        """Raise `Halt` where a check of a finished stage rejects the item."""
        for check in one.checks:
            if not self._call(check):
                raise Halt(Outcome.REJECTED, f"{one.name} is not {_words(check)}")

    def inputs(self, one: Stage) -> dict[str, str]:
        """Data versions of the records that the stage or its gate reads, as far as they exist."""
        upstream = self.chain.upstream(one)
        return {
            name: self._records[name].data_version for name in upstream if name in self._records
        }

    def _require(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._records:
                stored = self._current(self.chain[name])
                if stored is None:
                    raise NotFound(f"{name} of {self.scope.key} does not exist yet: make it first")
                self._records[name] = stored
            self.judge(self.chain[name])

    def _pass_gate(self, one: Stage) -> None:
        if one.gate is None:
            return
        answer = self._call(one.gate)
        if answer.outcome == "wait":
            raise Halt(Outcome.WAITING, answer.reason)
        if answer.outcome == "closed":
            raise Halt(Outcome.REJECTED, answer.reason)

    def _make_current(self, one: Stage) -> None:
        arguments = self._arguments(one.function)
        mark = fingerprint(one, arguments)
        stored = None if self.force else self._current(one)
        if stored and stored.fingerprint == mark and self.workshop.records.is_whole(stored):
            self._records[one.name] = stored
            return
        started = time.monotonic()
        record = one.function(**arguments)
        self._records[one.name] = Stored(record, record.data_version, mark)
        self._prove(one)
        scope = self.scope
        self.workshop.records.keep(one.name, scope.key, scope.edition, record, mark)
        self._seconds[one.name] = time.monotonic() - started

    def _prove(self, one: Stage) -> None:
        for proof in one.proofs:
            if not self._call(proof):
                raise ServiceError(f"{one.name}: not {_words(proof)}")

    def _done(self, one: Stage) -> Done:
        return Done(
            key=self.scope.key,
            edition=self.scope.edition,
            stage=one,
            stored=self._records[one.name],
            inputs=self.inputs(one),
            reused=one.name not in self._seconds,
            seconds=self._seconds.get(one.name, 0.0),
            checks={check.__name__: bool(self._call(check)) for check in one.checks}
            | {proof.__name__: True for proof in one.proofs},
            shown=self._call(one.show) if one.show else {},
        )

    def _current(self, one: Stage) -> Stored | None:
        scope = self.scope
        return self.workshop.records.current(one.name, scope.key, scope.edition, one.record)

    def _call(self, function: Callable[..., Any]) -> Any:
        return function(**self._arguments(function))

    def _arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        """What `function` asks for by name: a record, a fact of the item, or a resource."""
        return {name: self._find(name, function) for name in parameters(function)}

    def _find(self, name: str, function: Callable[..., Any]) -> object:
        if name in self._records:
            return self._records[name].record
        if name in self.scope.facts:
            return self.scope.facts[name]()
        if name in self.workshop.resources:
            return self.workshop.resources[name]
        raise TypeError(f"{function.__name__} asks for {name}, which nobody provides")


def _words(function: Callable[..., Any]) -> str:
    return function.__name__.replace("_", " ")
