"""Which core the chat keeps to, and when it moves; with the system's figures given."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ircish.server import cores
from ircish.server.cores import Cores, Load, load

pytestmark = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity"), reason="this system does not tell threads where to run"
)


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> dict[int, set[int]]:
    """Two cores, and where each thread of this process may run."""
    places = {threading.get_native_id(): {0, 1}}

    def key(tid: int) -> int:
        return tid or threading.get_native_id()

    monkeypatch.setattr(os, "sched_getaffinity", lambda tid: places.get(key(tid), {0, 1}))
    monkeypatch.setattr(os, "sched_setaffinity", lambda tid, to: places.update({key(tid): to}))
    monkeypatch.setattr(cores.random, "choice", lambda each: each[0])
    return places


def test_threads_started_for_the_chat_keep_to_one_core(two: dict[int, set[int]]) -> None:
    own = threading.get_native_id()
    mine = Cores(one=True)
    with mine.one():
        assert two[own] == {0}
        with mine.all():
            assert two[own] == {0, 1}
        assert two[own] == {0}
    assert two[own] == {0, 1}


def test_where_one_core_is_not_wanted_threads_run_anywhere(two: dict[int, set[int]]) -> None:
    mine = Cores(one=False)
    with mine.one():
        assert two[threading.get_native_id()] == {0, 1}
    mine.balance()


@pytest.mark.parametrize(
    ("own", "busy", "idle", "moves"),
    [
        (0.1, {0: 0.9, 1: 0.1}, {0: 0.1, 1: 0.9}, True),  # others took 0.8 of it
        (0.9, {0: 0.9, 1: 0.1}, {0: 0.1, 1: 0.9}, False),  # all of it is our own
        (0.1, {0: 0.9, 1: 0.8}, {0: 0.1, 1: 0.2}, False),  # the other is no better
        (0.0, {0: 0.2, 1: 0.0}, {0: 0.8, 1: 1.0}, False),  # others took little
        (0.0, {}, {}, False),  # the system does not tell
    ],
)
def test_the_chat_leaves_a_core_that_others_keep_busy(
    two: dict[int, set[int]],
    monkeypatch: pytest.MonkeyPatch,
    own: float,
    busy: dict[int, float],
    idle: dict[int, float],
    moves: bool,
) -> None:
    nothing = dict.fromkeys(busy, 0.0)
    loads = iter([Load(10.0, 0.0, nothing, nothing), Load(11.0, own, busy, idle)])
    monkeypatch.setattr(cores, "load", lambda: next(loads))
    mine = Cores(one=True)
    with mine.one():
        mine.balance()
        assert two[threading.get_native_id()] == ({1} if moves else {0})


def test_the_load_of_each_core_is_read_in_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = tmp_path / "stat"
    stat.write_text("cpu  9 9 9 9 9 9 9 9 0 0\ncpu1 100 0 50 300 100 0 25 25 0 0\nintr 12\n")
    monkeypatch.setattr(cores, "_STAT", stat)
    monkeypatch.setattr(cores, "_TICKS", 100)
    assert (load().busy, load().idle) == ({1: 2.0}, {1: 4.0})
    stat.unlink()
    assert (load().busy, load().idle) == ({}, {})
