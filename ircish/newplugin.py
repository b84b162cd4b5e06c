"""`ircish plugins new NAME`: a small plugin that works, and its test, to begin with."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

from ircish.arguments import Failure

NAME = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)

TAKEN = {"conftest", "hookimpl", "ircish", "pytest", "server_commands"}
"""Names that mean something else in the two files, or to pytest."""

PLUGIN = '''\
"""{verb} 3 on the wire, /{slash} 3 in the client."""

from ircish import Context, command, hookimpl


@command("{verb}", examples={{"{verb} 3": "ann: {name} {name} {name}"}})
def {name}(ctx: Context, times: int = 1) -> None:
    """Say it so many times, for everyone to read."""
    if not 1 <= times <= 9:
        raise ctx.refuse(f"{{times}} times is too much or too little; try 3")
    ctx.announce(f"{{ctx.nick}}: {{' '.join(['{name}'] * times)}}")


@hookimpl
def server_commands():
    return [{name}]
'''

TEST = '''\
"""What {name}.py does, in a real chat: run `pytest` here."""

from pathlib import Path

import pytest


@pytest.fixture
def ircish_plugins():
    """What the server of these tests loads."""
    return [Path(__file__).with_name("{name}.py")]


def test_everyone_in_the_channel_reads_it(chat):
    ben, ann = chat.irc("ben", join="#lobby"), chat.nc("ann")
    assert ann.ask("{verb} 3") == ["*** ann: {name} {name} {name}"]
    assert ben.expect("ann: ").endswith("{name} {name} {name}")


def test_too_much_is_refused(chat):
    ann = chat.nc("ann")
    assert ann.ask("{verb} 10") == ["!!! 10 times is too much or too little; try 3"]
'''

NEXT = """\
{name}.py and test_{name}.py are here, and work: `ircish plugins check {name}.py`, `pytest`.
To chat with it: `ircish serve --plugins .`, in another terminal `ircish`, then /{slash} 3.
To keep it: move {name}.py into {own}."""


def begin(name: str) -> int:
    """Write NAME.py and test_NAME.py into the current directory, and say what to do next.

    Raises Failure where that cannot be: nothing is overwritten.
    """
    from ircish.pluginfiles import own_directory

    verb = checked(name)
    words = {"name": name, "verb": verb, "slash": verb.lower(), "own": own_directory()}
    written = {Path(f"{name}.py"): PLUGIN, Path(f"test_{name}.py"): TEST}
    for path in written:
        if path.exists() or path.is_symlink():
            raise Failure(f"there is a {path} here already; nothing was written.")
    try:
        for path, text in written.items():
            with path.open("x", encoding="utf-8") as file:
                file.write(text.format(**words))
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}.", 1) from None
    print(NEXT.format(**words))
    return 0


def checked(name: str) -> str:
    """The verb of a plugin that can be called so. Raises Failure."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise Failure(
            f"{name!r} cannot be a plugin's name: small letters, digits and _, as in Python."
        )
    if name in TAKEN or name in sys.stdlib_module_names:
        raise Failure(f"{name} is the name of something else in Python; choose another.")
    from ircish.checking import shipped

    there = shipped()
    there.stop()
    verb = name.replace("_", "").upper()
    command = there.table.find("plain", verb) or there.table.find("irc", verb)
    if name in there.names:
        raise Failure(f"there is a plugin {name} already, which ships with ircish.")
    if command:
        raise Failure(f"the command {verb} is there already; choose another name.")
    return verb
