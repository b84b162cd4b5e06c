"""How a command does: when its faults switch it off."""

from __future__ import annotations

from ircish.tally import Tally


def test_three_callers_within_a_minute_switch_it_off_and_one_never_does() -> None:
    now = 0.0
    tally = Tally(lambda: now)
    assert not any(tally.fault("ann") for _ in range(1000))
    assert not tally.fault("ben")
    now = 61.0
    assert not tally.fault("cara")
    assert not tally.fault("ann")
    assert not tally.off
    assert tally.fault("dora")
    assert tally.off
    assert not tally.fault("eve")  # said once
    assert tally.faults == 1005


def test_five_faults_of_what_nobody_calls_switch_it_off() -> None:
    tally = Tally(lambda: 0.0)
    assert [tally.fault() for _ in range(6)] == [False] * 4 + [True, False]


def test_four_that_do_not_come_back_switch_it_off() -> None:
    tally = Tally(lambda: 0.0)
    tally.stuck = 4
    assert tally.fault("ann")


def test_it_knows_the_median_and_the_worst_time() -> None:
    tally = Tally(lambda: 0.0)
    assert tally.median == 0.0
    for seconds in (1.0, 5.0, 2.0):
        tally.ran(seconds)
    assert (tally.calls, tally.median, tally.worst) == (3, 2.0, 5.0)
