"""Nicks and channel names: which are valid, and which are the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ircish.chat.names import fold, valid_channel, valid_nick
from ircish.text import printable


@pytest.mark.parametrize(
    ("nick", "valid"),
    [
        ("ann", True),
        ("a", True),
        ("[x]\\`_^{|}", True),
        ("a-1", True),
        ("a" * 30, True),
        ("a" * 31, False),
        ("", False),
        ("1a", False),
        ("-a", False),
        ("a b", False),
        ("a!b", False),
        ("a@b", False),
        ("#a", False),
        (":a", False),
        ("ann\n", False),
        ("änn", False),
        ("aⅠ", False),
        ("a１", False),
        ("a\u200b", False),
    ],
)
def test_a_nick_has_only_the_characters_of_rfc_2812(nick: str, valid: bool) -> None:
    assert valid_nick(nick, 30) == valid


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("#a", True),
        ("##", True),
        ("#日本", True),
        ("#a:b", True),
        ("#" + "a" * 49, True),
        ("#" + "a" * 50, False),
        ("#", False),
        ("", False),
        ("a", False),
        ("&a", False),
        ("#a b", False),
        ("#a,b", False),
        ("#a\x07", False),
        ("#a\n", False),
        ("#a\u00a0b", False),
        ("#a\u200db", False),
        ("#a\u202eb", False),
        ("#a\ud800", False),
        ("#é", True),
        ("#e\u0301", False),
        ("#a\u3164", False),
        ("#a\u2800", False),
        ("#a\ufe0f", False),
        ("#a\u034f", False),
    ],
)
def test_a_channels_name_is_printable_and_one_word(name: str, valid: bool) -> None:
    assert valid_channel(name, 50) == valid


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ann", "aNN", True),
        ("#DEV", "#dev", True),
        ("[a]", "{a}", False),
        ("#É", "#é", False),
        ("#ÉA", "#Éa", True),
        ("#K", "#\u212a", False),
    ],
)
def test_only_the_case_of_ascii_letters_is_ignored(one: str, other: str, same: bool) -> None:
    assert (fold(one) == fold(other)) == same


@settings(deadline=None, max_examples=100)
@given(st.text())
def test_a_folded_name_is_folded(name: str) -> None:
    assert fold(fold(name)) == fold(name)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=20).map("#".__add__))
def test_no_channel_can_steer_a_terminal(name: str) -> None:
    if valid_channel(name, 50):
        assert printable(name) == name
