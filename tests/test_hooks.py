"""What a plugin implements: found, and refused where it would never be called."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from ircish import Event, Joined, Parted, Said, Stamped, hookimpl, hookspecs
from ircish.hooks import HOOKS, HookError, arguments, implementations


def plugin(**hooks: Callable[..., Any]) -> Any:
    """A plugin with these functions, marked."""
    return SimpleNamespace(**{name: hookimpl(each) for name, each in hooks.items()})


def test_the_hooks_are_those_declared_in_their_order() -> None:
    assert HOOKS[:2] == ("server_commands", "server_started")
    assert all(hasattr(hookspecs, hook) for hook in HOOKS)
    assert arguments("server_refuse") == ("user", "event", "plugin")
    assert arguments("client_complete") == ("word", "session")


def test_an_implementation_tells_what_it_wants_and_when_it_is_called() -> None:
    def server_refuse(event, user):  # type: ignore[no-untyped-def]
        return None

    first = hookimpl(tryfirst=True)(lambda text: text)
    last = hookimpl(trylast=True)(lambda: [])
    mixed = SimpleNamespace(
        server_refuse=hookimpl(server_refuse), client_typed=first, server_commands=last
    )
    server, client = implementations(mixed, "server"), implementations(mixed, "client")
    assert set(server) == {"server_refuse", "server_commands"}
    assert set(client) == {"client_typed"}
    assert server["server_refuse"].takes == ("event", "user")
    assert server["server_refuse"].function is server_refuse
    orders = server["server_refuse"].order, client["client_typed"].order
    assert (*orders, server["server_commands"].order) == (0, -1, 1)
    assert implementations(SimpleNamespace(), "server") == {}


async def later() -> None: ...


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (SimpleNamespace(server_event=print), "server_event is not marked"),
        (SimpleNamespace(client_typed=print), "client_typed is not marked"),
        (plugin(server_evnt=lambda: None), "unknown hook 'server_evnt'"),
        (plugin(server_event=lambda evnt: None), "evnt"),
        (SimpleNamespace(client_typed=hookimpl(wrapper=True)(lambda text: (yield))), "a wrapper"),
        (plugin(server_started=later), "write def, not async def"),
    ],
)
@pytest.mark.parametrize("side", ["server", "client"])
def test_what_would_never_be_called_is_refused_on_either_side(
    wrong: Any, why: str, side: str
) -> None:
    with pytest.raises(HookError, match=why) as caught:
        implementations(wrong, side)
    assert "\n" not in str(caught.value)
    good = plugin(server_event=lambda event: None, client_typed=lambda text: None)
    assert len(implementations(good, side)) == 1  # which is not blamed for the one before


def test_plugins_are_looked_at_in_several_threads_at_once() -> None:
    seen: list[Any] = []

    def look() -> None:
        good = plugin(server_event=lambda event: None)
        found = [implementations(good, "server")["server_event"] for _ in range(50)]
        seen.append(all(each.function is good.server_event for each in found))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [True] * 4


def everything(event): ...  # type: ignore[no-untyped-def]


def bare(event: Stamped) -> None: ...


def each(event: Stamped[Event]) -> None: ...


def words(event: Stamped[Said]) -> None: ...


def doors(event: Stamped[Joined | Parted]) -> None: ...


def anything(event: Any) -> None: ...


def none(plugin: object) -> None: ...


@pytest.mark.parametrize(
    ("function", "kinds"),
    [
        (everything, None),
        (bare, None),
        (each, None),
        (anything, None),
        (none, None),
        (words, (Said,)),
        (doors, (Joined, Parted)),
        (lambda event: None, None),
    ],
)
def test_the_annotation_says_what_one_is_told_of(function: Any, kinds: Any) -> None:
    assert implementations(plugin(server_event=function), "server")["server_event"].events == kinds


@pytest.mark.parametrize(
    ("annotation", "why"),
    [
        ("Stamped[Sad]", r"Stamped\[Sad\] cannot be understood .*; import what it names"),
        ("Said", r"write event: Stamped\[Said\]"),
        ("Stamped[Said | int]", "<class 'int'> is no kind of event"),
        (Stamped[int], "no kind of event"),  # type: ignore[type-var]
    ],
)
def test_what_is_no_kind_of_event_is_refused(annotation: Any, why: str) -> None:
    def wrong(event): ...  # type: ignore[no-untyped-def]

    wrong.__annotations__["event"] = annotation
    with pytest.raises(HookError, match=why):
        implementations(plugin(server_event=wrong), "server")
