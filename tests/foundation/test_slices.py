from ebook_pipeline.foundation.slices import slices


def test_slices_have_everything_once_in_its_order() -> None:
    assert list(slices("abcdefg", 3)) == ["abc", "def", "g"]
    assert list(slices([1, 2], 2)) == [[1, 2]]
    assert list(slices((), 2)) == []
