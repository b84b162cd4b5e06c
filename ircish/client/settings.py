"""The client's settings: one table, what was typed or read made into values, and client.toml. What
a setting changes is the affair of who reads it."""

from __future__ import annotations

import dataclasses
import os
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ircish.chat.masks import matches
from ircish.client.files import locked, replace
from ircish.config import ConfigError, read, wrong
from ircish.settings import (
    LINE,
    YES_OR_NO,
    Kind,
    Setting,
    choice,
    is_line,
    is_word,
    listed,
    number,
    one_of,
    setting,
    toml_key,
    toml_value,
    whole,
)

if TYPE_CHECKING:
    from ircish.events import Source

HEADER = "# The settings of ircish's client. /set writes this file anew: comments are not kept."
"""The first line of client.toml; a file without it is kept once as client.toml.old."""

NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?")
STRFTIME = re.compile(r"(?:[^%]|%[aAbBdeFHIjklmMpRSTuVyYzZ%])+")
ALIAS = re.compile(r"[a-z0-9_-]{1,30}")
TYPED = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


class SettingError(ValueError):
    """One sentence for who sets it: what is wrong, and what would be right."""


def is_time_format(text: str) -> bool:
    return len(text) <= 30 and is_line(text) and bool(STRFTIME.fullmatch(text))


def is_listable(text: str) -> bool:
    return is_line(text) and text.strip() == text != "" and "," not in text and text[0] != '"'


def parse_aliases(value: Any, base: Path) -> Any:
    if not isinstance(value, Mapping):
        raise ValueError(value)
    for name, text in value.items():
        if not ALIAS.fullmatch(name) or not isinstance(text, str):
            raise ValueError(value)
        if text.strip() != text or not text or not is_line(text):
            raise ValueError(value)
    return dict(value)


TIME = one_of(str, 'a time format, such as "%H:%M" or "%H:%M:%S"', is_time_format)
WORD = one_of(str, "one word", lambda value: not value or is_word(value))
THEMES = ("dark", "light")
NOTIFY = ("auto", "osc9", "osc777", "osc99", "off")
PHRASES = listed("words, with commas between them, such as: ircish, lunch*",
    one_of(str, "", is_listable))  # fmt: skip
MASKS = listed("nicks or masks, with commas between them, such as: ben, *!*@*.example.org",
    one_of(str, "", lambda value: is_word(value) and is_listable(value)))  # fmt: skip
ALIASES = Kind("a name of a-z, 0-9, - and _, and one line that stands for it", parse_aliases)


