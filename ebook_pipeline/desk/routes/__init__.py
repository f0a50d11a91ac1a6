"""Routers, one for each resource; `ROUTES` is what the desk answers."""

from dataclasses import dataclass

from fastapi import APIRouter

from ebook_pipeline.desk.body_limits import DEFAULT_BYTES
from ebook_pipeline.desk.licensing import LICENSE_SERVER
from ebook_pipeline.desk.oauth.parameters import MOST_BYTES
from ebook_pipeline.desk.routes import (
    app_passwords,
    audit,
    book_files,
    book_summaries,
    book_templates,
    books,
    catalog,
    copies,
    dagster,
    description,
    direct_uploads,
    editing,
    following,
    jobs,
    license_status,
    licenses,
    manuscript_covers,
    manuscript_import,
    manuscript_names,
    manuscripts,
    me,
    metrics,
    oauth,
    oidc,
    opds,
    opinions,
    own_account,
    picture_book_art,
    picture_books,
    profile,
    programs,
    readership,
    reviews,
    sales_terms,
    sessions_api,
    shelves,
    sign_in,
    static,
    uploads,
    users,
    watching,
)
from ebook_pipeline.desk.routes.pages import (
    book_prices,
    book_steps,
    figures,
    first_page,
    licences,
    operating,
    own_licences,
    people,
    readers,
    reprocessing,
    shop,
    submitting,
    writing,
    writing_cover,
    writing_import,
    writing_names,
)
from ebook_pipeline.desk.routes.pages import books as my_books
from ebook_pipeline.desk.routes.pages import editing as editing_pages
from ebook_pipeline.desk.routes.pages import following as following_pages
from ebook_pipeline.desk.routes.pages import picture_books as picture_book_pages
from ebook_pipeline.desk.routes.pages import profile as profile_pages
from ebook_pipeline.desk.routes.pages import reviews as review_pages

API = "/api/v1"


@dataclass(frozen=True, eq=False)
class Routes:
    """A router, where it is mounted, and how many bytes a request below `prefix` may have.

    What is not `guarded` answers without the database: it asks for nobody, and counts nothing.
    """

    router: APIRouter
    prefix: str = API
    body_bytes: int = DEFAULT_BYTES
    guarded: bool = True


ROUTES: tuple[Routes, ...] = (
    Routes(catalog.router),  # first, as what is asked for most: each route before it costs it time
    Routes(description.health, prefix="", guarded=False),
    Routes(metrics.router, prefix="", guarded=False),
    Routes(static.router, prefix="", guarded=False),
    Routes(sign_in.router, prefix=""),
    Routes(first_page.router, prefix=""),
    Routes(own_account.router, prefix=""),
    Routes(profile_pages.router, prefix="", body_bytes=profile_pages.BODY_BYTES),
    Routes(book_prices.router, prefix=""),
    Routes(book_steps.router, prefix=""),
    Routes(my_books.router, prefix=""),
    Routes(submitting.router, prefix=""),
    Routes(writing_import.router, prefix="", body_bytes=manuscript_import.BODY_BYTES),
    Routes(writing_cover.router, prefix="", body_bytes=writing_cover.BODY_BYTES),
    Routes(writing_names.router, prefix="", body_bytes=manuscripts.BODY_BYTES),
    Routes(writing.router, prefix="", body_bytes=manuscripts.BODY_BYTES),
    Routes(editing_pages.router, prefix=""),
    Routes(picture_book_pages.router, prefix=""),
    Routes(review_pages.router, prefix=""),
    Routes(shop.router, prefix=""),
    Routes(readers.router, prefix=""),
    Routes(following_pages.router, prefix=""),
    Routes(licences.router, prefix=""),
    Routes(own_licences.router, prefix=""),
    Routes(operating.router, prefix=""),
    Routes(reprocessing.router, prefix=""),
    Routes(figures.router, prefix=""),
    Routes(people.router, prefix=""),
    Routes(description.router),
    Routes(me.router),
    Routes(sessions_api.router),
    Routes(users.router),
    Routes(readership.router),
    Routes(profile.router, body_bytes=profile.BODY_BYTES),
    Routes(app_passwords.router),
    Routes(books.router),
    Routes(book_files.router),
    Routes(book_summaries.router),
    Routes(sales_terms.router),
    Routes(manuscript_import.router, body_bytes=manuscript_import.BODY_BYTES),
    Routes(manuscript_covers.router, body_bytes=manuscript_covers.BODY_BYTES),
    Routes(manuscript_names.router, body_bytes=manuscripts.BODY_BYTES),
    Routes(manuscripts.new_books),
    Routes(manuscripts.router, body_bytes=manuscripts.BODY_BYTES),
    Routes(editing.router),
    Routes(picture_book_art.router, body_bytes=picture_book_art.BODY_BYTES),
    Routes(picture_books.router),
    Routes(book_templates.router),
    Routes(reviews.router),
    Routes(opinions.router),
    Routes(shelves.router),
    Routes(following.router),
    Routes(licenses.router),
    Routes(copies.router),
    Routes(opds.router, prefix=""),
    Routes(license_status.router, prefix=LICENSE_SERVER),
    Routes(oidc.router, prefix=""),
    Routes(programs.router),
    Routes(audit.router),
    Routes(oauth.router, prefix="", body_bytes=MOST_BYTES),
    Routes(oauth.documents, prefix=""),
    Routes(dagster.router, prefix="", body_bytes=dagster.MOST_BYTES),
    Routes(jobs.router),
    Routes(watching.router),
    Routes(direct_uploads.router),
    Routes(uploads.router, body_bytes=uploads.BODY_BYTES),
)
