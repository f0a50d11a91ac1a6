"""``ebooks protect`` and ``ebooks license``: secrets stay in files, and wrong usage is said."""

import json
import stat
from pathlib import Path

import pikepdf
import pytest
from click.testing import CliRunner, Result

from ebook_pipeline.books.protecting.lcp.encryption import same_resources
from ebook_pipeline.books.protecting.lcp.pdf_package import same_pdf
from ebook_pipeline.cli import ebooks
from ebook_pipeline.foundation.secrets import Secret
from tests.support.books import mixed_epub as epubs
from tests.support.books import pdf as pdfs

PASSPHRASE = "correct horse, battery staple"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    epubs.write(tmp_path / "book.epub")
    pdfs.book(tmp_path / "book.pdf", pages=2)
    (tmp_path / "passphrase").write_text(f"{PASSPHRASE}\n")


def run(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(ebooks, words, input=stdin)


def key_in(name: str) -> Secret:
    return Secret(Path(name).read_bytes())


@pytest.mark.parametrize(("ending", "made"), [("epub", "out.epub"), ("pdf", "out.lcpdf")])
def test_the_key_goes_to_a_file_that_its_owner_alone_may_read(ending: str, made: str) -> None:
    done = run("protect", f"book.{ending}", made, "--key-to", "key", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["protection"] == "lcp"
    assert "TEST ONLY" in done.stderr
    assert stat.S_IMODE(Path("key").stat().st_mode) == 0o600
    assert key_in("key").reveal().hex() not in done.output
    opens = same_pdf(Path("book.pdf"), Path(made), key_in("key")) if ending == "pdf" else (
        same_resources(Path("book.epub"), Path(made), key_in("key")) == ()
    )  # fmt: skip
    assert opens
    again = run("protect", f"book.{ending}", f"2{made}", "--key-from", "key")
    assert again.exit_code == 0
    if ending == "epub":
        assert Path(f"2{made}").read_bytes() == Path(made).read_bytes()


@pytest.mark.parametrize("ending", ["epub", "pdf"])
def test_a_marked_copy_leads_back_to_its_order(ending: str) -> None:
    copy = f"copy.{ending}"
    mark = ("protect", f"book.{ending}", copy, "--social", "A-17", "--name", "Zoë & <Co>")
    assert run(*mark, "--secret", "marks").exit_code == 0
    Path("orders").write_text("A-16\nA-17\n")
    found = run("protect", copy, "--trace", "orders", "--secret", "marks", "--json")
    assert (found.exit_code, json.loads(found.stdout)["order"]) == (0, "A-17")
    plain = run("protect", f"book.{ending}", "--trace", "orders", "--secret", "marks")
    assert (plain.exit_code, plain.stdout) == (1, "")


@pytest.mark.parametrize("source", ["passphrase", "-"])
def test_a_pdf_gets_a_password_from_a_file_or_a_pipe(source: str) -> None:
    done = run("protect", "book.pdf", "out.pdf", "--password-from", source, stdin=PASSPHRASE)
    assert done.exit_code == 0
    assert PASSPHRASE not in done.output
    with pikepdf.open("out.pdf", password=PASSPHRASE) as pdf:
        assert len(pdf.pages) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("protect", "book.epub", "out.epub"),
        ("protect", "book.epub", "out.epub", "--key-to", "k", "--social", "A"),
        ("protect", "book.epub", "book.pdf", "--key-to", "k"),
        ("protect", "gone.epub", "out.epub", "--key-to", "k"),
        ("protect", "book.epub", "out.epub", "--key-to", "passphrase"),
        ("protect", "book.epub", "out.epub", "--key-from", "passphrase"),
        ("protect", "book.epub", "out.epub", "--password-from", "passphrase"),
        ("protect", "book.epub", "out.epub", "--social", "A"),
        ("protect", "book.epub", "--trace", "passphrase"),
        ("license",),
        ("license", "emma", "--reader", "r"),
        ("license", "emma", "--revoke", "id"),
        ("license", "--renew", "id"),
        ("license", "emma", "--reader", "r", "--passphrase-from", "gone"),
        ("license", "emma", "--reader", "r", "--passphrase-from", "passphrase", "--end", "soon"),
    ],
)
def test_wrong_usage_is_said_and_writes_nothing(words: tuple[str, ...]) -> None:
    before = {path.name for path in Path().iterdir()}
    done = run(*words)
    assert done.exit_code == 2
    assert PASSPHRASE not in done.output
    assert {path.name for path in Path().iterdir()} == before


@pytest.mark.parametrize("body", [b"", b"\n", b"\xff\xfe", b"y" * 5000])
def test_what_is_no_passphrase_is_refused_without_showing_it(body: bytes) -> None:
    Path("odd").write_bytes(body)
    done = run("license", "emma", "--reader", "r", "--passphrase-from", "odd")
    assert (done.exit_code, "passphrase" in done.output) == (2, True)
    assert "yyyy" not in done.output


def test_a_book_that_cannot_be_protected_is_a_finding() -> None:
    Path("odd.epub").write_bytes(b"no zip")
    done = run("protect", "odd.epub", "out.epub", "--key-to", "key")
    assert (done.exit_code, "lcp.damaged-container" in done.stderr) == (1, True)
    assert not Path("out.epub").exists()