# The table of settings.
# fmt: off
@dataclass(slots=True)
class Settings:
    """The values, every one checked; Settings() is the defaults. To change one: ``put``."""

    theme: str = setting("dark", choice(*THEMES), "The colours: `dark` for a dark background, "
        "`light` for a light one.")
    time_format: str = setting("%H:%M", TIME, "The time before each line, as strftime writes it.")
    nick: str = setting("", WORD, "The nickname to come in with; empty is the login name.")
    real_name: str = setting("", LINE, "What WHOIS says of who you are; empty is the nickname.")
    nick_colors: bool = setting(True, YES_OR_NO, "Give each nickname a colour of its own.")
    nick_list: bool = setting(True, YES_OR_NO, "Show who is in the channel, in windows of 90 "
        "columns and more.")
    nick_list_width: int = setting(18, whole(4, 60), "The width of that list.", unit="columns")
    fold: bool = setting(True, YES_OR_NO, "Fold joins and quits that follow each other into one "
        "line.")
    recent_minutes: int = setting(30, whole(0, 1_440), "Who spoke within this time has joins and "
        "quits shown apart; 0 folds all.", unit="minutes")
    noise: bool = setting(True, YES_OR_NO, "Show joins, quits and modes at all.")
    lines: int = setting(100_000, whole(100, 1_000_000), "How many lines each window keeps.")
    history_lines: int = setting(100, whole(0, 1_000), "How many older lines the server is asked "
        "for at a time; 0 asks for none.")
    hints: bool = setting(True, YES_OR_NO, "Show one line of help under the prompt while a command "
        "is typed.")
    completion_suffix: str = setting(": ", LINE, "What follows a nickname completed at the start "
        "of a line.")
    paste_lines: int = setting(2, whole(2, 1_000), "A paste of so many lines or more asks before "
        "it is sent.")
    keep_input: bool = setting(True, YES_OR_NO, "Keep what was typed for the next start; lines "
        "with a password are never kept.")
    mouse: bool = setting(False, YES_OR_NO, "Take the mouse: the wheel scrolls, but selecting text "
        "then needs Shift.")
    escape_seconds: float = setting(0.05, number(0.01, 2), "How long Escape waits for a key that "
        "makes it Alt.", unit="seconds")
    title: bool = setting(False, YES_OR_NO, "Put the window's name and what is new into the "
        "terminal's title.")
    bell: bool = setting(True, YES_OR_NO, "Ring the terminal's bell at mentions and private "
        "messages while you look elsewhere.")
    notify: str = setting("auto", choice(*NOTIFY), "Let the terminal show a desktop notification "
        "of them: `auto` where it is known to be able to, `off`, or the escape sequence to use.")
    notify_send: bool = setting(False, YES_OR_NO, "Show them with the program notify-send too.")
    notify_seconds: float = setting(5, number(0, 86_400), "At most one of them in this time.",
        unit="seconds")
    highlight: tuple[str, ...] = setting((), PHRASES, "Words that count as a mention, like your "
        "nickname; `*` is any part of a word.")
    ignore: tuple[str, ...] = setting((), MASKS, "Who is not shown: nicknames, or masks as "
        "`nick!user@host` with `*` and `?`.")
    reconnect: bool = setting(True, YES_OR_NO, "Connect again when a connection is lost.")
    send_burst: int = setting(5, whole(1, 1_000), "How many lines are sent at once before they "
        "are paced.")
    send_rate: float = setting(0, number(0, 1_000), "How fast lines are sent from then on; 0 is "
        "what the server is known to take.", unit="lines a second")
    ctcp: bool = setting(True, YES_OR_NO, "Answer CTCP questions: PING, VERSION, TIME.")
    away_message: str = setting("away", LINE, "What /away without words says.")
    quit_message: str = setting("", LINE, "What /quit without words says; empty says nothing.")
    aliases: Mapping[str, str] = setting(dict, ALIASES, "Commands of your own: `/alias wii /whois "
        "$1 $1` makes /wii.", secret=True)

