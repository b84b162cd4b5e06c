"""Hostile text and hostile servers, seen from the screen: nothing has an effect outside its own
cells, nothing raises, and keys are always echoed."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_server import DEV, WELCOME, FakeServer
from person import Person
from stage import Stage
from started import started
from terminal import Terminal

from ircish.client.place import Place
from ircish.client.settings import Settings

CORPUS = {
    "C0": "a\x01\x02\x05\x07\x08\x08\x08\x08\x0b\x0c\x0e\x0f\x18\x1a\x7fz",
    "carriage return": "a\x0b\x85\u2028\u2029z",
    "C1": "a\x84\x85\x8d\x90q\x9b31mred\x9cz\x9d2;title\x9c\x9f",
    "colours": "\x1b[31;44;5mred\x1b[0m\x1b[8mhidden\x1b[7m",
    "cursor": "\x1b[1;1Hhome\x1b[10A\x1b[2J\x1b[1M\x1b[?25l\x1b7\x1b8\x1bM\x1bc\x1b[99B",
    "title": "\x1b]0;owned\x07\x1b]2;owned\x1b\\",
    "clipboard": "\x1b]52;c;b3duZWQ=\x07\x1b]52;c;?\x07",
    "link": "\x1b]8;;https://evil.example\x07here\x1b]8;;\x07",
    "DCS": "\x1bP+q544e\x1b\\\x1bPtmux;\x1b\x1b]52;c;b3duZWQ=\x07\x1b\\\x1b_apc\x1b\\\x1b^pm\x1b\\",
    "modes": "\x1b[?1049l\x1b[?1000h\x1b[?2004l\x1b[r\x1b[5;6r\x1b(0qqq\x0e",
    "bidi": "abc\u202edef\u2066ghi\u2069\u200f\u061cjkl\u202c",
    "right to left": "שלום עולם مرحبا بالعالم",
    "zero width": "a\u200bb\u200cc\u2060d\ufeffe\u00adf\u180eg\u2064h",
    "tags": "flag\U000e0067\U000e0062\U000e007f end",
    "Zalgo": "z\u0300" + "\u0301\u0316\u0330\u034f\u0489" * 40 + "algo" + "\u0335" * 90,
    "lone marks": "\u0300\u0301\u0302 \u20dd\u0488",
    "formatting": "\x02b\x1di\x1fu\x1es\x16r\x11m\x0304,01c\x0f\x04ff0000,00ff00h\x03\x04\x0399,99",
    "half formatting": "\x03\x031\x0312,\x03,5\x04f\x04ff\x0304",
    "wide": "日本語テキスト 한국어 ｆｕｌｌ 👍👍🏽 ☺️ ⚠ 🇩🇪",
    "ambiguous": "±×÷°§α│─█●★…—“”",
    "markup": "[bold red]x[/] [link=https://evil.example]y[/link] :smile: \\[ %s {0} %d",
    "surrogates and others": "\ud7ff\ue000\ufffe\uffff\U0010ffff\ufff9x\ufffb",
    "long word": "x" * 400,
    "long wide word": "語" * 130,
    "8 KB": "many words here " * 500,
    "spaces": "a" + " " * 90 + "\xa0" * 90 + "\u3000" * 9 + "z",
    "nothing": "",
    "CTCP": "\x01ACTION \x1b[2Jwaves\x01\x01VERSION\x01",
}
PLACES = {
    "message": ":ben!~ben@host PRIVMSG #dev :{0}",
    "message to us": ":ben!~ben@host PRIVMSG #dev :ann: {0}",
    "notice": ":ben!~ben@host NOTICE #dev :{0}",
    "action": ":ben!~ben@host PRIVMSG #dev :\x01ACTION {0}\x01",
    "nick": ":{1}!u@host PRIVMSG #dev :hello",
    "nick in the list": ":{1}!u@host JOIN #dev",
    "user and host": ":eve!{1}@{1} JOIN #dev",
    "new nick": ":ben!~ben@host NICK {1}",
    "topic": ":ben!~ben@host TOPIC #dev :{0}",
    "part": ":fay!~f@host PART #dev :{0}",
    "quit": ":gus!~g@host QUIT :{0}",
    "kick": ":ben!~ben@host KICK #dev hal :{0}",
    "mode": ":ben!~ben@host MODE #dev +o {1}",
    "away": ":fake.example 301 ann ben :{0}",
    "whois": ":fake.example 311 ann {1} {1} {1} * :{0}",
    "numeric": ":fake.example 999 ann {1} :{0}",
    "channel": ":ann!~ann@host JOIN #x{1}",
    "channel topic": ":fake.example 332 ann #dev :{0}",
    "invitation": ":ben!~ben@host INVITE ann #{1}",
    "private": ":{1}!u@host PRIVMSG ann :{0}",
    "server": ":{1} NOTICE ann :{0}",
    "network": ":fake.example 005 ann NETWORK={1} :are supported",
    "error": "ERROR :{0}",
    "FAIL": "FAIL {1} {1} :{0}",
    "verb": ":ben!~ben@host {1} #dev :{0}",
    "ctcp": ":ben!~ben@host PRIVMSG ann :\x01{0} {0}\x01",
    "batch": ":fake.example BATCH +{1} {1} {1}",
    "tags": "@time={1};msgid={1} :ben!~ben@host PRIVMSG #dev :hi",
}
BORDER = 81
"""The column of the nick list's border, of 100."""
MADE_BY_US = re.compile(r"8;(?:id=[^;]*)?;(?:https?://[!-~]*)?|2;.*")


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def lines_of(text: str) -> list[str]:
    """The text in every place of a line; whole where the last parameter is, else without what
    would end a parameter."""
    word = re.sub(r"[\r\n\0 ]", "", text).lstrip(":")[:400]
    whole = re.sub(r"[\r\n\0]", "", text)
    return [place.format(whole, word or "x") for place in PLACES.values()]


