"""One document of what file and product say: each field with who says it."""

from ebook_pipeline.books.describing.metadata_document.document import metadata_document
from ebook_pipeline.books.records import Origin, Product, Provenance

MODEL, SUBMITTER = Provenance(origin=Origin.MODEL, model="m"), Provenance(origin=Origin.SUBMITTER)
FILE = {"origin": "file"}


def test_what_the_file_states_wins_over_a_model_and_is_not_called_generated() -> None:
    product = Product(title="A", keywords=("guessed",), provenance={"keywords": MODEL})
    drawn = metadata_document("a.pdf", product, {"format": "pdf", "keywords": ["stated"]})
    assert drawn["keywords"] == ["stated"]
    assert (drawn["provenance"]["keywords"], drawn["generated"]) == (FILE, [])


def test_the_submitter_wins_over_what_the_file_states() -> None:
    product = Product(title="Mine", rights="Ours", provenance={"title": SUBMITTER})
    drawn = metadata_document(
        "a.pdf", product, {"format": "pdf", "title": "Theirs", "rights": ["Theirs"]}
    )
    assert (drawn["title"], drawn["rights"]) == ("Mine", ["Theirs"])
    assert drawn["provenance"]["title"] == {"origin": "submitter"}
    assert drawn["provenance"]["rights"] == FILE


def test_counts_of_the_file_have_no_speaker() -> None:
    drawn = metadata_document(
        "a.pdf", Product(title="A"), {"format": "pdf", "pages": 3, "tagged": False}
    )
    assert (drawn["pages"], drawn["tagged"], drawn["provenance"]) == (3, False, {})
