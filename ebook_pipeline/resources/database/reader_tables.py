"""What readers say of works and do with them, the sums of it, and what is made of it."""

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from ebook_pipeline.resources.database.columns import (
    CleanJson,
    CleanText,
    identity,
    metadata,
    moment,
    now,
    one_of,
)
from ebook_pipeline.resources.database.personal import PersonalText

__all__ = [
    "book_summary",
    "book_view",
    "dismissal",
    "followed_author",
    "opinion",
    "opinion_report",
    "opinion_summary",
    "opinion_vote",
    "rating",
    "reader_recommendations",
    "recommendation_model",
    "shelf_entry",
    "work_links",
]


def _work(*, primary_key: bool = False) -> "Column[int]":
    key = ForeignKey("work.id", ondelete="CASCADE")
    return Column("work", BigInteger, key, primary_key=primary_key, nullable=False)


def _person(*, primary_key: bool = False) -> "Column[str]":
    key = ForeignKey("person.login")
    return Column("person", Text, key, primary_key=primary_key, nullable=False)


def _opinion() -> "Column[int]":
    key = ForeignKey("opinion.id", ondelete="CASCADE")
    return Column("opinion", BigInteger, key, primary_key=True)


opinion = Table(
    "opinion",
    metadata,
    identity(),
    _work(),
    _person(),
    Column("stars", SmallInteger, nullable=False),
    Column("text", CleanText, nullable=False),
    Column("signed", PersonalText("signature"), nullable=False),
    Column("state", Text, nullable=False),
    Column("reasons", ARRAY(CleanText), nullable=False, server_default="{}"),
    Column("note", CleanText, nullable=False, server_default=""),
    Column("appeal", CleanText, nullable=False, server_default=""),
    Column("reports", Integer, nullable=False, server_default="0"),
    Column("cleared", Boolean, nullable=False, server_default="false"),
    Column("helpful", Integer, nullable=False, server_default="0"),
    Column("unhelpful", Integer, nullable=False, server_default="0"),
    now(),
    now("changed_at"),
    moment("waits_since"),
    UniqueConstraint("person", "work"),
    CheckConstraint("stars BETWEEN 1 AND 5", name="stars"),
    one_of("state", "visible", "held", "hidden"),
    Index("opinion_newest_idx", "work", "id", postgresql_where=text("state = 'visible'")),
    Index(
        "opinion_helpful_idx", "work", "helpful", "id", postgresql_where=text("state = 'visible'")
    ),
    Index(
        "opinion_waits_idx", "waits_since", "id", postgresql_where=text("waits_since IS NOT NULL")
    ),
    comment="One for a reader and a work. held: nobody else sees it before a moderator has decided;"
    " reasons: why; note: the moderator's; cleared: reports hold it no more; waits_since: for a"
    " moderator, be it held, reported or appealed.",
)

opinion_vote = Table(
    "opinion_vote",
    metadata,
    _opinion(),
    _person(primary_key=True),
    Column("helpful", Boolean, nullable=False),
    now(),
    Index("opinion_vote_person_idx", "person"),
    comment="opinion.helpful and unhelpful are its sums, kept by a trigger.",
)

opinion_report = Table(
    "opinion_report",
    metadata,
    _opinion(),
    _person(primary_key=True),
    Column("reason", Text, nullable=False),
    Column("note", CleanText, nullable=False),
    now(),
    one_of("reason", "spam", "hate", "spoiler", "personal-data", "off-topic", "other"),
    Index("opinion_report_person_idx", "person"),
)

rating = Table(
    "rating",
    metadata,
    _work(primary_key=True),
    *(Column(f"stars_{number}", Integer, nullable=False) for number in range(1, 6)),
    CheckConstraint(
        " AND ".join(f"stars_{number} >= 0" for number in range(1, 6)), name="not_negative"
    ),
    comment="How many visible opinions of a work give so many stars, kept by a trigger.",
)

shelf_entry = Table(
    "shelf_entry",
    metadata,
    _work(primary_key=True),
    _person(primary_key=True),
    Column("shelf", Text, nullable=False),
    now("changed_at"),
    one_of("shelf", "to-read", "reading", "read"),
    Index("shelf_entry_person_idx", "person", "changed_at"),
)

dismissal = Table(
    "dismissal",
    metadata,
    _work(primary_key=True),
    _person(primary_key=True),
    now(),
    Index("dismissal_person_idx", "person"),
    comment="What is recommended to a reader no more.",
)

followed_author = Table(
    "followed_author",
    metadata,
    identity(),
    _person(),
    Column("author", CleanText, nullable=False),
    Column("name", CleanText, nullable=False),
    now(),
    UniqueConstraint("person", "author"),
    CheckConstraint("author <> ''", name="author"),
    Index("followed_author_author_idx", "author", "id"),
    comment="Of whose new books a reader is told. author: the name as names are compared; name: as"
    " it stood on the book.",
)

book_summary = Table(
    "book_summary",
    metadata,
    Column("book", Text, ForeignKey("book.id", ondelete="CASCADE"), primary_key=True),
    Column("release", Text, nullable=False),
    Column("document", CleanJson),
    Column("words", CleanText, nullable=False, server_default=""),
    Column("locked_by", CleanText),
    now(),
    CheckConstraint("(words <> '') = (locked_by IS NOT NULL)", name="locked"),
    comment="document: a machine's, of the book as it was in this release, or null where nothing"
    " can be said; words: a person's, which stand in its place.",
)

book_view = Table(
    "book_view",
    metadata,
    Column("book", Text, ForeignKey("book.id", ondelete="CASCADE"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("times", BigInteger, nullable=False),
    one_of("kind", "page", "excerpt"),
    CheckConstraint("times > 0", name="times"),
    comment="How often a book's page, and the excerpt on it, were asked for on a day (UTC); by whom"
    " is not known.",
)

work_links = Table(
    "work_links",
    metadata,
    _work(primary_key=True),
    Column("signals", Integer, nullable=False),
    Column("others", ARRAY(BigInteger), nullable=False),
    Column("weights", ARRAY(REAL), nullable=False),
    CheckConstraint("cardinality(others) = cardinality(weights)", name="weights"),
    Index("work_links_signals_idx", "signals", "work"),
    comment="What having taken up a work says for others; signals: how many readers the model knew"
    " that from. Replaced as a whole by the next model.",
)

recommendation_model = Table(
    "recommendation_model",
    metadata,
    Column("day", Text, primary_key=True),
    Column("signals", Integer, nullable=False),
    Column("readers", Integer, nullable=False),
    Column("works", Integer, nullable=False),
    Column("ndcg", Double),
    Column("popular_ndcg", Double),
    now(),
    Index("recommendation_model_at_idx", "at"),
)

reader_recommendations = Table(
    "reader_recommendations",
    metadata,
    _person(primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("document", CleanJson, nullable=False),
    now(),
    comment="Works in order with their reasons; fingerprint: of what the reader had done by then,"
    " and of the model.",
)

opinion_summary = Table(
    "opinion_summary",
    metadata,
    _work(primary_key=True),
    Column("digest", Text, nullable=False),
    Column("document", CleanJson, nullable=False),
    now(),
    comment="Made by a machine of what readers said; digest: of all that it was made from.",
)