def frame_stands(rows: list[str], cursor: tuple[int, int], window: str = "#dev") -> None:
    """What is around the log is where it belongs, and nothing else is there."""
    last = len(rows) - 1
    assert rows[0].startswith(f" {window} "), rows[0]
    for row in rows[1 : last - 1]:
        assert len(row.rstrip()) <= BORDER or row[BORDER] == "│", row
        assert row[BORDER] == "│", row
    assert re.match(r" \[\d\d:\d\d\] \[[+@]?ann\] \[\d+:", rows[last - 1]), rows[last - 1]
    assert rows[last].rstrip() == f"[{window}] typed", rows[last]
    assert cursor == (last, len(window) + 8)


def cells(stage: Stage) -> list[str]:
    """Rows by cell: the second half of a wide character is a cell of its own."""
    buffer = stage.shown.buffer
    return ["".join(buffer[y][x].data[:1] or "\0" for x in range(100)) for y in range(30)]


def told_terminal(drawn: str) -> None:
    """No escape sequence is from outside."""
    for osc in re.findall(r"\x1b\]([^\x07\x1b]*)", drawn):
        assert MADE_BY_US.fullmatch(osc), osc
        assert "evil" not in osc or osc.startswith("8;"), osc
    assert "owned" not in "".join(re.findall(r"\x1b\][^\x07\x1b]*", drawn))
    assert "\a" not in re.sub(r"\x1b\][^\x07\x1b]*\x07", "", drawn)
    assert not re.search(r"\x1b[PX^_cM78(]|[\x80-\x9f]", drawn)


@pytest.mark.parametrize("name", CORPUS)
def test_hostile_text_stays_in_its_own_cells_wherever_it_is_said(name: str) -> None:
    with Stage(Person(Settings(bell=False))) as stage:
        stage.do(lambda: stage.person.come_in("#dev"))
        stage.hear(*DEV[1:])
        stage.type("typed")
        stage.drawn = stage.drawn[:0]
        for line in lines_of(CORPUS[name]):
            stage.hear(line)
            if stage.client.windows.current.name == "#dev":
                frame_stands(cells(stage), stage.cursor)
        told_terminal(stage.drawn)
        assert "\x1b[?1049l" not in stage.drawn
        failed = [
            text for text in stage.person.lines(stage.client.windows[1]) if "failed here" in text
        ]
        assert failed == []


@pytest.mark.parametrize("columns", [20, 33, 100])
def test_all_hostile_text_can_be_scrolled_through_at_any_width(columns: int) -> None:
    with Stage(Person(Settings(bell=False)), columns, 12) as stage:
        stage.do(lambda: stage.person.come_in("#dev"))
        for text in CORPUS.values():
            stage.do(lambda text=text: stage.person.hear(*lines_of(text)[:16]))
        for key in ("pageup", "pageup", "a-home", "pagedown", "a-l", "a-l", "a-=", "a-end"):
            stage.press(key)
            shown = str(stage)
            stage.press("c-l")
            assert str(stage) == shown
        told_terminal(stage.drawn)


