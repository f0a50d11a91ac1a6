"""Comments on passages of chapters, answers to them, and where each stands in what is read now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from ebook_pipeline.books.editing.passages import Passage, SearchedText
from ebook_pipeline.books.records import Record
from ebook_pipeline.books.reviewing.edition_changes import EditionChanges
from ebook_pipeline.foundation.errors import Denied, NotFound
from ebook_pipeline.resources.database import Database, editing_tables
from ebook_pipeline.services.audit_and_outbox import audit, emit
from ebook_pipeline.services.editing import rounds
from ebook_pipeline.services.editing.rounds import Round
from ebook_pipeline.services.writing import manuscripts
from ebook_pipeline.services.writing.chapters import ChapterText, compared, standing

MOST_COMMENTS = 2000
"""Of one manuscript, answers with them."""
_COMMENTS = editing_tables.edit_comment
_COMMENT = _COMMENTS.c


class NoPassage(Denied):
    """The chapter has these words nowhere."""


class Answer(Record):
    """What was answered to a comment."""

    id: int
    text: str
    actor: str
    at: datetime


class PassageComment(Record):
    """A comment of a round. `start` and `end` are its passage's in the text that it is shown with,
    None where the words are no more there; `passage` tells where it was said."""

    id: int
    round: int
    chapter: str
    version: int
    passage: Passage
    text: str
    actor: str
    at: datetime
    settled_by: str | None
    settled_at: datetime | None
    start: int | None = None
    end: int | None = None
    answers: tuple[Answer, ...] = ()


class ReadChapter(Record):
    """A chapter with every round's comments; `changes` since the round before, if one was."""

    chapter: str
    version: int
    heading: str
    text: str
    comments: tuple[PassageComment, ...] = ()
    changes: EditionChanges | None = None


class EditedManuscript(Record):
    """What is read: a round's chapters, or without an open round those that stand now (`number`
    None); `gone`: comments on chapters that are not among them."""

    manuscript: str
    number: int | None
    rounds: tuple[Round, ...]
    chapters: tuple[ReadChapter, ...]
    gone: tuple[PassageComment, ...] = ()


class CommentWish(Record):
    """What is said of which words of a chapter; `near`: about where in its text they stand."""

    chapter: str
    quote: str
    text: str
    near: int = 0


def comment(
    database: Database, manuscript: str, wanted: CommentWish, *, actor: str
) -> PassageComment:
    """Say it in the open round. Raises `NotFound`, `NoPassage`, `Denied` where none is open."""
    with database.begin() as connection:
        manuscripts.hold(connection, manuscript)
        _require_room(connection, manuscript)
        number = rounds.open_round(connection, manuscript)
        if number is None:
            raise Denied("no round is open: comments are made in one")
        chapters = rounds.chapters_of(connection, manuscript, number)
        chapter = next((one for one in chapters if one.chapter == wanted.chapter), None)
        if chapter is None:
            raise NotFound("the round is about no such chapter")
        passage = SearchedText(chapter.text).passage(wanted.quote, wanted.near)
        if passage is None:
            raise NoPassage("the chapter has these words nowhere: quote them as they stand")
        row = passage.model_dump() | {
            "manuscript": manuscript,
            "round": number,
            "chapter": chapter.chapter,
            "version": chapter.version,
            "text": wanted.text,
            "actor": actor,
        }
        made = _insert(connection, row)
        audit(connection, actor, "edit.comment", "", {"manuscript": manuscript, "comment": made})
        return _comment_of(connection, made)


def answer(
    database: Database, manuscript: str, number: int, text: str, *, actor: str
) -> PassageComment:
    """Answer a comment, in whatever state the manuscript is. Raises `NotFound`."""
    with database.begin() as connection:
        manuscripts.hold(connection, manuscript)
        _require_room(connection, manuscript)
        asked = _row_of(connection, manuscript, number)
        kept = ("manuscript", "round", "chapter", "version", "exact", "prefix", "suffix", "start",
                "end")  # fmt: skip
        row = {name: asked._mapping[name] for name in kept}
        made = _insert(connection, row | {"text": text, "actor": actor, "parent": number})
        audit(connection, actor, "edit.answer", "", {"manuscript": manuscript, "comment": made})
        facts = {"manuscript": manuscript, "comment": number, "answer": made, "by": actor}
        emit(connection, "comment.answered", f"manuscript:{manuscript}", facts)
        return _comment_of(connection, number)


def settle(
    database: Database, manuscript: str, number: int, *, settled: bool, actor: str
) -> PassageComment:
    """Say that what it asks for is done, or is not. Raises `NotFound`."""
    with database.begin() as connection:
        manuscripts.hold(connection, manuscript)
        _row_of(connection, manuscript, number)
        by, at = (actor, func.now()) if settled else (None, None)
        facts = {"settled_by": by, "settled_at": at}
        connection.execute(update(_COMMENTS).where(_COMMENT.id == number).values(facts))
        detail = {"manuscript": manuscript, "comment": number, "settled": settled}
        audit(connection, actor, "edit.settle", "", detail)
        return _comment_of(connection, number)


