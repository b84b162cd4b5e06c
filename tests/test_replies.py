"""Every reply: complete, and right for both dialects."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from types import ModuleType

import pytest

from ircish import phrases, replies
from ircish.dialects.irc import Irc
from ircish.dialects.plain import HERE
from ircish.errors import Refused
from ircish.replies import Reply
from ircish.wire import parse

ALL = {name: each for name, each in vars(replies).items() if isinstance(each, Reply)}
VALUES = {"hint": "HELP lists the commands.", "seconds": 5, "over": 3, "longest": 30, "count": 2}
WORDLESS = {"FAIL", "PONG", "ERROR", "MARKREAD"}
"""What has its own first parameter instead of the client's nick."""


def fields(reply: Reply) -> dict[str, object]:
    """A value for every field that the reply names."""
    templates = [reply.params, reply.plain or ""]
    names = {name for text in templates for _, name, _, _ in Formatter().parse(text) if name}
    return {name: VALUES.get(name, f"<{name}>") for name in names}


@pytest.mark.parametrize("name", ALL)
def test_a_reply_to_an_irc_client_is_one_line_with_every_field(name: str) -> None:
    reply = ALL[name]
    line = Irc("chat.example").reply("ann", reply, fields(reply))
    assert line.endswith(b"\r\n")
    message = parse(line.decode().removesuffix("\r\n"))
    assert message
    assert message.source == ("" if reply.numeric == "ERROR" else "chat.example")
    assert message.verb == reply.numeric
    if reply.numeric not in WORDLESS:
        assert message.params[0] == "ann"
    for _, field, _, _ in Formatter().parse(reply.params):
        if field:
            assert str(fields(reply)[field]) in " ".join(message.params)


@pytest.mark.parametrize("name", ALL)
def test_a_reply_to_a_person_is_a_sentence_without_numerics(name: str) -> None:
    reply = ALL[name]
    line = HERE.reply("ann", reply, fields(reply)).decode()
    if reply.plain is None:
        assert line == ""
        assert not reply.refusal, "a person has to be told why not"
        return
    if reply is replies.HISTORY_LINE:
        assert line == "<line>\r\n"
        return
    assert line.startswith("!!! " if reply.refusal else "*** ")
    assert line.endswith("\r\n")
    assert "{" not in line.replace("[]\\`_^{|}-", "")
    assert not re.search(r"\b\d{3}\b", line), "no numeric in a sentence for people"
    for _, field, _, _ in Formatter().parse(reply.plain):
        if field:
            assert str(fields(reply)[field]) in line


@pytest.mark.parametrize("name", ALL)
def test_a_reply_has_a_numeric_or_a_verb(name: str) -> None:
    assert re.fullmatch(r"[0-9]{3}|[A-Z]+", ALL[name].numeric)


@pytest.mark.parametrize("name", ALL)
def test_a_refusal_can_be_logged(name: str) -> None:
    reply = ALL[name]
    assert str(Refused(reply, **fields(reply))) == (reply.sentence(fields(reply)) or reply.numeric)


@pytest.mark.parametrize("name", [n for n, each in ALL.items() if each.numeric.isdigit()])
def test_what_has_the_number_of_an_error_refuses(name: str) -> None:
    # RFC 2812 §5.2: 4xx and 5xx are errors; but 422 is only a message that is not there
    number = int(ALL[name].numeric)
    if name != "NO_MOTD":
        assert ALL[name].refusal == (400 <= number < 600 or number in (263, 696, 734))


@pytest.mark.parametrize("value", ["", ":x", "a b"])
def test_what_cannot_stand_in_the_middle_of_a_line_becomes_a_star(value: str) -> None:
    assert replies.NO_SUCH_NICK.irc({"nick": value}) == ["*", ":No such nick or channel"]


def test_a_reply_is_cut_where_its_line_would_be_too_long() -> None:
    for text in ("x" * 1000, "é" * 1000, "👋" * 1000):
        line = Irc("chat.example").reply("ann", replies.TOLD, {"text": text})
        assert 508 < len(line) <= 512
        assert line.endswith(b"\r\n")
        line.decode()


def test_a_reply_cannot_be_two_lines() -> None:
    with pytest.raises(ValueError, match="not one line"):
        Irc("chat.example").reply("ann", replies.TOLD, {"text": "a\r\nb"})
    assert HERE.reply("ann", replies.TOLD, {"text": "a\r\nb"}) == b"*** ab\r\n"


NAMES = [(each, name) for each in (replies, phrases) for name in vars(each) if name.isupper()]


@pytest.mark.parametrize(("module", "name"), NAMES, ids=[name for _, name in NAMES])
def test_every_reply_and_every_phrase_is_used(module: ModuleType, name: str) -> None:
    where = module.__name__.removeprefix("ircish.")
    used = re.compile(rf"\b{where}\.{name}\b|from ircish\.{where} import .*\b{name}\b")
    files = Path(replies.__file__).parent.rglob("*.py")
    assert any(used.search(path.read_text("utf-8")) for path in files)


def test_the_log_does_not_keep_what_was_said() -> None:
    refused = Refused(replies.PERSON_OR_ALL, nick="ben", said="psst", channel="#dev")
    assert "psst" in str(refused)
    assert "psst" not in refused.logged
    assert refused.logged.startswith("ben is a person here.")
