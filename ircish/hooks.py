"""What a plugin implements, found by pluggy and checked further: what pluggy lets pass silently is
refused here. Calling them is the managers'."""

from __future__ import annotations

import functools
import inspect
import threading
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import pluggy

from ircish import hookspecs
from ircish.events import Event, Stamped

HOOKS = tuple(name for name in vars(hookspecs) if name.startswith(("server_", "client_")))
"""Their names, in the order of hookspecs."""


class HookError(TypeError):
    """A hook that would never be called, or cannot be: one sentence."""


class Implementation(NamedTuple):
    """One hook of one plugin."""

    name: str
    function: Callable[..., Any]
    takes: tuple[str, ...]
    """the names of the arguments that it wants"""
    order: int
    """-1 wants to be called first, 1 last (pluggy's tryfirst and trylast)"""
    events: tuple[type[Event], ...] | None = None
    """of server_event, the kinds that it wants to be told of; None is all"""


def implementations(plugin: Any, side: str) -> Mapping[str, Implementation]:
    """The hooks of one ``side`` (``server`` or ``client``) that a plugin implements, by name.

    Raises HookError for a misspelt, an unmarked, a wrapping or an async one, on whichever side.
    """
    manager, lock = _declared()
    for hook in HOOKS:
        function, options = getattr(plugin, hook, None), manager.parse_hookimpl_opts(plugin, hook)
        if options is None and callable(function):
            raise HookError(f"{hook} is not marked: write @hookimpl above it")
        if options and (options["wrapper"] or options["hookwrapper"]):
            raise HookError(f"{hook} is a wrapper, which no hook here can be")
        if options and inspect.iscoroutinefunction(function):
            raise HookError(f"{hook}: write def, not async def")
    with lock:
        try:
            manager.register(plugin, name="it")
            manager.check_pending()
            return {
                hook: _implementation(hook, each)
                for hook in HOOKS
                if hook.startswith(f"{side}_")
                for each in getattr(manager.hook, hook).get_hookimpls()
            }
        except pluggy.PluginValidationError as error:
            raise HookError(str(error).replace("\n", " ")) from None
        finally:
            _take_out(manager)


def arguments(hook: str) -> tuple[str, ...]:
    """What a hook can be given, in its order."""
    return tuple(inspect.signature(getattr(hookspecs, hook)).parameters)


@functools.cache  # a millisecond
def _declared() -> tuple[pluggy.PluginManager, threading.Lock]:
    """A manager that knows every hook, for one plugin at a time: who uses it holds the lock."""
    manager = pluggy.PluginManager("ircish")
    manager.add_hookspecs(hookspecs)
    return manager, threading.Lock()


def _take_out(manager: pluggy.PluginManager) -> None:
    manager.unregister(name="it")
    for unknown in [hook for hook in vars(manager.hook) if hook not in HOOKS]:
        delattr(manager.hook, unknown)  # else the next would be blamed for it


def _implementation(hook: str, each: pluggy.HookImpl) -> Implementation:
    events = _events(each.function) if hook == "server_event" else None
    order = each.trylast - each.tryfirst
    return Implementation(hook, each.function, tuple(each.argnames), order, events)


def _events(function: Callable[..., Any]) -> tuple[type[Event], ...] | None:
    """The kinds that ``event: Stamped[Said | Joined]`` names; None is all. Raises HookError."""
    annotation = getattr(function, "__annotations__", {}).get("event")
    if isinstance(annotation, str):
        try:
            annotation = eval(annotation, getattr(function, "__globals__", {}))
        except Exception as error:
            raise HookError(
                f"server_event: {annotation} cannot be understood ({error}); import what it names, "
                "not under TYPE_CHECKING"
            ) from None
    if typing.get_origin(annotation) is not Stamped:
        if isinstance(annotation, type) and issubclass(annotation, Event):
            name = annotation.__name__
            raise HookError(f"server_event gets a Stamped: write event: Stamped[{name}]")
        return None
    (wanted,) = typing.get_args(annotation)
    union = typing.get_origin(wanted) in (types.UnionType, typing.Union)
    kinds = typing.get_args(wanted) if union else (wanted,)
    for kind in kinds:
        if not (isinstance(kind, type) and issubclass(kind, Event)):
            raise HookError(f"server_event: {kind!r} is no kind of event")
    return None if Event in kinds else tuple(kinds)
