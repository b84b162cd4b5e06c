"""Text fit to be shown: nothing that steers a terminal or hides what it says."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ircish.text import MOST_MARKS, UNSAFE, cleaned, printable, shortened

NASTY = (
    [chr(n) for n in (*range(32), *range(0x7F, 0xA0))]
    + list("\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202e\u2060\u2066")
    + list("\u2069\ufeff\ufff9\U000e0001\U000e0041\U000e007f")
)
KEPT = [*list("aZ 1,é日م👩🚀́️#:"), "\x0304,05", "\x04ff0000"]
nasty_texts = st.lists(st.one_of(st.sampled_from(NASTY + KEPT), st.characters()), max_size=12)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("plain words", "plain words"),
        ("grüße 日本 مرحبا 👋", "grüße 日本 مرحبا 👋"),
        ("\x1b[2Jgone\x07", "[2Jgone"),
        ("\x9b2Jgone\x85\x7f\b", "2Jgone"),
        ("a\tb\0c", "abc"),
        ("abc\u202etxt.exe\u202c", "abctxt.exe"),
        ("\u2066a\u2069\u200e\u200f\u061c", "a"),
        ("pay\u200bpal\ufeff\u2060", "paypal"),
        ("a\u2028b\u2029c", "abc"),
        ("x\U000e0041\U000e007fy", "xy"),
        ("\x02bold\x02 \x1ditalic\x0f", "bold italic"),
        ("\x034,12red\x03 and \x0399 digits", "red and  digits"),
        ("\x0312345", "345"),
        ("\x04ff00ffhex\x04plain", "hexplain"),
        ("\x03٣ stays", "٣ stays"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("\u200da\u200d", "a"),
        ("a\u200d b \u200cc", "a b c"),
        ("a\u200d\u200db", "ab"),
        ("1\u200d2", "12"),
        ("\u200e\u200da", "a"),
        ("a\u200d\x9b", "a"),
        ("a\u200d\u200e", "a"),
        ("a\x02\u200d\x02b", "a\u200db"),
        ("[\u200d]", "[]"),
    ],
)
def test_only_what_can_be_read_is_shown(text: str, shown: str) -> None:
    assert printable(text) == shown


@settings(deadline=None, max_examples=300)
@given(nasty_texts.map("".join))
def test_nothing_unprintable_survives(text: str) -> None:
    shown = printable(text)
    for index, char in enumerate(shown):
        if char in "\u200c\u200d":
            around = shown[index - 1 : index] + shown[index + 1 : index + 2]
            assert len(around) == 2
            assert not any(c.isspace() or c in "\u200c\u200d" or c < "A" for c in around)
        else:
            assert unicodedata.category(char) != "Cc"
            assert char not in NASTY


@settings(deadline=None, max_examples=300)
@given(nasty_texts.map("".join))
def test_what_is_shown_is_shown_the_same_again(text: str) -> None:
    assert printable(printable(text)) == printable(text)


@settings(deadline=None, max_examples=100)
@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_readable_text_is_not_touched(text: str) -> None:
    assert printable(text) == text


# What is kept of it -------------------------------------------------------------------------------

CODES = "\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f"
ACUTE = "\u0301"
hostile_texts = st.lists(
    st.one_of(
        st.sampled_from([*NASTY, *KEPT, ACUTE, ACUTE * 4, "\u20dd", *CODES, "\x01"]),
        st.characters(),
    ),
    max_size=24,
).map("".join)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        ("plain words", "plain words"),
        ("grüße 日本 مرحبا 👋", "grüße 日本 مرحبا 👋"),
        (CODES, CODES),
        ("\x02bold\x02 \x0304,12red\x0f", "\x02bold\x02 \x0304,12red\x0f"),
        ("a\tb", "a b"),
        ("\x1b[2J\x1b]52;c;aGk=\x07", "[2J]52;c;aGk="),
        ("\x9b2Jgone\x85\x7f\b", "2Jgone"),
        ("\x05\x0e\x10\x12\x15\x17\x1c", ""),
        ("abc\u202etxt.exe\u202c\u2066\u200b\ufeff\U000e0041", "abctxt.exe"),
        ("\x01ACTION waves\x01", "\x01ACTION waves\x01"),
        ("\x01ACTION a\x01b\tc", "\x01ACTION ab c"),
        ("\x01\x01", "\x01\x01"),
        ("\x01\x01\x01", "\x01\x01"),
        ("\x01", "\x01"),
        ("a\x01", "a"),
        ("👩\u200d🚀 می\u200cخواهم", "👩\u200d🚀 می\u200cخواهم"),
        ("\u200da\u200d \x02\u200d", "a \x02"),
        (f"e{ACUTE * 4}", f"e{ACUTE * 4}"),
        (f"e{ACUTE * 400}f{ACUTE}", f"e{ACUTE * 4}f{ACUTE}"),
        (f"e{ACUTE * 3}\x02{ACUTE * 3}\x0304{ACUTE}f", f"e{ACUTE * 3}\x02{ACUTE}f"),
        (f"e{ACUTE * 3}\u200d{ACUTE * 3}", f"e{ACUTE * 3}\u200d{ACUTE}"),
        (f"…{ACUTE * 3}…{ACUTE * 3}", f"…{ACUTE * 3}…{ACUTE * 3}"),
    ],
)
def test_what_comes_from_outside_is_kept_without_what_could_do_harm(text: str, kept: str) -> None:
    assert cleaned(text) == kept


@settings(deadline=None, max_examples=500)
@given(hostile_texts)
def test_of_what_could_do_harm_only_formatting_codes_and_the_ends_of_ctcp_are_kept(
    text: str,
) -> None:
    kept = cleaned(text)
    inner = kept.removeprefix("\x01")
    inner = inner.removesuffix("\x01") if inner != kept else inner
    assert set(UNSAFE.findall(inner)) <= set(CODES)
    marks = 0
    for char in printable(inner):
        if char not in "\u200c\u200d":
            marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        assert marks <= MOST_MARKS


@settings(deadline=None, max_examples=500)
@given(hostile_texts)
def test_what_is_kept_is_kept_the_same_again(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)


@settings(deadline=None, max_examples=100)
@given(st.text(st.characters(codec="ascii", min_codepoint=32, max_codepoint=126)))
def test_plain_text_is_not_even_copied(text: str) -> None:
    assert cleaned(text) is text


@pytest.mark.parametrize(
    ("text", "most", "left"),
    [("", 5, ""), ("hello", 5, "hello"), ("hello!", 5, "hell…"), ("hell no", 6, "hell…")],
)
def test_a_long_text_is_shortened(text: str, most: int, left: str) -> None:
    assert shortened(text, most) == left