# A server that does not play by the rules --------------------------------------------------------

REGISTRATION = [*WELCOME, *DEV, ":ben!~ben@host PRIVMSG #dev :hello", "PING :x", "ERROR :bye"]


def test_a_server_may_go_at_every_moment_of_the_registration() -> None:
    data = "".join(f"{line}\r\n" for line in REGISTRATION).encode()
    ends = {match.end() for match in re.finditer(rb"\r\n", data)}
    ends |= {0, 1, *(end - 1 for end in ends), *(end - 2 for end in ends)}
    ends |= set(random.Random(1).sample(range(len(data)), 40))
    with Stage(Person(Settings(bell=False)), 100, 12) as stage:
        client = stage.client
        for end in sorted(ends):
            stage._do(lambda: client.connecting(Place("fake.example", 5555, nick="ann")))
            stage._do(client.connected)
            stage._do(lambda end=end: client.received(data[:end]))
            stage._do(lambda: client.lost("The connection was lost.", client.monotonic() + 1))
            stage.type("x")
            assert stage.rows[-1].endswith("x")
            stage.press("c-u")
        assert "failed here" not in str(stage.person.lines(client.windows[1]))


LIES = tuple(
    """\
:f 001
:f 001 nobody
:f 001 \x1b[2J :who
:f 005 ann CASEMAPPING= PREFIX= CHANTYPES= NICKLEN=x MODES=-1 CHATHISTORY=99999999999999 :x
:f 005 ann PREFIX=( CHANMODES=,,, TARGMAX=:::: STATUSMSG=\u202e -PREFIX -CHANTYPES :x
:f 353 ann = #nowhere :@a b c
:f 353 ann = #dev :@@@@ + @
:f 353 ann
:f 366 ann #dev :End
:f 332 ann #nowhere :topic
:f 333 ann #dev ben 99999999999999999999
:f 333 ann #dev ben minus
:f 324 ann #dev +kkkk
:f 433 * ann :taken
:f 433 ann ann :taken
:f 432 ann ann :bad
:f 376 ann :End
:f 376 ann :End
:f 251 ann :There are 999999999999999999999999 users
:f CAP * LS * :
:f CAP * ACK :sasl echo-message \x00
:f CAP * NAK :everything
:f CAP ann NEW :batch batch batch
:f CAP ann DEL :message-tags
:ann!a@h NICK
:ann!a@h NICK :
:ann!a@h NICK ben
:ben!a@h NICK ann
:ann!a@h JOIN
:ann!a@h JOIN :
:ann!a@h JOIN #dev
:ann!a@h PART #nowhere
:ann!a@h KICK #dev ann :yourself
:x KICK #dev
:x MODE #dev +oooooooo a
:x MODE #dev -
:x MODE
:ann!a@h QUIT :who quits?
:ben!a@h QUIT
:x TOPIC #dev
:x TOPIC
:x PRIVMSG
:x PRIVMSG ann
:x PRIVMSG ann :
:x PRIVMSG #dev :\x01
:x PRIVMSG ann :\x01PING
: PRIVMSG ann :nobody
@ PRIVMSG
@time=yesterday;msgid= :x PRIVMSG #dev :when
@time=9999-99-99T99:99:99.999Z :x PRIVMSG #dev :when
@time=0001-01-01T00:00:00.000Z :x PRIVMSG #dev :then
@label=nothing :f ACK
@batch=none :x PRIVMSG #dev :in no batch
:f BATCH +a chathistory #dev
:f BATCH +a chathistory #dev
@batch=a :f BATCH +b chathistory #nowhere
:f BATCH -c
:f BATCH -a
:f BATCH
:f AUTHENTICATE +
:f 900 ann
:f FAIL
:f WARN * * *
:f NOTE
:f COMMANDS
PING
PONG
ERROR
:f 465 ann :banned
:f 464 ann :wrong password
:f 000
:f 9999 x
\xff\xfe\xfd
""".splitlines()
)


