"""Where a server is and who we are there, as it is told in words."""

from __future__ import annotations

import io
import sys

import pytest

from ircish.client.place import NoPlace, Place, channels, check_nick, login_nick, named, parse

TOLD: dict[tuple[str, str], Place] = {
    ("", ""): Place("127.0.0.1", 5555),
    ("chat.example", ""): Place("chat.example", 5555),
    ("chat.example", "6667"): Place("chat.example", 6667),
    ("chat.example:6667", ""): Place("chat.example", 6667),
    ("chat.example", "+6697"): Place("chat.example", 6697, tls=True),
    ("chat.example:+7000", ""): Place("chat.example", 7000, tls=True),
    ("::1", ""): Place("::1", 5555),
    ("fe80::1%eth0", "6667"): Place("fe80::1%eth0", 6667),
    ("[::1]", ""): Place("::1", 5555),
    ("[::1]:6667", ""): Place("::1", 6667),
    ("[::1]", "+6697"): Place("::1", 6697, tls=True),
    ("", "6667"): Place("127.0.0.1", 6667),
    ("10", "6667"): Place("10", 6667),
    ("bücher.example", ""): Place("bücher.example", 5555),
}


@pytest.mark.parametrize("words", TOLD)
def test_a_place_is_told_in_words(words: tuple[str, str]) -> None:
    assert parse(*words) == TOLD[words]


def test_tls_has_a_port_of_its_own_where_none_is_said() -> None:
    assert parse("chat.example", tls=True) == Place("chat.example", 6697, tls=True)
    assert parse("chat.example", "5555", tls=True) == Place("chat.example", 5555, tls=True)
    insecure = parse("chat.example", insecure=True)
    assert insecure == Place("chat.example", 6697, tls=True, insecure=True)


NOT_A_HOST = "is not a host; it is a name or an address, as chat.example."
WRONG = {
    ("6667", ""): "6667 is a port, and a host comes before it: 127.0.0.1 6667.",
    ("+6697", ""): "+6697 is a port, and a host comes before it: 127.0.0.1 +6697.",
    ("chat.example:1", "2"): "chat.example:1 2 are two ports; say one of them.",
    ("chat.example", "irc"): "'irc' is not a port; it is a number up to 65535.",
    ("chat.example", "++1"): "'++1' is not a port; it is a number up to 65535.",
    ("chat.example", "0"): "'0' is not a port; it is a number up to 65535.",
    ("chat.example", "65536"): "'65536' is not a port; it is a number up to 65535.",
    ("chat.example", "9" * 5000): "is not a port; it is a number up to 65535.",
    ("chat.example", "６６６７"): "'６６６７' is not a port; it is a number up to 65535.",
    ("chat.example:", ""): f"'chat.example:' {NOT_A_HOST}",
    (":6667", ""): f"':6667' {NOT_A_HOST}",
    ("[::1", ""): f"'[::1' {NOT_A_HOST}",
    ("[chat]", ""): f"'[chat]' {NOT_A_HOST}",
    ("[::1]6667", ""): f"'[::1]6667' {NOT_A_HOST}",
    ("[::1]:", ""): f"'[::1]:' {NOT_A_HOST}",
    ("irc://chat.example", ""): f"'irc://chat.example' {NOT_A_HOST}",
    ("chat example", ""): f"'chat example' {NOT_A_HOST}",
    ("chat\0", ""): f"'chat\\x00' {NOT_A_HOST}",
    ("#lobby,#dev", ""): f"'#lobby,#dev' {NOT_A_HOST}",
    ("x" * 254, ""): NOT_A_HOST,
}


@pytest.mark.parametrize("words", WRONG)
def test_what_is_no_place_is_told_in_a_sentence(words: tuple[str, str]) -> None:
    with pytest.raises(NoPlace) as fault:
        parse(*words)
    assert WRONG[words] in str(fault.value)


@pytest.mark.parametrize(
    ("host", "shown"), {"127.0.0.1": "127.0.0.1:1", "::1": "[::1]:1", "a.b": "a.b:1"}.items()
)
def test_a_place_is_shown_as_people_write_it(host: str, shown: str) -> None:
    assert Place(host, 1).shown == shown


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(Place(password="secret"))


CHANNELS = {
    "": (),
    "#a": ("#a",),
    "#a,#b": ("#a", "#b"),
    "a,,b,": ("#a", "#b"),
    "&local,##c": ("&local", "##c"),
}


@pytest.mark.parametrize("text", CHANNELS)
def test_channels_are_told_with_commas(text: str) -> None:
    assert channels(text) == CHANNELS[text]


@pytest.mark.parametrize("text", ["#a b", "#a,#\0b", "#a\nQUIT"])
def test_what_is_no_channel_is_told(text: str) -> None:
    with pytest.raises(NoPlace, match="is not the name of a channel; --join '#a,#b'"):
        channels(text)


# The nick ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("nick", ["ann", "a[b]`^{|}-_\\", "ünal", ""])
def test_what_can_be_a_nick_stays_as_it_is(nick: str) -> None:
    assert check_nick(nick) == nick


@pytest.mark.parametrize("nick", ["a b", "#a", ":a", "&a", "$a", "a\n", "a!b@c", "a,b", "a*"])
def test_what_cannot_be_a_nick_is_told(nick: str) -> None:
    with pytest.raises(NoPlace, match="cannot be a nick; letters, digits and"):
        check_nick(nick)


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A login without a name."""

    def fail() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", fail)


def test_the_nick_is_the_one_told_then_the_setting_then_the_login(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "cleo")
    assert named(Place(nick="ann"), "ben").nick == "ann"
    assert named(Place(), "ben").nick == "ben"
    assert named(Place()).nick == "cleo"


@pytest.mark.usefixtures("nobody")
def test_where_no_nick_can_be_guessed_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert login_nick() == ""
    monkeypatch.setattr(sys, "stdin", Typist("\n#x\n ann \n"))
    assert named(Place("chat.example")) == Place("chat.example", nick="ann")
    out = capsys.readouterr().out
    assert out.count("Your nick: ") == 3
    assert "'#x' cannot be a nick" in out


class Typist(io.StringIO):
    """Somebody at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.usefixtures("nobody")
def test_where_nobody_answers_the_flag_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for stdin in (Typist(""), io.StringIO("words for the chat\n"), None):
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(NoPlace, match="there is no nick; say --nick NAME"):
            named(Place())
