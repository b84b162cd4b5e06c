"""ircish.toml and flags -> one checked Config, and back; what each setting is: see settings."""

from __future__ import annotations

import dataclasses
import difflib
import hmac
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import platformdirs

from ircish.settings import (
    ARGON2,
    SECTIONS,
    HistorySettings,
    Limits,
    Server,
    Setting,
    is_word,
    parse_size,
    toml_key,
    toml_value,
)

__all__ = [
    "Config",
    "ConfigError",
    "HistorySettings",
    "Limits",
    "Server",
    "check_password",
    "hash_password",
    "load",
    "parse_size",
    "running",
    "settings",
    "settings_table",
    "to_toml",
]


class ConfigError(Exception):
    """One sentence for who starts the server: where, what is wrong, and what would be right."""


# The sections whose keys are the user's own.
FREE_SECTIONS = MappingProxyType(
    {
        "operators": "Who may become operator with OPER: a name and a hash from `ircish passwd`.",
        "plugins": "A plugin's own settings stand in a table of its own, `[plugins.NAME]`.",
    }
)


@dataclass(frozen=True, slots=True)
class Config:
    """The effective configuration, every value checked; Config() is the defaults."""

    server: Server = field(default_factory=Server)
    limits: Limits = field(default_factory=Limits)
    history: HistorySettings = field(default_factory=HistorySettings)
    operators: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    plugins: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))


def settings() -> Iterator[tuple[str, Setting, Any]]:
    """Every setting in order: its full name, such as "server.port", what it is, its default."""
    defaults = Config()
    for section, kind in SECTIONS.items():
        for each in dataclasses.fields(kind):
            name = f"{section}.{each.name}"
            yield name, each.metadata["setting"], value_of(defaults, name)


def load(path: Path | None, overrides: Mapping[str, Any], *, filled: bool = False) -> Config:
    """`overrides` ({"server.port": 7000}; None is a flag not given) over the file over the
    defaults. Without `path`, the file is the user's own ircish.toml if there is one. A relative
    path in the file starts from the file's directory, else from the current one.
    Raises ConfigError, where the file must be `filled` also if nothing is in it."""
    known = {name: each for name, each, _ in settings()}
    file = path or platformdirs.user_config_path("ircish", appauthor=False) / "ircish.toml"
    tables = read(file, must_exist=path is not None)
    if filled and not tables:  # half written, or being exchanged: not that all is as by default
        raise ConfigError(f"{file} is empty or gone; it had settings when the server was started.")
    values: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for section, table in tables.items():
        if section not in {*SECTIONS, *FREE_SECTIONS} or not isinstance(table, dict):
            raise ConfigError(f"{file}: {unknown(section, table)}")
        for key, value in table.items() if section in SECTIONS else ():
            name = f"{section}.{key}"
            if name not in known:
                raise ConfigError(f"{file}: {unknown(name, value)}")
            values[section][key] = checked(f"{file}: {name}", known[name], value, file.parent)
    for name, value in overrides.items():
        if name not in known:
            raise ConfigError(unknown(name, value))
        if value is not None:
            section, _, key = name.partition(".")
            given = from_flag(known[name], value)
            values[section][key] = checked(known[name].flag or name, known[name], given, Path())
    config = Config(
        **{section: kind(**values[section]) for section, kind in SECTIONS.items()},
        operators=operators(file, tables.get("operators", {})),
        plugins=plugin_tables(file, tables.get("plugins", {})),
    )
    longest = config.limits.channel_length
    if len(config.server.default_channel) > longest:
        expects = f"a channel of at most {longest} characters (limits.channel_length)"
        raise wrong("server.default_channel", config.server.default_channel, expects)
    return config


def running(now: Config, wanted: Config) -> tuple[Config, list[str]]:
    """What a server that runs with ``now`` makes of ``wanted``: that, but for the settings that
    take effect only at a start; and the full names of those among them that differ."""
    later = [
        name
        for name, each, _ in settings()
        if each.at_start and value_of(now, name) != value_of(wanted, name)
    ]
    kept: dict[str, dict[str, Any]] = {section: {} for section in SECTIONS}
    for name in later:
        section, _, key = name.partition(".")
        kept[section][key] = value_of(now, name)
    sections = {
        section: dataclasses.replace(getattr(wanted, section), **values)
        for section, values in kept.items()
    }
    return dataclasses.replace(wanted, **sections), later


def value_of(config: Config, name: str) -> Any:
    """The value of a setting by its full name, such as "server.port"."""
    section, _, key = name.partition(".")
    return getattr(getattr(config, section), key)


def read(file: Path, must_exist: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        if must_exist:
            raise ConfigError(
                f"There is no file {file}; `ircish serve --print-config` prints one to begin with."
            ) from error
        return {}
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            f"{file} is not UTF-8 text (at line {line}); save it as UTF-8."
        ) from error
    except (ValueError, RecursionError) as error:  # the latter: [[[[[...
        raise ConfigError(f"{file} is not valid TOML: {error}.") from error


