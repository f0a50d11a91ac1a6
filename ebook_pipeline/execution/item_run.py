"""One item's way through the stages: gate, reuse or work, proofs, record, journal, checks."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, TypeVar

from ebook_pipeline.execution.batch_context import BatchContext
from ebook_pipeline.execution.chain import Chain
from ebook_pipeline.execution.item_context import ItemContext
from ebook_pipeline.execution.progress import Done
from ebook_pipeline.execution.reuse import fingerprint, is_current, made_with
from ebook_pipeline.execution.stage import Stage, parameters
from ebook_pipeline.foundation.errors import NotFound, ServiceError
from ebook_pipeline.foundation.findings import Severity, in_one_line, worst_first
from ebook_pipeline.foundation.outcome import Outcome
from ebook_pipeline.foundation.record import BlobRef
from ebook_pipeline.resources.record_store import Stored

C = TypeVar("C", bound=ItemContext)


class StopItem(Exception):
    """Ends an item's run: rejected by a check, waiting for a person, or cancelled."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(reason)
        self.outcome, self.reason = outcome, reason


class ItemRun(Generic[C]):
    """What stage batch knows of stage item; `advance` may be repeated after a service fault."""

    def __init__(
        self,
        chain: Chain[C],
        batch: BatchContext[C],
        item: C,
        *,
        force: bool = False,
        stop: threading.Event | None = None,
    ) -> None:
        self.chain, self.batch, self.item, self.force = chain, batch, item, force
        self._stop = stop or threading.Event()
        self._records: dict[str, Stored] = {}
        self._seconds: dict[str, float] = {}

    def advance(self, stage: Stage) -> Done:
        """Make the stage's record current and write that down.

        Raises `StopItem` where the item may not enter the stage, `BookError` where its file is at
        fault, and `ServiceError` where we are.
        """
        self._require(self.chain.ancestors(stage))
        self._pass_gate(stage)
        if stage.name not in self._seconds:
            self._make_current(stage)
        done = self._done(stage)
        detail = {
            "data_version": done.stored.data_version,
            "inputs": self.inputs(stage),
            "made_with": made_with(stage, self.item.shared_version),
        }
        outcome = Outcome.REUSED if done.reused else Outcome.DONE
        self.batch.journal.record(self.item, stage.name, outcome, done.seconds, detail)
        return done

    def reuse(self, stage: Stage) -> bool:
        """Take the stage's record from the store; False where a run would make another.

        Raises `StopItem` where the item may not enter the stage.
        """
        self._pass_gate(stage)
        arguments = self._arguments(stage.function)
        return self._take(stage, arguments, self._fingerprint(stage, arguments))

    def judge(self, stage: Stage) -> None:
        """Raise `StopItem` where a check of a finished stage rejects the item."""
        for check in stage.checks:
            if not self._call(check):
                raise StopItem(Outcome.REJECTED, self._against(stage, check))

    def _against(self, stage: Stage, check: Callable[..., bool]) -> str:
        """Why a check is false: the record's reasons or worst finding, else the check's name."""
        record = self._records[stage.name].record
        if reasons := getattr(record, "reasons", ()):
            return in_one_line(reasons)
        found = worst_first(getattr(record, "findings", ()))
        errors = [one.message for one in found if one.severity >= Severity.ERROR]
        if not errors:
            return f"{stage.name} is not {_words(check)}"
        return errors[0] + (f" And {len(errors) - 1} more." if errors[1:] else "")

    @property
    def has_worked(self) -> bool:
        """Whether any stage was made, not found."""
        return bool(self._seconds)

    def blobs(self) -> tuple[BlobRef, ...]:
        """All that the records of the item point to, each once."""
        kept = (blob for stored in self._records.values() for blob in stored.record.blobs())
        return tuple({blob.sha256: blob for blob in kept}.values())

    def inputs(self, stage: Stage) -> dict[str, str]:
        """Data versions of the records that the stage or its gate reads, as far as they exist."""
        upstream = self.chain.upstream(stage)
        return {
            name: self._records[name].data_version for name in upstream if name in self._records
        }

    def _require(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._records:
                stored = self._current(self.chain[name])
                if stored is None:
                    raise NotFound(f"{name} of {self.item.key} does not exist yet: make it first")
                self._records[name] = stored
            self.judge(self.chain[name])

    def _pass_gate(self, stage: Stage) -> None:
        if stage.gate is None:
            return
        answer = self._call(stage.gate)
        if answer.outcome == "wait":
            raise StopItem(Outcome.WAITING, answer.reason)
        if answer.outcome == "closed":
            raise StopItem(Outcome.REJECTED, answer.reason)

    def _make_current(self, stage: Stage) -> None:
        arguments = self._arguments(stage.function)
        mark = self._fingerprint(stage, arguments)
        if not self.force and self._take(stage, arguments, mark):
            return
        with self.batch.pools.entered(stage.pools, self._stop):
            self._make(stage, arguments, mark)

    def _make(self, stage: Stage, arguments: Mapping[str, Any], mark: str) -> None:
        item = self.item
        self.batch.journal.started(item, stage.name)
        started = time.monotonic()
        record = stage.function(**arguments)
        self._records[stage.name] = Stored(record, record.data_version, mark)
        self._prove(stage)
        self.batch.records.keep(stage.name, item.key, item.edition_number, record, mark)
        self._seconds[stage.name] = time.monotonic() - started

    def _take(self, stage: Stage, arguments: Mapping[str, object], mark: str) -> bool:
        """Whether the stage's record is there, was made of the same, and its blobs exist."""
        stored = self._current(stage)
        if stored is None or stored.fingerprint != mark:
            return False
        if not is_current(stored.record, arguments) or not self.batch.records.is_whole(stored):
            return False
        self._records[stage.name] = stored
        return True

    def _fingerprint(self, stage: Stage, arguments: Mapping[str, object]) -> str:
        return fingerprint(stage, arguments, self.chain.former_names)

    def _prove(self, stage: Stage) -> None:
        for proof in stage.proofs:
            if not self._call(proof):
                raise ServiceError(f"{stage.name}: not {_words(proof)}")

    def _done(self, stage: Stage) -> Done:
        return Done(
            key=self.item.key,
            edition=self.item.edition_number,
            stage=stage,
            stored=self._records[stage.name],
            inputs=self.inputs(stage),
            reused=stage.name not in self._seconds,
            seconds=self._seconds.get(stage.name, 0.0),
            checks={check.__name__: bool(self._call(check)) for check in stage.checks}
            | {proof.__name__: True for proof in stage.proofs},
            shown=self._call(stage.show) if stage.show else {},
        )

    def _current(self, stage: Stage) -> Stored | None:
        item = self.item
        return self.batch.records.current(stage.name, item.key, item.edition_number, stage.record)

    def _call(self, function: Callable[..., Any]) -> Any:
        return function(**self._arguments(function))

    def _arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        """What `function` asks for by name: records, and what the item's context offers.

        The chain has made sure that all of it is there.
        """
        return {
            name: self._records[name].record if name in self._records else getattr(self.item, name)
            for name in parameters(function)
        }


def _words(function: Callable[..., Any]) -> str:
    return function.__name__.replace("_", " ")
