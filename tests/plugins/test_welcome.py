"""The bundled welcome."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ircish.config import ConfigError
from ircish.testing import Chat, Person

Noticed = Callable[[Chat], None]
Open = Callable[..., Chat]


def told(noticed: Noticed, chat: Chat, person: Person, *lines: str) -> list[str]:
    """What somebody reads of the welcome after these lines."""
    read = [*person.welcome, *person.ask(*lines)] if lines else list(person.welcome)
    noticed(chat)
    return [line for line in [*read, *person.lines()] if "Hello" in line or "tea" in line]


def test_a_newcomer_is_told_and_nobody_else(open_with: Open, noticed: Noticed) -> None:
    chat = open_with({"text": "Hello {nick}, this is {channel}."})
    ben = chat.nc("ben")
    noticed(chat)
    ben.lines()
    assert told(noticed, chat, chat.nc("ann")) == ["*** Hello ann, this is #lobby."]
    assert ben.lines() == ["*** ann joined #lobby"]


def test_only_where_it_was_asked_for(open_with: Open, noticed: Noticed) -> None:
    chat = open_with({"text": "Hello {nick}!", "channels": ["#Tea"]})
    ann = chat.nc("ann")
    assert told(noticed, chat, ann) == []
    assert told(noticed, chat, ann, "JOIN #tea")[-1:] == ["*** Hello ann!"]


def test_a_text_may_have_several_lines(open_with: Open, noticed: Noticed) -> None:
    chat = open_with({"text": "Hello.\nThere is tea."})
    assert told(noticed, chat, chat.nc("ann")) == ["*** Hello.", "*** There is tea."]


def test_what_is_between_braces_is_only_text(open_with: Open, noticed: Noticed) -> None:
    chat = open_with({"text": "Hello {nick} {nick.__class__} {0} {"})
    assert told(noticed, chat, chat.nc("{x}")) == ["*** Hello {x} {nick.__class__} {0} {"]


def test_without_its_table_nothing_is_said(open_with: Open, noticed: Noticed) -> None:
    chat = open_with(None)
    assert chat.server.plugins.plugins["welcome"].needs == "[plugins.welcome] text"
    assert told(noticed, chat, chat.nc("ann")) == []


def test_a_wrong_setting_is_named(open_with: Open) -> None:
    with pytest.raises(ConfigError, match=r"welcome has no setting txt; did you mean text\?"):
        open_with({"txt": "Hello"})
