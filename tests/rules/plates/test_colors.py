import pytest

from plateward.plates import color_spellings, color_word


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [
        ("grey", "gray"),
        ("Grey", "Gray"),
        ("GREY", "GRAY"),
        ("light greyish", "light grayish"),
        ("red", "red"),
    ],
)
def test_a_color_is_spelled_one_way(typed: str, spelled: str) -> None:
    assert color_word(typed) == spelled


def test_a_color_is_looked_for_in_both_spellings() -> None:
    assert color_spellings("dark grey") == color_spellings("dark gray") == ("dark gray", "dark grey")
    assert color_spellings("white") == ("white",)
    assert color_spellings("") == ("",)