# fmt: on
    path: Path | None = field(default=None, compare=False)
    """client.toml; None saves nothing"""
    errors: list[str] = field(default_factory=list, compare=False)
    """What was wrong in the file, a sentence each."""
    _listeners: list[Callable[[str], object]] = field(default_factory=list, compare=False)
    _touched: set[str] = field(default_factory=set, compare=False)
    _saved: dict[str, Any] = field(default_factory=dict, compare=False)
    """Lists and tables as they were when the file was read or written, to merge others' changes."""

    def get(self, name: str) -> Any:
        """Raises SettingError where there is no setting of this name."""
        about(name)
        return getattr(self, name)

    def put(self, name: str, value: Any) -> None:
        """Set to a value of the setting's type. Raises SettingError."""
        self._change(name, _parsed(name, about(name), value))

    def set(self, name: str, text: str) -> None:
        """Set to what was typed: on, off, a number, words; in quotes where it begins or ends with
        a space, or is empty. Raises SettingError."""
        try:
            self.put(name, typed(name, text))
        except SettingError as error:
            if about(name).kind is YES_OR_NO:
                raise SettingError(str(wrong(name, text, "on or off"))) from error
            raise

    def unset(self, name: str) -> None:
        """Back to the default. Raises SettingError."""
        about(name)
        self._change(name, getattr(Settings(), name))

    def add(self, name: str, word: str) -> bool:
        """Add to a list; whether it was not there. Raises SettingError."""
        words: tuple[str, ...] = self.get(name)
        if word.lower() in map(str.lower, words):
            return False
        self.put(name, (*words, word))
        return True

    def remove(self, name: str, word: str) -> bool:
        """Take from a list; whether it was there. Raises SettingError."""
        words: tuple[str, ...] = self.get(name)
        left = tuple(each for each in words if each.lower() != word.lower())
        if left != words:
            self._change(name, left)
        return left != words

    def alias(self, name: str, text: str) -> None:
        """Let ``/name`` stand for a text; "" for nothing any more. Raises SettingError."""
        others = {each: was for each, was in self.aliases.items() if each != name.lower()}
        self.put("aliases", {**others, name.lower(): text.strip()} if text.strip() else others)

    def _change(self, name: str, value: Any) -> None:
        changed = value != getattr(self, name)
        setattr(self, name, value)
        self._touched.add(name)
        for listener in self._listeners if changed else ():
            listener(name)

    def ignores(self, source: Source) -> bool:
        """Whether somebody is not to be shown. A mask without ``!`` and ``@`` is a nick."""
        nick, full = source.nick.lower(), f"{source.nick}!{source.user}@{source.host}".lower()
        for mask in map(str.lower, self.ignore):
            whole = f"*!{mask}" if "@" in mask and "!" not in mask else mask
            if matches(whole, full if "!" in whole else nick):
                return True
        return False

    def on_change(self, listener: Callable[[str], object]) -> None:
        """Call ``listener(name)`` after each change."""
        self._listeners.append(listener)

    def shown(self, name: str) -> str:
        """The value as one would type it: ``set(name, shown(name))`` changes nothing.
        Raises SettingError."""
        value = self.get(name)
        if isinstance(value, bool):
            return "on" if value else "off"
        if isinstance(value, Mapping):
            return ", ".join(f"{key} = {text}" for key, text in value.items()) or '""'
        text = ", ".join(value) if isinstance(value, tuple) else str(value)
        return f'"{text}"' if text.strip() != text or not text or text[0] == '"' else text

    def save(self) -> None:
        """Write what was changed since the last time into the file, and leave alone what others
        wrote there meanwhile. Raises SettingError, with nothing written."""
        if self.path is None or not self._touched:
            return
        try:
            # Another program may look at a link: what it points to is written.
            file = Path(os.path.realpath(self.path))
            with locked(file.parent):
                merged = self._merged(read(file, must_exist=False))
                if file.exists() and not (text := file.read_text("utf-8")).startswith(HEADER):
                    replace(file.with_name(f"{file.name}.old"), text)  # its comments
                replace(file, _as_toml(merged))
        except ConfigError as error:
            raise SettingError(f"The settings were not saved: {error}") from error
        except OSError as error:
            raise SettingError(
                f"The settings were not saved: {self.path} cannot be written: {error.strerror}."
            ) from error
        self._touched.clear()
        self._snapshot()

    def _merged(self, table: dict[str, Any]) -> dict[str, Any]:
        """The file's table with our changes."""
        for name in self._touched:
            value, before, there = getattr(self, name), self._saved.get(name), table.get(name)
            if isinstance(there, list) and isinstance(before, tuple):
                kept = [each for each in there if each not in before or each in value]
                value = (*kept, *(each for each in value if each not in (*kept, *before)))
            elif isinstance(there, dict) and isinstance(before, dict):
                ours = {key: text for key, text in value.items() if before.get(key) != text}
                gone = before.keys() - value.keys()
                value = {key: text for key, text in there.items() if key not in gone} | ours
            table[name] = value
        return table

    def _snapshot(self) -> None:
        self._saved = {name: getattr(self, name) for name in ("highlight", "ignore", "aliases")}


