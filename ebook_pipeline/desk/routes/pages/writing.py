"""The writing room: manuscripts, their chapters in a plain editor, and earlier versions.

The editor saves by itself through the API (`static/write.js`); without a script its form does.
"""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from ebook_pipeline.books.selling.thema import thema_codes
from ebook_pipeline.books.writing.cover_picture import MOST_BYTES
from ebook_pipeline.books.writing.manuscript_file import WrittenChapter
from ebook_pipeline.books.writing.parts import Part
from ebook_pipeline.books.writing.subjects import genre_of, subjects_of, tags_of
from ebook_pipeline.desk import etags, paging, rendering
from ebook_pipeline.desk.access import Access, allow
from ebook_pipeline.desk.etags import ChangedMeanwhile
from ebook_pipeline.desk.ingestion import Working
from ebook_pipeline.desk.problems import Problem, words_of
from ebook_pipeline.desk.routes.jobs import account_of, claims_or_problem
from ebook_pipeline.desk.routes.manuscript_import import BODY_BYTES
from ebook_pipeline.desk.routes.manuscripts import (
    MOST_VERSIONS,
    Changing,
    ChapterForm,
    ChapterId,
    ManuscriptId,
    NewChapter,
    Reading,
    Version,
    added,
    cursor_of,
    submitter_of,
)
from ebook_pipeline.desk.routes.pages.metadata_form import parted
from ebook_pipeline.desk.routes.uploads import told
from ebook_pipeline.foundation.errors import ServiceError
from ebook_pipeline.services.reporting import job_states
from ebook_pipeline.services.writing import chapters, manuscripts
from ebook_pipeline.services.writing.manuscripts import Manuscript

AT_ONCE = 50
FIELDS = ("title", "subtitle", "authors", "language", "tags", "rights", "description")
_LONG = frozenset({"description"})
Long = Annotated[str, Form(max_length=20_000)]
Typed = Annotated[str, Form(max_length=1000)]
Tag = Annotated[str, Form(max_length=100)]
Creating = Annotated[Access, Depends(allow("manuscript", "create"))]

router = APIRouter(prefix="/write", include_in_schema=False)


@router.get("")
def show_manuscripts(
    request: Request, access: Reading, after: paging.After = "", gone: bool = False
) -> Response:
    """What is being written, and a form to begin with."""
    condition = manuscripts.manuscript_condition(access.actor)
    place = paging.place_in(after)
    rows = manuscripts.lines(access.context.database, condition, AT_ONCE + 1, place)
    page = paging.page_of(rows, AT_ONCE, cursor_of)
    return rendering.render(
        request, "manuscripts", {"page": page, "gone": gone, "largest": BODY_BYTES}
    )


@router.post("")
def begin(access: Creating, title: Typed = "", account: Typed = "") -> Response:
    """A manuscript with an empty first chapter, which is opened."""
    owner = account_of(account or None, access)
    access.require(manuscripts.of_account(owner))
    claims = claims_or_problem({"title": title.strip()} if title.strip() else {})
    database, actor = access.context.database, access.actor.name
    made = manuscripts.create(database, owner, claims, actor=actor)
    chapters.add(database, made.id, WrittenChapter(), actor=actor)
    return rendering.see_other(f"/write/{made.id}")


@router.get("/{manuscript}")
def show_manuscript(manuscript: ManuscriptId, request: Request, access: Reading) -> Response:
    """Its chapters, what is said of it, and what became of it."""
    return manuscript_page(request, access, manuscripts.read(access.context.database, manuscript))


