"""The sandbox: a plugin's examples are tried, and nothing of it is seen outside."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from pathlib import Path

import pytest

from ircish import sandbox
from ircish.pluginfiles import of_file
from ircish.sandbox import Sandbox, check

PLUGIN = """
import time
from ircish import command, hookimpl

@command("TEA", examples={examples})
def tea(ctx, kind="green"):
    '''Make tea.'''
    ctx.log.info("tea is made")
    {does}

@hookimpl
def server_commands():
    return [tea]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tea.py"


def problems(file: Path, examples: dict[str, str], does: str = "ctx.reply(kind)") -> list[str]:
    file.write_text(PLUGIN.format(examples=examples, does=does))
    return check(file)


@pytest.mark.parametrize(
    ("expected", "does"),
    [
        ("green", "ctx.reply(kind)"),
        ("green\nblack", "ctx.reply('green\\nblack')"),
        ("black", "ctx.reply('green\\nblack')"),
        ("gr...n", "ctx.reply(kind)"),
        ("...", "ctx.reply(kind)"),
        ("", "pass"),
        ("no green", "raise ctx.refuse('no green')"),
    ],
)
def test_an_example_says_what_ann_reads(file: Path, expected: str, does: str) -> None:
    assert problems(file, {"TEA": expected}, does) == []


@pytest.mark.parametrize("expected", ["", "gree", "green\ntea", "red"])
def test_an_example_that_does_not_come_out_is_a_sentence(file: Path, expected: str) -> None:
    assert problems(file, {"TEA": expected}) == [
        f"TEA: after 'TEA' ann reads 'green', not {expected!r}."
    ]


def test_an_example_that_hangs_is_a_sentence_and_its_thread_ends(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "PATIENCE", 0.3)
    before = threading.active_count()
    said = problems(file, {"TEA": ""}, "while True: pass")
    assert said == ["TEA: the example 'TEA' takes longer than 0.3 s."]
    deadline = time.monotonic() + 5
    while threading.active_count() > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_is_tried_leaves_no_file_no_thread_and_no_line_in_the_log(
    file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG, "ircish")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    before = threading.active_count()
    does = "ctx.storage['x'] = 1; ctx.after(60, print); ctx.reply(str(len(ctx.storage)))"
    assert problems(file, {"TEA": "1"}, does) == []
    assert caplog.text == ""
    assert list((tmp_path / "scratch").iterdir()) == []
    deadline = time.monotonic() + 5
    while threading.active_count() > before:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_its_clock_stands_still_and_a_sandbox_serves_many(file: Path) -> None:
    file.write_text(
        PLUGIN.format(examples={"TEA": "1900000000"}, does="ctx.reply(f'{ctx.server.clock():.0f}')")
    )
    with Sandbox() as several:
        for _ in range(3):
            assert several.problems(of_file(file)) == []
