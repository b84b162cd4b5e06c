"""Columns and where rows break."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth

from ircish.client.wrapping import cut, text_width, wrapped

texts = st.text(st.sampled_from("ab  日本é\u0301\u0300👩\u200d🚀"), max_size=60)


def rows(text: str, first: int, rest: int, keep: int = 0) -> list[str]:
    return [text[start:end] for start, end in wrapped(text, first, rest, keep)]


@pytest.mark.parametrize(
    ("text", "first", "rest", "expected"),
    [
        ("", 5, 5, [""]),
        ("one", 5, 5, ["one"]),
        ("exact", 5, 5, ["exact"]),
        ("one two three", 7, 5, ["one two", "three"]),
        ("one two three", 8, 5, ["one two", "three"]),
        ("one two three", 6, 5, ["one", "two", "three"]),
        ("one   two", 4, 4, ["one", "two"]),
        ("one two  ", 7, 7, ["one two"]),
        ("longerthanthis", 5, 6, ["longe", "rthant", "his"]),
        ("a longerthanthis", 5, 6, ["a", "longer", "thanth", "is"]),
        ("日本語日本", 4, 4, ["日本", "語日", "本"]),
        ("日本語", 5, 5, ["日本", "語"]),
        ("a日本 b", 4, 4, ["a日", "本 b"]),
        ("grüße dich", 6, 6, ["grüße", "dich"]),
        ("e\u0301e\u0301e\u0301", 2, 2, ["e\u0301e\u0301", "e\u0301"]),
        ("ab \u0301cd", 2, 4, ["ab", " \u0301cd"]),
        ("x👩\u200d🚀", 4, 4, ["x", "👩\u200d🚀"]),
    ],
)
def test_rows_break_where_a_reader_expects(
    text: str, first: int, rest: int, expected: list[str]
) -> None:
    assert rows(text, first, rest) == expected


@pytest.mark.parametrize(("text", "expected"), [("a b longer", "a b lo"), ("ä b longer", "ä b lo")])
def test_what_is_kept_is_not_broken_at_blanks(text: str, expected: str) -> None:
    assert rows(text, 6, 6, keep=4)[0] == expected
    assert rows(text, 6, 6)[0] == expected[:3]


@settings(deadline=None, max_examples=500)
@given(texts, st.integers(2, 30), st.integers(2, 30))
def test_rows_fit_and_lose_nothing_but_blanks(text: str, first: int, rest: int) -> None:
    found = wrapped(text, first, rest)
    done = 0
    for number, (start, end) in enumerate(found):
        assert text_width(text[start:end]) <= (rest if number else first)
        assert text[done:start].strip(" ") == ""
        assert number == 0 or (start < end and text_width(text[start]) > 0)
        done = end
    assert text[done:].strip(" ") == ""


@settings(deadline=None, max_examples=300)
@given(st.text())
def test_columns_are_those_of_prompt_toolkit(text: str) -> None:
    printed = "".join(char for char in text if char.isprintable())
    assert text_width(printed) == get_cwidth(printed)


@pytest.mark.parametrize(
    ("text", "width", "left"),
    [
        ("abc", 2, "ab"),
        ("abc", 0, ""),
        ("日本", 3, "日"),
        ("e\u0301x", 1, "e\u0301"),
        ("é", 5, "é"),
    ],
)
def test_a_text_is_cut_to_columns(text: str, width: int, left: str) -> None:
    assert cut(text, width) == left