KNOWN: Mapping[str, Setting] = {
    each.name: each.metadata["setting"]
    for each in dataclasses.fields(Settings)
    if "setting" in each.metadata
}
"""All there is to know of each setting, in order."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "theme": THEMES,
    "notify": NOTIFY,
    **{name: ("on", "off") for name, each in KNOWN.items() if each.kind is YES_OR_NO},
}
"""What one may type for settings that take only some words; for completion."""


def about(name: str) -> Setting:
    """What a setting is. Raises SettingError where there is none of this name."""
    if name in KNOWN:
        return KNOWN[name]
    import difflib

    near = difflib.get_close_matches(name.lower().replace("-", "_"), KNOWN, 1)
    hint = f"did you mean {near[0]}?" if near else "/set shows them all."
    raise SettingError(f"There is no setting {name}; {hint}")


def typed(name: str, text: str) -> Any:
    """The value that a text stands for, not checked yet. Raises SettingError."""
    kind, text = about(name).kind, text.strip()
    if kind is ALIASES:
        raise SettingError("/alias NAME TEXT sets an alias.")
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if kind is YES_OR_NO:
        return TYPED.get(text.lower(), text)
    if kind.numeric and (match := NUMBER.fullmatch(text)):
        return float(text) if match[1] else int(text)
    if kind in (PHRASES, MASKS):
        return [each.strip() for each in text.split(",") if each.strip()]
    return text


def _parsed(where: str, what: Setting, value: Any) -> Any:
    try:
        return what.kind.parse(value, Path())
    except ValueError as error:
        raise SettingError(
            str(wrong(where, value, what.kind.expects, secret=what.secret))
        ) from error


def own_file() -> Path:
    """client.toml in the user's directory for configuration."""
    import platformdirs

    return platformdirs.user_config_path("ircish", appauthor=False) / "client.toml"


def load(path: Path | None = None) -> Settings:
    """The settings in a file, the user's own by default, over the defaults. Never raises: what is
    wrong there is a sentence in ``errors``, and the rest counts."""
    file = path or own_file()
    result = Settings(path=file)
    try:
        table = read(file, must_exist=False)
    except ConfigError as error:
        result.errors.append(str(error))
        table = {}
    for name, value in table.items():
        for where, part in _parts(name, value):
            try:
                parsed = _parsed(f"{file}: {where}", about(name), part)
            except SettingError as error:
                text = str(error)
                result.errors.append(text if name in KNOWN else f"{file}: {text}")
                continue
            before = getattr(result, name)
            if isinstance(before, tuple):
                parsed = before + parsed
            elif isinstance(before, dict):
                parsed = before | parsed
            setattr(result, name, parsed)
    result._snapshot()
    return result


def _parts(name: str, value: Any) -> list[tuple[str, Any]]:
    """A list or a table in parts, so that what is wrong in it does not cost the rest."""
    kind = KNOWN[name].kind if name in KNOWN else None
    if kind in (PHRASES, MASKS) and isinstance(value, list):
        return [(name, [each]) for each in value]
    if kind is ALIASES and isinstance(value, dict):
        return [(f"{name}.{toml_key(key)}", {key: text}) for key, text in value.items()]
    return [(name, value)]


def _as_toml(table: Mapping[str, Any]) -> str:
    """client.toml: what differs from the defaults under what it means, then what is not ours."""
    defaults = Settings()
    out = [HEADER]
    tables: list[str] = []
    for name in (*KNOWN, *(name for name in table if name not in KNOWN)):
        if name not in table or (name in KNOWN and table[name] == getattr(defaults, name)):
            continue
        target = tables if isinstance(table[name], Mapping) else out
        target += ["", *(_comment(name) if name in KNOWN else ())]
        if target is out:
            out += [f"{toml_key(name)} = {toml_value(table[name])}"]
        else:  # after all else: what follows a [table] belongs to it
            tables += [f"[{toml_key(name)}]"]
            tables += [f"{toml_key(key)} = {toml_value(each)}" for key, each in table[name].items()]
    return "\n".join(out + tables) + "\n"


def _comment(name: str) -> list[str]:
    what = KNOWN[name]
    text = f"{what.doc} In {what.unit}." if what.unit else what.doc
    return textwrap.wrap(text, 96, initial_indent="# ", subsequent_indent="# ")


def settings_table() -> str:
    """Every setting as a Markdown table."""
    rows = ["| Setting | Default | Meaning |", "|---|---|---|"]
    defaults = Settings()
    for name, what in KNOWN.items():
        shown = defaults.shown(name)
        default = "empty" if shown == '""' else f"`{shown}` {what.unit}".rstrip()
        rows.append(f"| `{name}` | {default} | {what.doc} |")
    return "\n".join(rows) + "\n"