def test_lies_are_survived_in_any_order() -> None:
    rng = random.Random(7)
    with Stage(Person(Settings(bell=False)), 100, 12) as stage:
        client = stage.client
        for _ in range(12):
            stage._do(lambda: client.connecting(Place("fake.example", 5555, nick="ann")))
            stage._do(client.connected)
            lines = [*WELCOME, *DEV] * rng.randrange(2) + rng.sample(LIES, len(LIES))
            for line in lines:
                stage._do(
                    lambda line=line: client.received(f"{line}\r\n".encode("latin-1", "replace"))
                )
            stage.press("a-1")
            stage.type("x")
            assert stage.rows[-1].endswith("x")
            stage.press("c-u")
            stage._do(lambda: client.lost("The connection was lost.", None))
        said = [str(stage.person.lines(window)) for window in client.windows]
        assert not [words for words in said if "failed here" in words or "fault of" in words]


def test_garbage_is_survived_in_pieces_of_any_size() -> None:
    rng = random.Random(3)
    with Stage(Person(Settings(bell=False)), 100, 12) as stage:
        stage.do(lambda: stage.person.come_in("#dev"))
        garbage = rng.randbytes(200_000) + b"\r\n" + b"x" * 100_000 + b"\r\n"
        while garbage:
            size = rng.choice((1, 7, 600, 16_384))
            piece, garbage = garbage[:size], garbage[size:]
            stage._do(lambda piece=piece: stage.client.received(piece))
        stage.says("still here")
        stage.type("x")
        assert "still here" in stage
        assert stage.rows[-1].endswith("x")
        told_terminal(stage.drawn)


# Through a real terminal ------------------------------------------------------------------------


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    with FakeServer() as server:
        yield server


@pytest.fixture
def terminal(fake: FakeServer, tmp_path: Path) -> Iterator[Terminal]:
    """Ann at a terminal, in #dev of the fake server."""
    config = tmp_path / "home" / "config" / "ircish"
    config.mkdir(parents=True)
    (config / "client.toml").write_text("bell = false\n")
    with started(tmp_path / "home", fake.port, "--join", "#dev") as terminal:
        terminal.wait_for("[server]")
        fake.welcome(":ben!~ben@host PRIVMSG #dev :hello")
        terminal.wait_for("<ben> hello")
        yield terminal


def is_painted(terminal: Terminal, text: str) -> bool:
    """Whether a paint with this text is complete: the cursor is hidden until then."""
    return text in str(terminal) and not terminal.shown.cursor.hidden


def test_hostile_text_has_no_effect_on_a_real_terminal(
    fake: FakeServer, terminal: Terminal
) -> None:
    terminal.type("typed")
    terminal.wait_for("[#dev] typed")
    del terminal.output[:]
    titles = terminal.shown.title, terminal.shown.icon_name
    for number, text in enumerate(CORPUS.values()):
        lines = [line for line in lines_of(text) if not line.startswith(("ERROR", ":ann!"))]
        fake.say_bytes("".join(f"{line[:8000]}\r\n" for line in lines).encode("utf-8", "replace"))
        fake.say(f":ben!~ben@host PRIVMSG #dev :marker {number}.")
        terminal.wait_for(lambda rows, number=number: is_painted(terminal, f"marker {number}."))
        rows = [
            "".join(terminal.shown.buffer[y][x].data[:1] or "\0" for x in range(100))
            for y in range(30)
        ]
        frame_stands(rows, terminal.cursor)
    assert (terminal.shown.title, terminal.shown.icon_name) == titles
    told_terminal(terminal.output.decode())


def test_a_flood_while_resizing_hangs_nothing_and_ends_in_a_right_screen(
    fake: FakeServer, terminal: Terminal
) -> None:
    fake.say_bytes(
        b"".join(b":ben!~b@host PRIVMSG #dev :line %d of a flood\r\n" % n for n in range(100_000))
        + b":ben!~b@host PRIVMSG #dev :the last of all\r\n"
    )
    for round_ in range(50):
        terminal.resize(20 + round_ * 37 % 150, 5 + round_ * 7 % 40)
        terminal.read(0.01)
    terminal.resize(100, 30)
    terminal.type("echoed")
    terminal.wait_for("[#dev] echoed")
    terminal.wait_for(lambda rows: is_painted(terminal, "the last of all"), 40)
    terminal.keys("c-l")
    terminal.type("x")
    before = str(terminal)
    terminal.wait_for(lambda rows: is_painted(terminal, "[#dev] echoedx"))
    assert str(terminal).replace("echoedx", "echoed") == before
    assert "Traceback" not in terminal.output.decode(errors="replace")