def checked(where: str, setting: Setting, value: Any, base: Path) -> Any:
    try:
        return setting.kind.parse(value, base.absolute())
    except ValueError as error:
        raise wrong(where, value, setting.kind.expects, secret=setting.secret) from error


def from_flag(setting: Setting, value: Any) -> Any:
    """The command line has only strings: a number is made of one that looks like it."""
    is_digits = isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value)
    return int(value) if is_digits and setting.kind.numeric else value


def wrong(where: str, value: Any, expects: str, secret: bool = False) -> ConfigError:
    shown = toml_value(value)
    is_what = f"is {shown if len(shown) <= 60 else shown[:60] + ' ...'}; it "
    return ConfigError(f"{where} {'' if secret else is_what}must be {expects}.")


def unknown(name: str, value: Any) -> str:
    """What to say of a section, or of a setting with its section, that does not exist."""
    section, _, key = name.rpartition(".")
    if not section and isinstance(value, dict):
        sections = [*SECTIONS, *FREE_SECTIONS]
        near = difflib.get_close_matches(key, sections, 1)
        hint = f"did you mean [{near[0]}]?" if near else f"there are {', '.join(sections)}."
        return f"there is no section [{key}]; {hint}"
    names = {each.partition(".")[2]: each for each, _, _ in settings()}
    if near := difflib.get_close_matches(key, names, 1):
        hint = f"did you mean {names[near[0]]}?"
    else:
        hint = "`ircish serve --print-config` shows them all."
    return f"there is no setting {name}; {hint}"


def operators(file: Path, table: Mapping[str, Any]) -> Mapping[str, str]:
    for name, stored in table.items():
        where = f"{file}: operators.{toml_key(name)}"
        if not is_word(name):
            raise wrong(where, name, "a name without spaces")
        if not isinstance(stored, str) or not ARGON2.fullmatch(stored):
            expects = "the hash of a password, which `ircish passwd` prints, never the password"
            raise wrong(where, stored, expects, secret=True)
    return MappingProxyType(dict(table))


def plugin_tables(file: Path, tables: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    for name, table in tables.items():
        if not isinstance(table, dict):
            expects = "a table (directories with plugins are server.plugins)"
            raise wrong(f"{file}: plugins.{toml_key(name)}", table, expects)
    return MappingProxyType({name: MappingProxyType(table) for name, table in tables.items()})


def to_toml(config: Config) -> str:
    """ircish.toml for `config`, a comment above each setting; `load` gives the same from it."""
    out = []
    for name, each, _ in settings():
        section, _, key = name.partition(".")
        if f"[{section}]" not in out:
            out += ["", f"[{section}]"]
        about = f"{each.doc} In {each.unit}." if each.unit else each.doc
        value = value_of(config, name)
        out += [*textwrap.wrap(about, 96, initial_indent="# ", subsequent_indent="# ")]
        out += [f"{key} = {each.kind.write(value)}"]
    out += ["", "[operators]", f"# {FREE_SECTIONS['operators']}"]
    out += [f"{toml_key(name)} = {toml_value(stored)}" for name, stored in config.operators.items()]
    out += ["", f"# {FREE_SECTIONS['plugins']}"]
    for name, table in config.plugins.items():
        out += [f"[plugins.{toml_key(name)}]"]
        out += [f"{toml_key(key)} = {toml_value(value)}" for key, value in table.items()]
    return "\n".join(out[1:]) + "\n"


def settings_table() -> str:
    """Every setting as a Markdown table, the same on every machine."""
    rows = ["| Setting | Flag | Default | Meaning |", "|---|---|---|---|"]
    for name, each, value in settings():
        default = each.shown or f"`{each.kind.write(value)}` {each.unit}".rstrip()
        flag = each.flag and f"`{each.flag}`"
        rows.append(f"| `{name}` | {flag} | {default} | {each.doc} |")
    rows += [f"| `[{name}]` | | none | {doc} |" for name, doc in FREE_SECTIONS.items()]
    return "\n".join(rows) + "\n"


def hash_password(text: str) -> str:
    """An argon2id hash with its salt and cost, for the configuration. Takes about 50 ms."""
    from argon2 import PasswordHasher

    return PasswordHasher().hash(encoded(text))


def check_password(stored: str, given: str) -> bool:
    """Whether `given` is the password `stored`, a hash or plain. An empty `stored` is a password
    too: whether one is asked for at all is the caller's question. A hash takes about 50 ms and
    64 MiB, without the GIL; plain text a time that does not depend on where the two differ."""
    if not stored.startswith("$argon2"):
        return hmac.compare_digest(encoded(stored), encoded(given))
    from argon2 import PasswordHasher, exceptions

    try:
        return PasswordHasher().verify(stored, encoded(given))
    except (exceptions.VerificationError, exceptions.InvalidHashError):
        return False


def encoded(password: str) -> bytes:
    # A terminal that is not UTF-8 gives surrogates, which strict encoding refuses.
    return password.encode("utf-8", "surrogatepass")
