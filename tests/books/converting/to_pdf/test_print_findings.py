"""What a reader of the PDF misses is said with how much, where and what to do."""

from collections import Counter

from ebook_pipeline.books.converting.to_pdf import print_findings
from ebook_pipeline.books.converting.to_pdf.spine_part import PrintLosses
from ebook_pipeline.foundation.findings import Severity


def test_letters_count_whatever_their_case_and_form() -> None:
    book = Counter("Der Fluß ist tief, efficient. " * 3)
    pdf = Counter({"DER FLUSS IST TIEF": 3, "e": 3, "\ufb03": 3, "cient": 3})
    assert print_findings.share_found(book, pdf) == 1


def test_a_book_that_lost_a_chapter_goes_to_review() -> None:
    book = Counter("abcdefghij" * 100)
    (finding,) = print_findings.letter_findings(book, Counter("abcdefghij" * 97))
    assert (finding.rule, finding.severity) == ("convert.text-lost", Severity.WARNING)
    assert "97.0%" in finding.message
    assert list(print_findings.letter_findings(book, Counter("abcdefghij" * 99))) == []


def test_a_picture_book_with_a_few_letters_has_lost_nothing() -> None:
    assert print_findings.share_found(Counter("Cover"), Counter()) == 1


def test_many_outside_resources_are_named_by_the_first_few() -> None:
    losses = PrintLosses(remote={f"http://x.example/{number}" for number in range(9)}, media=2)
    remote, media = print_findings.loss_findings(losses)
    assert remote.message.endswith("and 4 more.")
    assert (media.rule, media.severity) == ("convert.media", Severity.INFO)


def test_a_faithful_pdf_says_nothing() -> None:
    nothing = [
        *print_findings.loss_findings(PrintLosses()),
        *print_findings.size_findings(0, False),
        *print_findings.link_findings(0),
        *print_findings.font_findings(()),
    ]
    assert nothing == []
