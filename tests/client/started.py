"""The real command, in a terminal of its own, with a home of its own."""

from __future__ import annotations

import sys
from pathlib import Path

from terminal import Terminal

import ircish

ROOT = Path(ircish.__file__).parents[1]


def environment(home: Path) -> dict[str, str]:
    """Nothing of what is here, and nothing is left behind."""
    places = {
        f"XDG_{name}_HOME": str(home / name.lower())
        for name in ("CONFIG", "STATE", "DATA", "CACHE")
    }
    return {
        **places,
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "TZ": "UTC",
        "NO_COLOR": "",
        "LANG": "C.UTF-8",
        "TMUX": "",
        "STY": "",
        "TERM_PROGRAM": "",
        "PS1": "$ ",
    }


def command(*arguments: str | int) -> list[str]:
    """``ircish`` with these arguments."""
    return [sys.executable, "-P", "-m", "ircish", *map(str, arguments)]


def started(
    home: Path, *arguments: str | int, columns: int = 100, rows: int = 30, nick: str = "ann"
) -> Terminal:
    """``ircish chat 127.0.0.1 ARGUMENTS``"""
    home.mkdir(exist_ok=True)
    argv = command("chat", "127.0.0.1", *arguments, "--nick", nick)
    return Terminal(argv, columns, rows, env=environment(home), cwd=home)
