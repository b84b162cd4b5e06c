"""What was typed, per window, kept from one start to the next; never with a password in it. Going
up and down in it is the app's."""

from __future__ import annotations

import json
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from ircish.client.files import locked, replace

PER_WINDOW = 1_000
"""Lines of one window that are kept, the newest."""

MOST = 20_000
"""Lines in all."""

LONGEST = 4_000
"""Characters of a line that still goes into the file."""

SPARE = 1_000
"""Lines too many in the file before it is written anew."""

MOST_BYTES = 4 * 2**20
"""So much of the file is read, from its end."""

SECRET = {"oper", "pass", "authenticate", "identify", "webirc"}
"""Verbs with a password, in a command and, the slash forgotten, in speech."""

SECRET_COMMANDS = SECRET | {
    "auth", "ghost", "id", "ident", "login", "passwd", "password", "recover", "regain", "register",
    "release", "sasl", "setpass", "sidentify", "verify", "vhost",
}  # fmt: skip
"""Verbs with a password in a command, and in words to ChanServ and the like."""

SPEECH = {"m", "msg", "notice", "privmsg", "q", "query", "squery"}
SERVICES = {"as": "authserv", "cs": "chanserv", "hs": "hostserv", "ms": "memoserv",
    "ns": "nickserv", "us": "userserv"}  # fmt: skip
"""Commands that talk to a service, beside the services' own names."""

ACCOUNTS = {"authserv", "nickserv", "userserv"}
"""Services that are mostly told passwords."""

HARMLESS = {"acc", "access", "alist", "glist", "help", "info", "list", "logout", "status"}
"""What such a service may be told without one."""

WORD = re.compile(r"\S+")
OPTION = r"(?:\s+--(?:tls|tls-insecure)(?!\S)|\s+--(?:nick|join)[=\s]\s*[^\s-]\S*)*"
CONNECT = re.compile(rf"[\s/]*\w+{OPTION}(?:\s+[^\s@-][^\s@]*(?!\S))?{OPTION}"
    rf"(?:\s+[0-9]{{1,5}}(?!\S))?{OPTION}")  # fmt: skip
"""/connect as far as nothing in it can be a password."""


def secret(text: str, window: str = "") -> bool:
    """Whether something in the text must not be kept."""
    return redacted(text, window) != text


def redacted(text: str, window: str = "") -> str | None:
    """The text as it may be kept: without a channel's key or a server's password; None where
    nothing may. ``window``: where it was typed, as all may be a password that a service is told.
    Rather too strict: a line wrongly left out can be typed again."""
    if "\n" in text or "\r" in text:
        harmless = not any(secret(line, window) for line in re.split("[\r\n]", text))
        return text if harmless else None
    begin = re.search(r"[^\s/]", text)
    if not begin:
        return text
    slashed = "/" in text[: begin.start()]
    words = list(WORD.finditer(text, begin.start()))
    verb, rest = words[0][0].lower(), text[words[0].end() :].strip()

    def through(count: int) -> str:
        """The text, as far as so many words after the verb go."""
        return text if len(words) <= count + 1 else text[: words[count].end()]

    if verb in (SECRET_COMMANDS if slashed else SECRET) and rest:
        return None
    if not slashed and is_service(window):
        return None if told(window, text) else text
    if verb in SPEECH and len(words) > 2:
        said = text[words[1].end() :]
        return None if any(told(to, said) for to in words[1][0].split(",")) else text
    if slashed and (verb in SERVICES or verb.endswith("serv")):
        return None if told(SERVICES.get(verb, verb), rest) else text
    if verb in ("quote", "raw"):
        line = re.sub(r"^(?:[@:]\S+\s+)+", "", rest)  # tags and source
        kept = redacted("/" + line)
        if kept is None or kept == "/" + line:
            return None if kept is None else text
        return text[: text.rindex(line)] + kept[1:]
    if slashed and verb == "alias" and len(words) > 2:
        meant = text[words[1].end() :]
        return None if any(secret(f"/{part.strip()}") for part in meant.split(";")) else text
    if slashed and verb == "set" and "pass" in rest.lower():
        return None
    if verb in ("j", "join") and (slashed or rest.startswith(("#", "&"))):
        return through(1)
    if verb == "mode" and rest:
        place = 1 if rest[0] in "+-" else 2
        if len(words) > place and "k" in words[place][0]:
            return through(place)
    if slashed and verb in ("connect", "server", "reconnect"):
        match = CONNECT.match(text)
        return match[0] if match and match[0] != text.rstrip() else text
    return text


