"""Where plugins are, and how a file becomes a module; what is in them is the managers' affair."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import importlib.util
import itertools
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, NamedTuple

ENTRY_POINTS = "ircish.plugins"

NO_PLUGINS = ("__init__", "conftest")
"""Files that are none, beside tests."""


class Source(NamedTuple):
    """A plugin that is there, and may be loaded."""

    name: str
    origin: str
    """the file's path, or ``package NAME``"""
    load: Callable[[], Any]
    """the module; a file is read anew at every call"""
    path: Path | None = None


def of_file(path: Path) -> Source:
    """The plugin in a file."""
    return Source(path.stem, str(path), lambda: import_file(path), path)


def all_sources(directories: Iterable[Path], without: Iterable[str]) -> Iterator[Source]:
    """Every plugin there is, but for those ``without``: the bundled ones, those in the directories
    in turn, and installed ones."""
    for path in files(directories, without):
        yield of_file(path)
    for entry in installed(without):
        package = entry.dist.name if entry.dist else entry.value
        yield Source(entry.name, f"package {package}", entry.load)


def files(directories: Iterable[Path], without: Iterable[str]) -> Iterator[Path]:
    """The bundled plugins and those in ``directories``, but for those ``without``. Where one that
    is bundled is left out, its name is free for another."""
    unwanted, freed = set(without), set[str]()
    for directory in (bundled(), *directories):
        for path in sorted(directory.glob("*.py")):
            name = path.stem
            if name in NO_PLUGINS or name.startswith("test_"):
                continue
            if name not in unwanted or name in freed:
                yield path
            elif directory == bundled():
                freed.add(name)


def installed(without: Iterable[str]) -> Iterator[importlib.metadata.EntryPoint]:
    """The plugins of installed packages, to be loaded one by one: they fail one by one."""
    unwanted = set(without)
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        if entry.name not in unwanted:
            yield entry


def import_file(path: Path) -> ModuleType:
    """The module in a file, imported anew under a name that nothing else has."""
    stem = f"ircish_plugin_{path.stem}"
    numbered = (f"{stem}_{number}" for number in itertools.count(2))
    name = next(name for name in itertools.chain([stem], numbered) if name not in sys.modules)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look for it there
    try:
        # a file that was changed within a second of its last import must not come out as before
        exec(_compiled(path.read_bytes(), str(path)), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return module


@functools.lru_cache(64)  # 2 ms; of the same text always comes the same
def _compiled(source: bytes, path: str) -> CodeType:
    code: CodeType = compile(source, path, "exec", dont_inherit=True)
    return code


def forget(module: object) -> None:
    """A module of ``import_file`` is not used any more; what still runs in it goes on."""
    name = getattr(module, "__name__", "")
    if name.startswith("ircish_plugin_") and sys.modules.get(name) is module:
        del sys.modules[name]


def bundled() -> Path:
    """Where the plugins are that ship with ircish: in a checkout beside the package, else in it."""
    package = Path(__file__).parent
    project = package.parent / "pyproject.toml"
    with contextlib.suppress(OSError, ValueError, KeyError):
        if tomllib.loads(project.read_text())["project"]["name"] == "ircish":
            return package.parent / "plugins"
    return package / "plugins"


def own_directory() -> Path:
    """``plugins/`` in the user's configuration directory."""
    import platformdirs

    return platformdirs.user_config_path("ircish", appauthor=False) / "plugins"
