"""Windows: which is shown, what is new in the others, and since when."""

from __future__ import annotations

import pytest

from ircish.chat.names import fold
from ircish.client.log import MENTION, OWN, PAST, PRIVATE, Entry
from ircish.client.windows import Activity, Window, Windows


def made(*names: str) -> Windows:
    windows = Windows(fold)
    for name in names:
        windows.open("channel" if name[0] == "#" else "query", name)
    return windows


def say(windows: Windows, window: Window, text: str = "hello", flags: int = 0) -> int:
    return windows.add(window, Entry(0, "message", text, "ben", flags=flags))


def test_window_1_is_the_servers_and_stays() -> None:
    windows = made("#a")
    assert windows[1] is windows.server is windows.current
    windows.close(windows.server)
    windows.move(windows.server, 2)
    assert [each.name for each in windows] == ["server", "#a"]


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_there_is_no_window_beyond(number: int) -> None:
    with pytest.raises(IndexError):
        made("#a")[number]


def test_a_window_is_found_by_its_folded_name_and_kind() -> None:
    windows = made("#Dev", "Ben")
    assert windows.find("#dEV") is windows[2]
    assert windows.find("#dev", "channel") is windows.find("#DEV", "channel") is windows[2]
    assert windows.find("#dev", "query") is None
    assert windows.find("server") is None
    assert windows.open("query", "BEN") is windows[3]
    assert len(windows) == 3


def test_a_window_that_is_renamed_or_closed_is_found_by_its_old_name_no_more() -> None:
    windows = made("ben", "cas")
    assert windows.find("ben") is windows[2]
    windows[2].name = "benny"
    assert windows.find("ben") is None
    assert windows.find("benny") is windows[2]
    windows.close(windows[2])
    assert windows.find("benny") is None


def test_a_window_moves_to_a_number() -> None:
    windows = made("#a", "#b", "#c")
    windows.move(windows[4], 2)
    assert [each.name for each in windows] == ["server", "#c", "#a", "#b"]
    windows.move(windows[2], 1)
    assert [each.name for each in windows] == ["server", "#c", "#a", "#b"]


def test_closing_the_shown_window_shows_the_one_before() -> None:
    windows = made("#a", "#b")
    windows.show(windows[2])
    windows.show(windows[3])
    windows.close(windows.current)
    assert windows.current.name == "#a"
    assert windows.before is windows.server
    windows.close(windows.current)
    assert windows.current is windows.server


def test_closing_the_window_before_leaves_the_servers() -> None:
    windows = made("#a", "#b")
    windows.show(windows[2])
    windows.show(windows[3])
    windows.close(windows[2])
    assert windows.before is windows.server
    assert windows.current.name == "#b"


@pytest.mark.parametrize(
    ("entry", "activity"),
    [
        (Entry(0, "crowd", ""), Activity.NOISE),
        (Entry(0, "info", ""), Activity.NOISE),
        (Entry(0, "message", ""), Activity.TALK),
        (Entry(0, "error", ""), Activity.TALK),
        (Entry(0, "notice", ""), Activity.TALK),
        (Entry(0, "message", "", flags=MENTION), Activity.MENTION),
        (Entry(0, "message", "", flags=PRIVATE), Activity.MENTION),
        (Entry(0, "message", "", flags=OWN | MENTION), Activity.NONE),
        (Entry(0, "message", "", flags=PAST | MENTION), Activity.NONE),
    ],
)
def test_what_is_heard_makes_a_window_active(entry: Entry, activity: Activity) -> None:
    windows = made("#a")
    windows.add(windows[2], entry)
    assert windows[2].activity is activity
    windows.add(windows.server, entry)
    assert windows.server.activity is Activity.NONE  # it is shown


def test_the_most_important_activity_comes_first() -> None:
    windows = made("#a", "#b", "#c", "#d")
    say(windows, windows[2])
    say(windows, windows[4], flags=MENTION)
    say(windows, windows[5])
    assert windows.active() == [(4, windows[4]), (2, windows[2]), (5, windows[5])]
    windows.show(windows[4])
    assert [number for number, _ in windows.active()] == [2, 5]
    assert (windows[4].activity, windows[4].news, windows[4].mentions) == (0, 0, 0)


def test_the_unread_line_shows_what_came_meanwhile_and_goes_when_left_again() -> None:
    windows = made("#a")
    window = windows[2]
    windows.show(window)
    say(windows, window)
    assert window.unread is None
    windows.show(windows.server)
    first = say(windows, window, "new")
    say(windows, window, "ann: newer", MENTION)
    assert (window.unread, window.news, window.mentions) == (first, 2, 1)
    windows.show(window)
    windows.show(window)
    say(windows, window)
    assert (window.unread, window.news) == (first, 0)
    windows.show(windows.server)
    assert window.unread is None


def test_what_comes_while_nobody_looks_is_unread() -> None:
    windows = made("#a")
    window = windows[2]
    windows.show(window)
    windows.look(False)
    first = say(windows, window)
    windows.look(False)
    assert (window.unread, window.news, window.activity) == (first, 1, Activity.TALK)
    windows.look(True)
    assert (window.unread, window.news, window.activity) == (first, 0, Activity.NONE)
    windows.look(False)
    assert window.unread is None


def test_while_scrolled_up_what_comes_is_counted_below() -> None:
    windows = made("#a")
    window = windows[2]
    windows.show(window)
    window.anchor = say(windows, window)
    say(windows, window)
    say(windows, window, flags=MENTION)
    windows.add(window, Entry(0, "crowd", "x joined"))
    say(windows, window, flags=OWN)
    assert (window.below, window.mentions_below) == (2, 1)
    window.follow()
    assert (window.anchor, window.hidden, window.below, window.mentions_below) == (None, 0, 0, 0)


def test_what_is_put_in_between_does_not_move_the_view() -> None:
    windows = made("#a")
    window = windows[2]
    window.anchor = say(windows, window, "read")
    window.unread = window.anchor
    here = say(windows, window, "live")
    told: list[str] = []
    windows.inserted = lambda where, entries: told.extend(each.text for each in entries)
    windows.insert(window, here, [Entry(0, "message", "missed"), Entry(0, "message", "too")])
    assert [each.text for each in window.log] == ["read", "missed", "too", "live"]
    assert window.log[window.anchor].text == "read"
    assert window.log[window.unread].text == "read"
    assert window.below == 3
    assert told == ["missed", "too"]


def test_a_filled_gap_is_unread_from_its_beginning() -> None:
    windows = made("#a")
    window = windows[2]
    say(windows, window, "read")
    window.unread = None
    here = say(windows, window, "live")
    windows.insert(window, here, [Entry(0, "message", "missed", flags=MENTION)])
    assert window.unread is not None
    assert window.log[window.unread].text == "missed"
    assert (window.news, window.mentions, window.activity) == (3, 1, Activity.MENTION)


def test_history_makes_no_activity() -> None:
    windows = made("#a")
    window = windows[2]
    told: list[str] = []
    windows.inserted = lambda where, entries: told.append(where.name)
    windows.insert(window, 0, [Entry(0, "message", "old", flags=PAST | MENTION)])
    assert (window.activity, window.news, window.unread, told) == (0, 0, None, [])


def test_each_window_keeps_as_many_lines_as_is_said() -> None:
    windows = made("#a")
    windows.keep(10)
    windows.open("channel", "#b")
    for name in ("#a", "#b"):
        window = windows.find(name)
        assert window
        for _ in range(100):
            say(windows, window)
        assert len(window.log) <= 11