def is_service(name: str) -> bool:
    name = name.lower().lstrip("@").partition("@")[0]
    return name.endswith("serv") or name in ("q", "x")  # QuakeNet's and Undernet's


def told(name: str, text: str) -> bool:
    """Whether one who is told this may be told a password with it."""
    name = name.lower().lstrip("@").partition("@")[0]
    words = text.strip().lower().lstrip(":/").split()
    if not is_service(name) or not words:
        return False
    if name in ACCOUNTS:
        return words[0] not in HARMLESS
    if len(words) < 2:
        return False
    return words[0] in SECRET_COMMANDS or any("pass" in word for word in words)


def own_file() -> Path:
    """The file in the user's directory for what programs remember."""
    import platformdirs

    return platformdirs.user_state_path("ircish", appauthor=False) / "inputs"


class Inputs:
    """The lines of all windows, oldest first. ``file`` None keeps them for this run only."""

    def __init__(self, file: Path | None = None) -> None:
        """Reads the file (60 ms where it is full) and makes it smaller where it is too large.
        Never raises: what went wrong is a sentence in ``error``, and lines are kept for this run.
        """
        self.error = ""
        self._file = file
        self._all: deque[tuple[str, str]] = deque(maxlen=MOST)
        self._lines: dict[str, deque[str]] = {}
        if file is not None:
            try:
                self._read(file)
            except OSError as error:
                self._failed(error)

    def lines(self, window: str) -> list[str]:
        """What was typed in a window of that name, oldest first."""
        return list(self._lines.get(window.lower(), ()))

    def search(self, text: str) -> list[str]:
        """What was typed anywhere with this text in it, newest first, each once."""
        folded = text.lower()
        return list(
            dict.fromkeys(line for _, line in reversed(self._all) if folded in line.lower())
        )

    def add(self, window: str, text: str, meant: str = "") -> None:
        """Keep what was typed in a window; ``meant`` is what it came to where that is another
        text, as with an alias. Twice the same in a row is kept once, a password never."""
        kept = None if meant and secret(meant, window) else redacted(text, window)
        if not kept or not kept.strip() or self.lines(window)[-1:] == [kept]:
            return
        self._keep(window.lower(), kept)
        if self._file is not None and len(kept) <= LONGEST:
            try:
                self._append(self._file, line_of(window.lower(), kept))
            except OSError as error:
                self._failed(error)

    def _keep(self, window: str, text: str) -> None:
        self._all.append((window, text))
        self._lines.setdefault(window, deque(maxlen=PER_WINDOW)).append(text)

    def _failed(self, error: OSError) -> None:
        self.error = f"What you type is not kept: {self._file}: {error.strerror}."
        self._file = None

    def _append(self, file: Path, line: str) -> None:
        with locked(file.parent), open(opened(file), "r+b", buffering=0) as stream:
            end = stream.seek(0, os.SEEK_END)
            if end:  # whoever was killed while writing left half a line
                stream.seek(end - 1)
                line = line if stream.read(1) == b"\n" else "\n" + line
            stream.write(line.encode())

    def _read(self, file: Path) -> None:
        if not file.exists():
            return
        with locked(file.parent):
            with open(opened(file), "rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - MOST_BYTES))
                lines = stream.read().split(b"\n")[:-1]
            for window, text in parsed(lines):
                self._keep(window, text)
            if len(lines) > sum(map(len, self._lines.values())) + SPARE or size > MOST_BYTES:
                replace(file, "".join(line_of(*each) for each in self._bounded()))

    def _bounded(self) -> list[tuple[str, str]]:
        """All that is kept, in the order in which it was typed."""
        left = {window: len(lines) for window, lines in self._lines.items()}
        newest = []
        for window, text in reversed(self._all):
            left[window] -= 1
            if left[window] >= 0:
                newest.append((window, text))
        return newest[::-1]


def opened(file: Path) -> int:
    """A descriptor of a file that nobody else may read, made where it is missing."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    os.fchmod(handle, 0o600)
    return handle


def line_of(window: str, text: str) -> str:
    return json.dumps([window, text]) + "\n"


def parsed(lines: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Windows and texts; damaged lines are passed over."""
    for line in lines:
        try:
            pair = json.loads(line)
            window, text = pair
            if text.encode() and window.lower() == window and isinstance(pair, list):
                yield window, text
        except (ValueError, TypeError, AttributeError, RecursionError):
            continue
