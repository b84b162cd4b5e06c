"""Masks: the same answers as a plain definition gives, and never slow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ircish.chat.masks import matches


@pytest.mark.parametrize(
    ("mask", "text", "fits"),
    [
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("*", "ann", True),
        ("**", "", True),
        ("?", "", False),
        ("?", "a", True),
        ("?", "?", True),
        ("a?", "a", False),
        ("ann", "ann", True),
        ("ann", "anna", False),
        ("a*", "ann", True),
        ("*n", "ann", True),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*nn*", "ann", True),
        ("*a*a*", "a", False),
        ("?*?", "a", False),
        ("?*?", "ab", True),
        ("*?n*", "n", False),
        ("*b?d*", "abcde", True),
        ("[a-z]", "a", False),
        ("[a-z]", "[a-z]", True),
        ("A*", "ann", False),
        ("é*", "éa", True),
    ],
)
def test_a_mask_fits_the_whole_text(mask: str, text: str, fits: bool) -> None:
    assert matches(mask, text) is fits


def by_definition(mask: str, text: str) -> bool:
    if not mask:
        return not text
    if mask[0] == "*":
        return any(by_definition(mask[1:], text[start:]) for start in range(len(text) + 1))
    return bool(text) and mask[0] in ("?", text[0]) and by_definition(mask[1:], text[1:])


@given(st.text("ab*?", max_size=8), st.text("ab?", max_size=8))
def test_a_mask_fits_what_it_fits_by_definition(mask: str, text: str) -> None:
    assert matches(mask, text) == by_definition(mask, text)


def test_a_mask_full_of_stars_does_not_try_every_way() -> None:
    class Counted(str):
        finds = 0

        def find(self, *where: object) -> int:  # type: ignore[override]
            Counted.finds += 1
            return super().find(*where)  # type: ignore[arg-type]

    assert not matches("*a" * 200 + "*b*", Counted("a" * 500))
    assert Counted.finds == 201


@pytest.mark.parametrize(
    "mask", ["*" + "?" * 50 + "x*", "*" + "a?" * 25 + "x*", "*?a" * 20 + "*?x*"]
)
def test_a_mask_full_of_question_marks_looks_at_each_character_once(mask: str) -> None:
    class Counted(str):
        looks = 0

        def __getitem__(self, where: object) -> str:  # type: ignore[override]
            found = super().__getitem__(where)  # type: ignore[index]
            Counted.looks += len(found)
            return found

    assert not matches(mask, Counted("a" * 500))
    assert Counted.looks <= 500
