"""Every column of the schema in its class of data: what is not in this table fails a test.

PERSONAL names or reaches a person, and is sealed in the database. ACTOR is the login in whose name
something was done: readable, and another one once the person is erased. SECRET opens something, or
is the hash of what does. CONTENT is what books, submitters and editors say; it goes with its book.
TECHNICAL is all else.
"""

from enum import StrEnum


class DataClass(StrEnum):
    PERSONAL = "personal"
    ACTOR = "actor"
    SECRET = "secret"  # noqa: S105 - a class of data
    CONTENT = "content"
    TECHNICAL = "technical"


P, A, S, C, T = DataClass

CLASSES: dict[str, dict[DataClass, str]] = {
    "account": {A: "actor", C: "name", T: "id texts_per_day price_fall at"},
    "api_key": {
        A: "person",
        S: "digest",
        C: "name",
        T: "id account role scopes at last_used_at ends_at ended_at",
    },
    "app_password": {A: "person", S: "digest", C: "name", T: "id at last_used_at ended_at"},
    "audit": {P: "detail", A: "actor", T: "id action book at correlation"},
    "audit_head": {T: "position hash at"},
    "audit_link": {T: "position audit at book_digest written facts before hash"},
    "audit_unlinked": {T: "audit"},
    "authorization_code": {S: "digest challenge", T: "family redirect_uri ends_at used_at"},
    "book": {T: "id work at account imprint"},
    "book_fingerprint": {T: "book fingerprint blobs run told at"},
    "book_progress": {
        T: "book submitted changed edition stage outcome ended_at stage_run state lock_key"
    },
    "book_summary": {A: "locked_by", C: "document words", T: "book release at"},
    "book_view": {T: "book day kind times"},
    "catalog": {
        C: "title subtitle creators subjects description document search heading"
        " heading_forms text_forms",
        T: "book release state rolled_back_from languages isbn13 published changed_at facets"
        " sold_from barred taken_down",
    },
    "catalog_word": {C: "word"},
    "chapter": {T: "id manuscript place version removed_at thinned"},
    "chapter_version": {A: "actor", C: "heading text", T: "chapter number words at"},
    "contact": {P: "address", A: "confirmed_by", S: "code", T: "account asked_at confirmed_at"},
    "content_key": {S: "wrapped", T: "id book edition at wrapped_for"},
    "credential": {A: "person", S: "password", T: "changed_at"},
    "copy": {
        P: "shop_order",
        A: "actor",
        S: "mark",
        T: "book form release edition sha256 length at client",
    },
    "daily_figure": {T: "day metric account format language stage rule value events at"},
    "decision": {A: "actor", C: "note reasons", T: "id task approved at resumed_at"},
    "delivery": {T: "subscriber event position book attempts error since next_at dead_at"},
    "description": {
        C: "document title work_key sketch forms",
        T: "id book edition data_version isbns at",
    },
    "dismissal": {A: "person", T: "work at"},
    "edge_check": {T: "id run book release point asked whole status milliseconds bytes fault at"},
    "edge_incident": {T: "id point book scope faults began_at ended_at"},
    "edge_turn": {T: "book checked_at"},
    "edit_comment": {
        A: "actor settled_by",
        C: "exact prefix suffix text",
        T: "id manuscript round chapter version parent start end at settled_at",
    },
    "edit_round": {
        A: "actor decided_by",
        C: "note",
        T: "manuscript number at decision decided_at",
    },
    "edition": {P: "claims", T: "id book number sha256 length media_type source at"},
    "erasure": {A: "actor", S: "digest", T: "id pseudonym at ended_at"},
    "feed_message": {T: "id kind path sha256 products bytes at"},
    "feed_turn": {T: "feed shown_at at"},
    "field_lock": {A: "actor", C: "value", T: "book field at"},
    "followed_author": {A: "person", C: "author name", T: "id at"},
    "house_key": {S: "wrapped", T: "name at"},
    "identity": {P: "subject", A: "person", T: "issuer at"},
    "imprint": {A: "actor", C: "name", T: "key account at"},
    "ingestion_metrics": {T: "book edition seconds bytes findings words pages verdict at"},
    "job": {P: "claims", A: "actor", T: "id account at cancelled_at"},
    "lake_file": {T: "key day rows bytes version at"},
    "license": {
        P: "reader hint",
        A: "holder",
        S: "user_key",
        T: "id book edition form provider pages characters starts ends may_end issued updated"
        " status_updated state client request request_digest",
    },
    "license_event": {P: "device device_name", A: "actor", T: "id license type at"},
    "manifestation": {T: "id edition form isbn13 sha256 length media_type at"},
    "manuscript": {
        P: "claims",
        A: "actor",
        T: "id account job state at changed_at submitted_at",
    },
    "manuscript_cover": {A: "actor", C: "picture small facts", T: "manuscript sha256 at"},
    "manuscript_name": {A: "actor", C: "name", T: "manuscript at"},
    "named_chapter": {C: "name", T: "manuscript place chapter version"},
    "manuscript_editor": {A: "person actor", T: "manuscript at"},
    "meaning": {C: "figures", T: "book model"},
    "membership": {A: "person actor", T: "account role at"},
    "notice": {
        P: "who address message",
        T: "id kind cause about book channel language state attempts at due claimed_at closed_at"
        " sent_as why account",
    },
    "oauth_client": {
        A: "person",
        S: "secret",
        C: "name",
        T: "id account role scopes redirect_uris at ended_at",
    },
    "one_time_link": {
        P: "address",
        A: "person actor",
        S: "digest",
        T: "purpose at ends_at used_at",
    },
    "onix_sent": {T: "book digests at"},
    "opinion": {
        P: "signed",
        A: "person",
        C: "text reasons note appeal",
        T: "id work stars state reports cleared helpful unhelpful at changed_at waits_since",
    },
    "opinion_report": {A: "person", C: "note", T: "opinion reason at"},
    "opinion_summary": {C: "document", T: "work digest at"},
    "opinion_vote": {A: "person", T: "opinion helpful at"},
    "outbox": {P: "payload", T: "id event book at uid version correlation position causation"},
    "person": {P: "name email", A: "login actor", T: "id at left_at email_confirmed_at"},
    "picture_book": {A: "actor", T: "key account version state book at changed_at"},
    "picture_book_name": {P: "name", T: "picture_book field"},
    "picture_book_stage": {C: "detail", T: "picture_book stage outcome seconds tokens at"},
    "picture_book_version": {
        P: "brief",
        A: "actor",
        C: "made",
        T: "picture_book number attempts at",
    },
    "profile": {P: "avatar", A: "person", T: "language theme changed_at"},
    "rating": {T: "work stars_1 stars_2 stars_3 stars_4 stars_5"},
    "rate_limit": {T: "key due step span allowed"},
    "preview_link": {A: "actor", S: "code", T: "book target at expires_at removed_at"},
    "price": {A: "actor", T: "id book territory type currency amount valid_from valid_until at"},
    "reader_recommendations": {A: "person", T: "fingerprint document at"},
    "recommendation_model": {T: "day signals readers works ndcg popular_ndcg at"},
    "recipient": {P: "who preferences", T: "changed_at"},
    "refresh_token": {S: "digest", T: "family at ends_at used_at"},
    "refused_arrival": {A: "actor", C: "landing_key finding", T: "id digest at"},
    "release": {C: "entry product", T: "id book edition name distribution at"},
    "reprocessing": {
        A: "actor",
        C: "condition",
        T: "id stage alone cause state books_per_run books planned_hours at resumed_at ended_at"
        " told_at",
    },
    "reprocessing_book": {
        C: "reason",
        T: "reprocessing place book run attempts handed_at outcome stage ended_at",
    },
    "reprocessing_schedule": {A: "actor", C: "condition", T: "name stage alone cron next_at at"},
    "review_flag": {A: "actor", C: "reason", T: "id book edition at settled_at"},
    "review_route": {
        P: "assignee escalate_to",
        T: "task priority due rules assignments escalated_at",
    },
    "review_task": {C: "evidence", T: "id book edition report stage state at closed_at"},
    "revoked_token": {T: "jti ends_at"},
    "round_chapter": {T: "manuscript round place chapter version"},
    "sales_right": {A: "actor", T: "book territory type at"},
    "session": {A: "person", S: "digest", T: "method at seen_at ends_at"},
    "signing_key": {S: "sealed", T: "kid public at retired_at"},
    "source": {T: "landing_key book at"},
    "shelf_entry": {A: "person", T: "work shelf changed_at"},
    "stage_run": {
        C: "detail",
        T: "id run book edition stage outcome seconds data_version at",
    },
    "stage_version": {T: "stage version facts is_first books hours answer at"},
    "submission": {
        P: "claims",
        A: "actor",
        T: "id book landing_key version source length blob origin state edition run at closed_at",
    },
    "subscriber": {T: "name position paused_until disabled"},
    "token_family": {A: "person", T: "id client scopes at ended_at why"},
    "tombstone": {A: "actor", C: "reason", T: "id digest contents arrivals at ended_at"},
    "unsealed": {T: "table"},
    "upload": {
        A: "sender",
        C: "name finding",
        T: "id job way landing_key length received promised sha256 place state holder at moved_at"
        " expires_at",
    },
    "work": {T: "id at"},
    "work_links": {T: "work signals others weights"},
}

ACTOR_TEXTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("audit", "detail"): (
        "by",
        "editor",
        "escalate_to",
        "person",
        "user",
        "who",
    ),
    ("outbox", "payload"): ("actor", "by"),
}
"""Texts of JSON columns that are of class ACTOR: logins, or actors, of whom something is told."""


def class_of(table: str, column: str) -> DataClass:
    """The column's class. Raises KeyError where nobody has said it."""
    for data_class, columns in CLASSES[table].items():
        if column in columns.split():
            return data_class
    raise KeyError(f"{table}.{column}")


def columns_of(data_class: DataClass) -> tuple[tuple[str, str], ...]:
    """Every column of this class, as pairs of table and column."""
    return tuple(
        (table, column)
        for table, classes in CLASSES.items()
        for column in classes.get(data_class, "").split()
    )
