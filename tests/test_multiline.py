"""Messages of several lines: collected, and cut again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ircish.errors import Refused
from ircish.multiline import Draft, pieces
from ircish.wire import NO_TAGS

TEXTS = st.lists(st.text("ab äß🧀\n ", max_size=20), max_size=6).map("".join)
"""Texts of characters of one, two and four bytes, some of them blank lines."""


@given(TEXTS, st.data(), st.integers(4, 40))
def test_the_pieces_of_a_text_fit_and_make_it_again(
    text: str, data: st.DataObject, room: int
) -> None:
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=5, unique=True))
    parts = list(pieces(text, sorted(places), room))
    assert all(len(part.text.encode()) <= room for part in parts)
    assert all(part.text for part in parts if part.joined)
    whole = "".join(("" if part.joined else "\n") + part.text for part in parts)
    assert whole == f"\n{text}"


@pytest.mark.parametrize(
    ("text", "breaks", "room", "cut"),
    [
        ("hello", (), 10, ["hello"]),
        ("a\n\nb", (), 10, ["a", "", "b"]),
        ("one two three", (), 8, ["one two ", "+three"]),
        ("onetwothree", (), 8, ["onetwoth", "+ree"]),
        ("how is everyone?", (7,), 80, ["how is ", "+everyone?"]),
        ("a\nhow is everyone?\nb", (9,), 80, ["a", "how is ", "+everyone?", "b"]),
        ("one two three", (9,), 8, ["one two ", "+t", "+hree"]),
        ("ääää", (), 5, ["ää", "+ää"]),
        ("🧀🧀", (), 7, ["🧀", "+🧀"]),
    ],
)
def test_what_is_too_long_is_cut_behind_a_space_where_there_is_one(
    text: str, breaks: tuple[int, ...], room: int, cut: list[str]
) -> None:
    assert ["+" * part.joined + part.text for part in pieces(text, breaks, room)] == cut


def draft() -> Draft:
    return Draft("1", "#dev", NO_TAGS, "", most=4, size=20, until=60.0)


WORDS = st.text("ab äß🧀 ", min_size=1, max_size=8)
SENT = st.lists(st.lists(WORDS, max_size=3), min_size=1, max_size=5)
"""Lines, each in as many parts as its sender cut it into: a blank one has none."""


@given(SENT)
def test_a_message_is_cut_again_as_its_sender_cut_it(sent: list[list[str]]) -> None:
    collected = Draft("1", "#dev", NO_TAGS, "", most=100, size=1000, until=60.0)
    lines = [(part, number > 0) for parts in sent for number, part in enumerate(parts or [""])]
    for text, joined in lines:
        collected.add("PRIVMSG", "#DEV", text, joined=joined)
    if any(sent):
        assert list(pieces(*collected.whole(), 400)) == lines
    else:
        with pytest.raises(Refused):
            collected.whole()


LINES = [
    (["a", "b"], "a\nb"),
    (["", "a", ""], "\na\n"),
    (["a", "+b", "c"], "ab\nc"),
    (["aaaa", "bbbb", "cccc", "ddddd"], "aaaa\nbbbb\ncccc\nddddd"),
    (["aaaaa", "bbbbb", "ccccc", "ddd"], "MULTILINE_MAX_BYTES 20"),
    (["äääääääääää"], "MULTILINE_MAX_BYTES 20"),
    (["aaaaa", "+bbbbb", "+ccccc", "+ddddd"], "aaaaabbbbbcccccddddd"),
    (["a", "b", "c", "d", "e"], "MULTILINE_MAX_LINES 4"),
    (["a", "+b", "+c", "+d", "+e"], "MULTILINE_MAX_LINES 4"),
    (["", ""], "MULTILINE_INVALID"),
    ([""], "MULTILINE_INVALID"),
    ([], "MULTILINE_INVALID"),
    (["a", "+"], "MULTILINE_INVALID"),
    (["+a"], "MULTILINE_INVALID"),
]


@pytest.mark.parametrize(("lines", "becomes"), LINES)
def test_lines_become_a_text_or_are_refused(lines: list[str], becomes: str) -> None:
    collected, verb = draft(), "NOTICE"
    try:
        for line in lines:
            text = line.removeprefix("+")
            collected.add(verb, "#dev", text, joined=line[:1] == "+")
        assert collected.whole()[0] == becomes
    except Refused as refused:
        words = refused.reply.irc(refused.fields)
        assert " ".join(words[1:-1]) == becomes


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (("PRIVMSG", "#dev"), ("NOTICE", "#dev"), "MULTILINE_INVALID"),
        (("PRIVMSG", "#dev"), ("TAGMSG", "#dev"), "MULTILINE_INVALID"),
        (("NOTICE", "#Dev"), ("NOTICE", "#tea"), "MULTILINE_INVALID_TARGET #dev #tea"),
        (("NOTICE", "#dev"), ("NOTICE", "#dev,#a"), "MULTILINE_INVALID_TARGET #dev #dev,#a"),
    ],
)
def test_of_one_message_all_lines_are_alike_and_to_one_target(
    first: tuple[str, str], second: tuple[str, str], code: str
) -> None:
    collected = draft()
    collected.add(*first, "hi", joined=False)
    with pytest.raises(Refused) as caught:
        collected.add(*second, "hi", joined=False)
    words = caught.value.reply.irc(caught.value.fields)
    assert " ".join(words[1:-1]) == code
    assert collected.whole() == ("hi", ())


def test_a_line_of_another_batch_or_too_late_is_refused() -> None:
    collected = draft()
    collected.check("1", 60.0)
    for reference, now, code in (("2", 0.0, "MULTILINE_INVALID"), ("1", 60.1, "TIMEOUT")):
        with pytest.raises(Refused) as caught:
            collected.check(reference, now)
        assert caught.value.reply.irc(caught.value.fields)[1] == code
