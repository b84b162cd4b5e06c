"""A plugin's thread: timers come when they are due, in order, and not after its end."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ircish import worker as worker_module
from ircish.worker import TooManyTimers, Worker


class World:
    """A worker whose clock is set by hand and whose calls are noted."""

    def __init__(self) -> None:
        self.now = 100.0
        self.made: list[str] = []
        self.told: list[object] = []
        self.worker = Worker("test", self.told.append, self.guard, lambda: self.now, 0)

    def guard(self, what: str, call: Callable[[], object]) -> None:
        self.made.append(what)
        call()

    def at(self, seconds: float) -> None:
        self.now = 100.0 + seconds
        self.worker.run_due()


def test_timers_come_when_they_are_due_in_their_order_and_once() -> None:
    world, came = World(), list[str]()
    world.worker.after(2, lambda: came.append("two"))
    world.worker.after(1, lambda: came.append("one"))
    world.worker.after(-5, lambda: came.append("now"))
    world.at(0)
    assert came == ["now"]
    world.at(5)
    world.at(9)
    assert came == ["now", "one", "two"]
    assert world.worker.waiting == 0


def test_a_repeated_timer_keeps_its_pace_until_it_is_cancelled() -> None:
    world, came = World(), list[float]()
    timer = world.worker.every(10, lambda: came.append(world.now - 100))
    for seconds in (9, 10, 11, 20, 75, 75.05, 76, 85, 90):
        world.at(seconds)
    assert came == [10, 20, 75, 76, 90]
    timer.cancel()
    count = len(came)
    world.at(500)
    assert len(came) == count


def test_what_cannot_be_a_timer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = World().worker
    with pytest.raises(ValueError, match="too often"):
        worker.every(0.01, print)
    with pytest.raises(ValueError, match="nan"):
        worker.after(float("nan"), print)
    with pytest.raises(TypeError, match="leave its"):
        worker.after(1, print())  # type: ignore[arg-type, func-returns-value]
    monkeypatch.setattr(worker_module, "TIMERS", 2)
    first = worker.after(1, print)
    worker.after(2, print)
    with pytest.raises(TooManyTimers):
        worker.after(3, print)
    first.cancel()
    worker.after(3, print)


def test_after_its_end_nothing_comes_and_untold_events_are_given_back() -> None:
    world = World()
    world.worker.after(1, lambda: world.made.append("never"))
    world.worker.give("event")
    assert world.worker.stop() == ["event"]
    assert world.worker.after(1, print).cancelled
    world.at(5)
    assert world.made == []


def test_the_thread_tells_events_and_wakes_for_a_new_timer() -> None:
    world, came = World(), threading.Event()
    world.worker.begin(tells=False)
    assert not world.worker.alive
    world.worker.after(0, came.set)
    assert came.wait(5)
    world.worker.give("event")
    world.worker.after(0, world.worker.stop)
    assert world.worker._thread
    world.worker._thread.join(5)
    assert world.told == ["event"]


def test_while_it_lingers_events_gather_and_its_end_does_not_wait() -> None:
    told, first = list[object](), threading.Event()

    def tell(event: object) -> None:
        told.append(event)
        first.set()

    def guard(what: str, call: Callable[[], object]) -> None:
        call()

    worker = Worker("test", tell, guard, lambda: 100.0, linger=3600)
    worker.begin(tells=True)
    worker.give(1)
    assert first.wait(5)
    worker.give(2)  # which waits an hour
    assert worker.stop() in ([2], [])  # told just before it began to linger, on a slow machine
    assert worker._thread
    worker._thread.join(5)
    assert not worker.alive
    assert told in ([1], [1, 2])


def test_one_look_takes_all_that_waits() -> None:
    told, last = list[int](), threading.Event()

    def tell(event: int) -> None:
        told.append(event)
        if event == 99:
            last.set()

    def guard(what: str, call: Callable[[], object]) -> None:
        call()

    worker = Worker("test", tell, guard, lambda: 100.0, linger=3600)
    for number in range(100):
        worker.give(number)
    worker.begin(tells=True)
    assert last.wait(5)
    assert told == list(range(100))
    worker.stop()