@router.post("/{manuscript}")
def describe(
    manuscript: ManuscriptId,
    request: Request,
    access: Changing,
    tag: Tag = "",
    title: Typed = "",
    subtitle: Typed = "",
    authors: Typed = "",
    language: Typed = "",
    tags: Typed = "",
    rights: Typed = "",
    description: Long = "",
    genre: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Say what the book is. What the form does not ask for stays as it was said."""
    database = access.context.database
    before = manuscripts.read(database, manuscript)
    typed = {
        "title": title, "subtitle": subtitle, "language": language, "rights": rights,
        "description": description,
    }  # fmt: skip
    said = before.claims.model_dump(mode="json", exclude_defaults=True) | typed
    said["authors"] = parted(authors)
    try:
        said["subjects"] = _subjects(genre, tags)
        claims = claims_or_problem({name: value for name, value in said.items() if value})
        manuscripts.describe(
            database, manuscript, claims, actor=access.actor.name,
            precondition=etags.seen_in_form(tag),
        )  # fmt: skip
    except Problem as problem:
        said = typed | {"authors": authors, "tags": tags, "genre": genre}
        return manuscript_page(request, access, before, problem.reasons, said)
    return rendering.see_other(f"/write/{manuscript}")


@router.post("/{manuscript}/chapters")
def add_chapter(
    manuscript: ManuscriptId, access: Changing, part: Annotated[Part | Literal[""], Form()] = ""
) -> Response:
    """An empty one behind the others, or a dedication, an epigraph …, which is opened."""
    made = added(access, manuscript, NewChapter(part=part or None))
    return rendering.see_other(f"/write/{manuscript}/{made.id}")


@router.post("/{manuscript}/order")
def move(
    manuscript: ManuscriptId, access: Changing, chapter: Tag, by: Annotated[int, Form(ge=-1, le=1)]
) -> Response:
    """A chapter one place up or down."""
    database = access.context.database
    ids = [line.id for line in manuscripts.read(database, manuscript).chapters]
    if chapter in ids and 0 <= ids.index(chapter) + by < len(ids):
        place = ids.index(chapter)
        ids[place], ids[place + by] = ids[place + by], ids[place]
        manuscripts.arrange(database, manuscript, ids, actor=access.actor.name)
    return rendering.see_other(f"/write/{manuscript}")


@router.post("/{manuscript}/submit")
def submit(
    manuscript: ManuscriptId,
    request: Request,
    access: Annotated[Access, Depends(allow("manuscript", "submit"))],
    ingestion: Working,
    tag: Tag = "",
) -> Response:
    """As the page showed it; what follows is seen where submissions are."""
    try:
        with told():
            submitter_of(ingestion).submit(
                manuscript,
                sender=access.actor.login or access.actor.name,
                actor=access.actor.name,
                precondition=etags.seen_in_form(tag),
            )
    except (Problem, ServiceError) as error:
        now = manuscripts.read(access.context.database, manuscript)
        return manuscript_page(request, access, now, [words_of(error)])
    return rendering.see_other(f"/write/{manuscript}")


@router.post("/{manuscript}/discard")
def discard(
    manuscript: ManuscriptId, access: Annotated[Access, Depends(allow("manuscript", "delete"))]
) -> Response:
    """For good, with every version."""
    manuscripts.discard(access.context.database, manuscript, actor=access.actor.name)
    return rendering.see_other("/write?gone=true")


@router.get("/{manuscript}/{chapter}")
def show_chapter(
    manuscript: ManuscriptId, chapter: ChapterId, request: Request, access: Reading
) -> Response:
    """The chapter in the editor."""
    return _chapter_page(request, access, manuscript, chapter)


@router.post("/{manuscript}/{chapter}")
def save_chapter(
    manuscript: ManuscriptId,
    chapter: ChapterId,
    request: Request,
    access: Changing,
    form: Annotated[ChapterForm, Form()],
) -> Response:
    """Without a script: the next version, or what stands there now beside what was typed."""
    try:
        chapters.save(
            access.context.database, manuscript, chapter, form.written(),
            actor=access.actor.name, precondition=etags.seen_in_form(form.tag),
        )  # fmt: skip
    except ChangedMeanwhile:
        return _chapter_page(request, access, manuscript, chapter, form.written())
    return rendering.see_other(f"/write/{manuscript}/{chapter}")


@router.post("/{manuscript}/{chapter}/remove")
def remove_chapter(manuscript: ManuscriptId, chapter: ChapterId, access: Changing) -> Response:
    """Out of the manuscript."""
    chapters.remove(access.context.database, manuscript, chapter, actor=access.actor.name)
    return rendering.see_other(f"/write/{manuscript}")


@router.get("/{manuscript}/{chapter}/versions")
def show_versions(
    manuscript: ManuscriptId,
    chapter: ChapterId,
    request: Request,
    access: Reading,
    before: Version | None = None,
    after: Version | None = None,
) -> Response:
    """Each save, and what two of them have otherwise; at first the last two."""
    database = access.context.database
    kept = chapters.history(database, manuscript, chapter, MOST_VERSIONS)
    new = after or kept[0].version
    earlier = (one.version for one in kept if one.version < new)
    old = before or next(earlier, new)
    found = chapters.changes(database, manuscript, chapter, old, new)
    values = {
        "manuscript": manuscript, "chapter": kept[0], "versions": kept, "found": found,
        "old": old, "new": new,
    }  # fmt: skip
    return rendering.render(request, "chapter_versions", values)


def _subjects(genre: str, tags: str) -> list[str]:
    """Raises `Problem` for a genre that is none."""
    try:
        return subjects_of(genre, parted(tags))
    except LookupError as error:
        detail = "Choose a genre of the list."
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "no-genre", detail) from error


def manuscript_page(
    request: Request,
    access: Access,
    manuscript: Manuscript,
    wrong: list[str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    """The page of a manuscript, with what went `wrong`, and what was `typed` then."""
    claims = manuscript.claims
    said = {name: getattr(claims, name, None) or "" for name in FIELDS}
    said["authors"] = "; ".join(claims.authors)
    said["tags"] = "; ".join(tags_of(claims.subjects))
    said["genre"] = genre_of(claims.subjects)
    job = manuscript.job or ""
    values = {
        "manuscript": manuscript,
        "fields": FIELDS,
        "long": _LONG,
        "genres": thema_codes(rendering.page_language(request)),
        "said": typed or said,
        "tag": etags.etag_of(manuscript),
        "wrong": wrong or [],
        "job": job_states.statuses(access.context.database, [job]).get(job),
        "may_change": access.may("manuscript", "change"),
        "largest": BODY_BYTES,
        "parts_of_book": tuple(Part),
        "largest_cover": MOST_BYTES,
    }
    status = HTTPStatus.CONFLICT if wrong else HTTPStatus.OK
    return rendering.render(request, "manuscript", values, status)


def _chapter_page(
    request: Request,
    access: Access,
    manuscript: str,
    chapter: str,
    typed: WrittenChapter | None = None,
) -> Response:
    """`typed` is what was not taken, because another window had saved meanwhile."""
    database = access.context.database
    now = chapters.read(database, manuscript, chapter)
    values = {
        "manuscript": manuscripts.read(database, manuscript),
        "chapter": now,
        "typed": typed or now,
        "is_stale": typed is not None,
        "tag": etags.etag_of(now),
        "may_change": access.may("manuscript", "change"),
    }
    status = HTTPStatus.CONFLICT if typed else HTTPStatus.OK
    return rendering.render(request, "chapter", values, status)
