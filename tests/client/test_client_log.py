"""The log: numbers that stay, whatever comes before, after or in between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ircish.client.log import Entry, Log, shown
from ircish.text import UNSAFE

FORMATTING = "\x02\x03\x04\x0f\x11\x16\x1d\x1e\x1f"


def entry(text: str) -> Entry:
    return Entry(0, "message", text)


def texts(log: Log) -> list[str]:
    return [each.text for each in log]


def test_entries_have_numbers_from_0() -> None:
    log = Log()
    assert (log.first, log.end, log.last, len(log)) == (0, 0, None, 0)
    assert [log.append(entry("a")), log.append(entry("b"))] == [0, 1]
    assert log[1].text == "b"
    assert log.last is log[1]
    assert [each.text for each in reversed(log)] == ["b", "a"]


def test_what_is_older_gets_lower_numbers_and_all_others_keep_theirs() -> None:
    log = Log()
    log.append(entry("c"))
    log.insert(log.first, [entry("a"), entry("b")])
    assert (log.first, log.end) == (-2, 1)
    assert log[0].text == "c"
    assert log[-2].text == "a"


def test_what_is_put_in_between_moves_only_what_is_older() -> None:
    log = Log()
    for text in "ad":
        log.append(entry(text))
    log.insert(1, [entry("b"), entry("c")])
    assert texts(log) == list("abcd")
    assert [log[1].text, log[-2].text, log.end] == ["d", "a", 2]
    log.insert(log.end, [entry("e")])
    assert texts(log) == list("abcde")
    assert log[1].text == "e"


@pytest.mark.parametrize("number", [-1, 2])
def test_nothing_is_put_in_where_nothing_is(number: int) -> None:
    log = Log()
    log.append(entry("a"))
    with pytest.raises(IndexError):
        log.insert(number, [entry("b")])


@pytest.mark.parametrize("number", [-1, 1, 100])
def test_a_number_that_is_not_there_is_an_error(number: int) -> None:
    log = Log()
    log.append(entry("a"))
    with pytest.raises(IndexError):
        log[number]
    with pytest.raises(IndexError):
        log.replace(number, entry("b"))


def test_the_oldest_are_forgotten_and_numbers_stay_valid() -> None:
    log = Log(100)
    numbers = {str(each): log.append(entry(str(each))) for each in range(1_000)}
    assert 100 <= len(log) <= 105
    assert all(log[number].text == text for text, number in numbers.items() if number >= log.first)
    with pytest.raises(IndexError):
        log[log.first - 1]


def test_what_is_put_in_does_not_make_it_longer_than_it_may_be() -> None:
    log = Log(100)
    log.append(entry("new"))
    log.insert(log.first, [entry(str(each)) for each in range(500)])
    assert len(log) == 100
    assert log[0].text == "new"


def test_an_entry_takes_the_place_of_another() -> None:
    log = Log()
    old, new = entry("a"), entry("A")
    log.append(old)
    log.append(entry("b"))
    assert log.put(old, new)
    assert texts(log) == ["A", "b"]
    assert not log.put(old, entry("x"))
    log.replace(1, entry("B"))
    assert texts(log) == ["A", "B"]


def test_after_clearing_numbers_go_on() -> None:
    log = Log()
    log.append(entry("a"))
    log.clear()
    assert len(log) == 0
    assert log.append(entry("b")) == 1


@given(st.lists(st.tuples(st.sampled_from("appl"), st.integers(0, 40)), max_size=60))
def test_a_number_means_the_same_entry_as_long_as_it_is_here(steps: list[tuple[str, int]]) -> None:
    log, model, count = Log(30), [], 0  # the model: what should be there, oldest first
    for step, many in steps:
        new = [entry(str(count + each)) for each in range(many)]
        count += many
        before = {number: log[number] for number in range(log.first, log.end)}
        if step == "a":
            for each in new:
                log.append(each)
            model += new
        elif step == "p":
            log.insert(log.first, new)
            model[:0] = new
        elif len(log):
            place = log.first + many % len(log)
            log.insert(place, new)
            model[len(model) - (log.end - place) : len(model) - (log.end - place)] = new
            before = {n: each for n, each in before.items() if n >= place}
        model = model[len(model) - len(log) :]
        assert list(log) == model
        assert all(log[n] is each for n, each in before.items() if n >= log.first)
        assert len(log) <= 31


@given(st.text())
def test_what_is_shown_has_nothing_that_could_steer_a_terminal(text: str) -> None:
    assert set(UNSAFE.findall(shown(text))) <= set(FORMATTING)
    assert shown(shown(text)) == shown(text)


def test_ctcp_frames_and_line_ends_are_not_shown() -> None:
    assert shown("\1ACTION\1 a\nb") == "ACTION a b"
