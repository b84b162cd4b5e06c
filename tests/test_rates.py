"""How often: counted for each caller and command, exactly, and forgotten in time."""

from __future__ import annotations

import threading
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ircish.rates import MOST, Rate, Rates, rate_of, waiting


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rates(clock: Clock) -> Rates:
    return Rates(clock)


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("5/min", Rate(5, 60)),
        ("1/s", Rate(1, 1)),
        ("20/h", Rate(20, 3600)),
        ("1000/day", Rate(1000, 86400)),
    ],
)
def test_a_rate_is_a_number_and_a_unit(text: str, rate: Rate) -> None:
    assert rate_of(text) == rate


@pytest.mark.parametrize(
    "text",
    ["5", "/min", "0/min", "-1/min", "5/m", "5 / min", "５/min", f"{MOST + 1}/s", "5/min\n", 5],
)
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"per s, min, h or day, as 5/min; not "):
        rate_of(text)


def test_so_many_times_and_then_not_until_the_first_is_old(rates: Rates, clock: Clock) -> None:
    rate = Rate(2, 60)
    assert rates.use("ROLL", 1, rate) == 0
    clock.now += 10
    assert rates.use("ROLL", 1, rate) == 0
    clock.now += 38
    assert rates.use("ROLL", 1, rate) == 12
    clock.now += 12
    assert rates.use("ROLL", 1, rate) == 0
    assert rates.use("ROLL", 1, rate) == 10


def test_asking_too_soon_does_not_make_it_longer(rates: Rates, clock: Clock) -> None:
    rate = Rate(1, 60)
    rates.use("ROLL", 1, rate)
    for _ in range(59):
        clock.now += 1
        assert rates.use("ROLL", 1, rate) > 0
    clock.now += 1
    assert rates.use("ROLL", 1, rate) == 0


def test_each_caller_and_each_command_counts_alone(rates: Rates) -> None:
    rate = Rate(1, 60)
    assert rates.use("ROLL", 1, rate) == 0
    assert rates.use("ROLL", 2, rate) == 0
    assert rates.use("POLL", 1, rate) == 0
    assert rates.use("ROLL", 1, rate) == 60


def test_a_reload_that_makes_it_rarer_counts_what_was_used(rates: Rates, clock: Clock) -> None:
    for _ in range(3):
        rates.use("ROLL", 1, Rate(3, 60))
        clock.now += 1
    assert rates.use("ROLL", 1, Rate(1, 60)) == 59
    assert rates.use("ROLL", 1, Rate(2, 60)) == 58


def test_callers_whose_time_is_over_are_forgotten(rates: Rates, clock: Clock) -> None:
    for caller in range(10_000):
        rates.use("ROLL", caller, Rate(5, 1))
        clock.now += 0.1
    assert len(rates) <= 64
    assert rates.use("ROLL", 9_999, Rate(1, 1)) > 0


def test_callers_whose_time_is_not_over_are_remembered(rates: Rates, clock: Clock) -> None:
    for caller in range(500):
        assert rates.use("ROLL", caller, Rate(1, 60)) == 0
    assert all(rates.use("ROLL", caller, Rate(1, 60)) == 60 for caller in range(500))


@given(
    st.integers(1, 4),
    st.lists(st.floats(0, 90, allow_nan=False), max_size=40),
)
def test_no_span_ever_has_more(times: int, pauses: list[float]) -> None:
    clock = Clock()
    rates, rate = Rates(clock), Rate(times, 60)
    done: deque[float] = deque()
    for pause in pauses:
        clock.now += pause
        if rates.use("X", 1, rate) == 0:
            done.append(clock.now)
            assert sum(1 for then in done if then + 60 > clock.now) <= times


def test_threads_do_not_gain_by_coming_at_once(rates: Rates) -> None:
    start, within = threading.Barrier(8), []

    def many() -> None:
        start.wait()
        for _ in range(200):
            if rates.use("ROLL", 1, Rate(100, 60)) == 0:
                within.append(1)

    threads = [threading.Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(within) == 100


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.01, "1 s"),
        (11.2, "12 s"),
        (120, "120 s"),
        (120.5, "3 min"),
        (7200, "120 min"),
        (7201, "3 h"),
        (86400, "24 h"),
    ],
)
def test_how_long_to_wait_is_said_so_that_it_is_enough(seconds: float, text: str) -> None:
    assert waiting(seconds) == text
