"""The bars around the log: what of the status is left in which width, and the topic that stays."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from person import Person
from prompt_toolkit.utils import get_cwidth

from ircish.client import bars
from ircish.client.windows import Activity


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def busy() -> Person:
    """In #dev, scrolled up, with something new in 25 other windows; the connection is lost."""
    person = Person().come_in("#dev")
    client, window = person.client, person.window("#dev")
    person.hear(*(f":q{n}!q@host PRIVMSG ann :psst" for n in range(25)))
    client.lost("The connection was lost.", client.monotonic() + 12)
    window.anchor, window.below, window.mentions_below = window.log.first, 12, 2
    return person


def status(person: Person, columns: int, hidden: str = "no joins: Alt-=") -> str:
    return "".join(text for _, text in bars.status(person.client, hidden, columns))


def topic(person: Person) -> list[tuple[str, str]]:
    return [piece for piece in bars.topic(person.client) if piece[1]]


TROUBLE = "disconnected, trying again in 12 s"
NEWS = "↓ 12 new (2 mentions)"
MOST = f"{TROUBLE}  [no joins: Alt-=] {NEWS}"


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        (
            200,
            " [12:00] [ann] [2:#dev] [Act: 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,"
            f"24,25,26,27,1] {MOST} ",
        ),
        (150, f" [12:00] [ann] [2:#dev] [Act: 3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18…] {MOST} "),
        (120, f" [12:00] [ann] [2:#dev] [Act: 3,4,5,6,7,8…] {MOST} "),
        (110, f" [ann] [2:#dev] [Act: 3,4,5,6,7…] {MOST} "),
        (100, f" [2:#dev] [Act: 3,4,5…] {MOST} "),
        (90, f" [2:#dev] [Act: 3,4…] {TROUBLE}  [no joins: Alt-=] ↓ 12 (2) "),
        (80, f" [2:#dev] [Act: 3,4…] {TROUBLE}  [no joins] ↓ 12 (2) "),
        (60, " [2:#dev] [Act: 3,4…] offline 12 s  [no joins] ↓ 12 (2) "),
        (50, " [2:#dev] offline 12 s  [no joins] ↓ 12 (2) "),
        (40, " 2 offline 12 s  [no joins] ↓ 12 (2) "),
        (30, " offline 12 s  ↓ 12 (2) "),
        (20, " offline 12 s ↓"),
    ],
)
def test_the_status_says_what_matters_most_in_any_width(
    busy: Person, columns: int, shown: str
) -> None:
    assert status(busy, columns) == shown


def test_no_status_is_wider_than_the_screen(busy: Person) -> None:
    for columns in range(20, 200):
        shown = status(busy, columns)
        assert get_cwidth(shown) <= columns
        assert "12 s" in shown
        assert "↓" in shown
        assert columns < 40 or "no joins" in shown


def test_what_has_room_is_not_shortened(busy: Person) -> None:
    widths = [len(status(busy, columns)) for columns in range(20, 200)]
    assert widths == sorted(widths)


def test_a_quiet_status_has_no_more_than_where_and_who_one_is() -> None:
    person = Person().come_in("#dev")
    assert status(person, 80, "") == " [12:00] [@ann] [2:#dev]"
    person.hear(":chat.example MODE #dev +nt", ":chat.example 306 ann :away")
    person.client.windows.server.activity = Activity.NONE
    assert status(person, 80, "") == " [12:00] [@ann away] [2:#dev(+nt)]"
    assert status(person, 33, "") == " [@ann away] [2:#dev(+nt)]"
    assert status(person, 20, "") == " [2:#dev(+nt)]"
    assert status(person, 13, "") == " [2:#dev]"


def test_the_windows_that_are_left_out_are_those_that_matter_least() -> None:
    person = Person().come_in(*(f"#c{n}" for n in range(20)))
    person.hear(*(f":ben!b@host PRIVMSG #c{n} :hello" for n in range(19)))
    person.hear(":ben!b@host PRIVMSG #c15 :ann: hello")
    assert "[Act: 17,22,2,3,4,5,6…]" in status(person, 50, "")


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        (":ann!~ann@host PART #dev", "you are not in it"),
        (":ben!~b@host KICK #dev ann :out", "you are not in it"),
        ("ERROR :Closing link", "disconnected"),
    ],
)
def test_the_topic_stays_where_we_are_no_more_and_the_bar_says_so(line: str, missing: str) -> None:
    person = Person().come_in("#dev")
    person.hear(":ben!~b@host TOPIC #dev :Release on \x02Friday\x02")
    assert topic(person) == [
        ("class:topic.name", " #dev "),
        ("class:topic", "Release on Friday"),
    ]
    person.hear(line)
    if missing == "disconnected":
        person.client.lost("Gone.", None)
    assert topic(person) == [
        ("class:topic.name", " #dev "),
        ("class:topic", missing),
        ("class:topic.past", "; Release on Friday"),
    ]


def test_the_topic_that_stays_is_the_last_one() -> None:
    person = Person().come_in("#dev")
    person.hear(":ben!~b@host TOPIC #dev :Tea", ":ann!~ann@host PART #dev")
    person.hear(":ann!~ann@host JOIN #dev", ":chat.example 332 ann #dev :Cake")
    person.client.lost("Gone.", None)
    assert ("class:topic.past", "; Cake") in topic(person)
    person.client.connecting(person.client.place)  # type: ignore[arg-type]
    person.client.connected()
    person.come_in("#dev")  # which has none any more
    person.client.lost("Gone.", None)
    assert topic(person)[1:] == [("class:topic", "disconnected")]