def read(database: Database, manuscript: str, number: int | None = None) -> EditedManuscript:
    """The round of this number, else the open one, else what stands now. Raises `NotFound`."""
    with database.begin() as connection:
        manuscripts.manuscript_resource(connection, manuscript)
        known = rounds.rounds_of(connection, manuscript)
        shown = _shown(known, number)
        if shown is None:
            chapters = standing(connection, manuscript)
            before = known[-1].number if known else None
        else:
            chapters = rounds.chapters_of(connection, manuscript, shown)
            before = shown - 1 or None
        earlier = rounds.chapters_of(connection, manuscript, before) if before else None
        said = comments_of(connection, manuscript)
        until = [one for one in said if shown is None or one.round <= shown]
    return EditedManuscript(
        manuscript=manuscript,
        number=shown,
        rounds=known,
        chapters=tuple(_read_chapters(chapters, earlier, until)),
        gone=_of_no_chapter(chapters, until),
    )


def comments_of(connection: Connection, manuscript: str) -> list[PassageComment]:
    """All of them with their answers, the oldest first."""
    return _comments(connection, _COMMENT.manuscript == manuscript)


def _comments(connection: Connection, these: ColumnElement[bool]) -> list[PassageComment]:
    query = select(_COMMENTS).where(these).order_by(_COMMENT.id)
    rows = connection.execute(query.limit(MOST_COMMENTS)).all()
    answers: dict[int, list[Answer]] = defaultdict(list)
    for row in rows:
        if row.parent is not None:
            one = Answer(id=row.id, text=row.text, actor=row.actor, at=row.at)
            answers[row.parent].append(one)
    return [_comment(row, answers.get(row.id, ())) for row in rows if row.parent is None]


def _shown(known: Sequence[Round], number: int | None) -> int | None:
    if number is None:
        is_open = bool(known) and known[-1].decision is None
        return known[-1].number if is_open else None
    if all(one.number != number for one in known):
        raise NotFound("there is no such round")
    return number


def _read_chapters(
    chapters: Iterable[ChapterText],
    earlier: Sequence[ChapterText] | None,
    said: Iterable[PassageComment],
) -> Iterable[ReadChapter]:
    before = {one.chapter: one for one in earlier or ()}
    by_chapter: dict[str, list[PassageComment]] = defaultdict(list)
    for one in said:
        by_chapter[one.chapter].append(one)
    for chapter in chapters:
        was = before.get(chapter.chapter)
        yield ReadChapter(
            **chapter.model_dump(),
            comments=_placed(by_chapter[chapter.chapter], chapter),
            changes=compared(was, chapter) if earlier is not None else None,
        )


def _placed(said: Sequence[PassageComment], chapter: ChapterText) -> tuple[PassageComment, ...]:
    """Where the passages stand in this version; in their order there, the lost ones last."""
    if not said:
        return ()
    searched = SearchedText(chapter.text)
    placed = []
    for one in said:
        place = (
            (one.passage.start, one.passage.end)
            if one.version == chapter.version
            else searched.found_again(one.passage)
        )
        start, end = place or (None, None)
        placed.append(one.model_copy(update={"start": start, "end": end}))
    placed.sort(key=lambda one: (one.start is None, one.start or 0, one.id))
    return tuple(placed)


def _of_no_chapter(
    chapters: Iterable[ChapterText], said: Iterable[PassageComment]
) -> tuple[PassageComment, ...]:
    there = {one.chapter for one in chapters}
    return tuple(one for one in said if one.chapter not in there)


def _require_room(connection: Connection, manuscript: str) -> None:
    count = select(func.count()).where(_COMMENT.manuscript == manuscript)
    if connection.execute(count).scalar_one() >= MOST_COMMENTS:
        raise Denied(f"a manuscript has {MOST_COMMENTS} comments at most")


def _insert(connection: Connection, row: Mapping[str, object]) -> int:
    statement = insert(_COMMENTS).values(dict(row)).returning(_COMMENT.id)
    return int(connection.execute(statement).scalar_one())


def _row_of(connection: Connection, manuscript: str, number: int) -> Row[tuple[object, ...]]:
    here = (_COMMENT.id == number) & (_COMMENT.manuscript == manuscript)
    row = connection.execute(select(_COMMENTS).where(here, _COMMENT.parent.is_(None))).first()
    if row is None:
        raise NotFound("there is no such comment")
    return row


def _comment_of(connection: Connection, number: int) -> PassageComment:
    """One that is there, with its answers."""
    [found] = _comments(connection, (_COMMENT.id == number) | (_COMMENT.parent == number))
    return found


def _comment(row: Row[tuple[object, ...]], answers: Sequence[Answer]) -> PassageComment:
    facts = dict(row._mapping)
    kept = ("id", "round", "chapter", "version", "text", "actor", "at", "settled_by", "settled_at")
    passage = {name: facts[name] for name in Passage.model_fields}
    return PassageComment.model_validate(
        {name: facts[name] for name in kept}
        | {"passage": Passage.model_validate(passage), "answers": tuple(answers)}
    )
