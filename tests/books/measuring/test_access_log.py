"""An edge's access log becomes counts by file and hour; what can't be read is counted apart."""

import io
from datetime import UTC, datetime

from ebook_pipeline.books.measuring.access_log import bounded_lines, count_downloads
from ebook_pipeline.books.measuring.downloads import What
from tests.support.access_logs import HEADER, line

SHA = "ab" * 32
BOOK, EXCERPT = f"books/emma/{SHA}.epub", f"public/books/emma/{SHA}.epub"
Fact = tuple[datetime, What, int, int]
HOUR = datetime(2026, 11, 29, 23, tzinfo=UTC)


def counted(*lines: str, header: str = HEADER) -> tuple[list[Fact], int, int]:
    stream = io.BytesIO((header + "".join(lines)).encode())
    found = count_downloads(bounded_lines(stream), "ebook-pipeline")
    facts = [(one.hour, one.what, one.times, one.bytes) for one in found.counts]
    return facts, found.lines, found.skipped


def test_what_readers_fetch_is_counted_as_our_own_edge_counts() -> None:
    lines = (
        *[line(BOOK)] * 2,
        line(BOOK, sc_status="206", sc_range_start="0", sc_bytes="10"),
        line(BOOK, sc_status="206", sc_range_start="10", sc_bytes="1"),
        line(EXCERPT, time="00:00:00"),
        line(BOOK, cs_method="HEAD"),
        line(BOOK, sc_status="403"),
        line(BOOK, sc_status="304"),
        line(BOOK, sc_bytes="0"),
        line(BOOK, agent="ebook-pipeline"),
        line(f"public/books/emma/{SHA}.jpg"),
        line("books/../secrets"),
    )
    day = HOUR.replace(hour=0)
    assert counted(*lines) == ([(day, "excerpt", 1, 100), (HOUR, "book", 3, 211)], 12, 0)


def test_columns_are_told_by_their_names_and_others_are_passed_over() -> None:
    whole = "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status"
    legacy = f"#Version: 1.0\n#Fields: {whole} cs(User-Agent) cs-uri-query sc-range-start\n"
    values = (
        f"2026-11-29\t23:00:00\tFRA\t7\t192.0.2.1\tGET\th\t/{BOOK}\t200\tT\tSignature=s3cr3t\t-"
    )
    assert counted(f"{values}\n", header=legacy) == ([(HOUR, "book", 1, 7)], 1, 0)
    assert counted(f"{values}\n".replace("\t", " "), header=legacy)[0] == [(HOUR, "book", 1, 7)]


def test_what_can_not_be_read_is_skipped_and_told() -> None:
    hostile = (
        line(BOOK, date="29.11.2026"),
        line(BOOK, date="99999-01-01"),
        line(BOOK, time="24:61:00"),
        line(BOOK, sc_bytes="-5"),
        line(BOOK, sc_bytes="٣"),
        line(BOOK, sc_bytes="9" * 16),
        line(f"{BOOK} GET 200"),
        line("x" * 200_000 + f"\t{BOOK}"),
        "\n",
        "\x00\xff\n",
        line(BOOK).rstrip(),
    )
    assert counted(*hostile) == ([(HOUR, "book", 1, 100)], 11, 10)
    for header in ("", "#Fields: date time\n", "#Remark: none\n"):
        assert counted(line(BOOK), header=header) == ([], 1, 1)
