"""The figures as tables, and what ircish promises of them. Measures nothing."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from .workloads import Workload

OURS = "ircish"

# Each figure of load.py that is shown: heading, decimals, what it means.
FIGURES = {
    "deliveries_per_second": ("deliveries/s", 0, "messages read by one recipient, all together"),
    "cpu_us_per_delivery": ("CPU µs/delivery", 2, "the server's user+system time; trust this one"),
    "cpu_ms_per_join": ("CPU ms/join", 3, "the same, per client that joins, told to all members"),
    "kib_per_connection": ("KiB/connection", 1, "growth of resident memory, without the kernel's"),
    "ratio": ("÷ best peer", 2, "the figure marked * over the best of the other servers"),
    "p50_ms": ("p50 ms", 2, "from sending to reading, by sampled recipients: the median"),
    "p99_ms": ("p99 ms", 2, "and what 99 of 100 stay below"),
    "listeners_p99_ms": ("quiet p99 ms", 2, "of those who only read; Nagle may hold up the others"),
    "cpu_ms_per_lone_join": ("CPU ms/lone join", 3, "when nothing else goes on: a send to each"),
    "ms_per_lone_join": ("ms/lone join", 2, "wall time until all members know of it"),
    "seconds_to_come_in": ("all in after s", 1, "connecting and registering all"),
    "cpu_percent": ("CPU %", 1, "the server's, of one core"),
    "load_percent": ("load %", 0, "the load generator's, of one core; near 100 it is the limit"),
    "peak_mib": ("peak MiB", 1, "the server's largest resident memory (VmHWM)"),
}
COMPARED = {"talk": "cpu_us_per_delivery", "join": "cpu_ms_per_join", "idle": "kib_per_connection"}

Results = Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]  # workload, server, its runs


@dataclass(frozen=True, slots=True)
class Promise:
    """``figure`` of ircish is at most ``factor`` times a peer's (at least, for deliveries/s).

    Without a peer, ``factor`` is the limit itself.
    """

    workload: str
    figure: str
    factor: float
    peer: str = ""


PROMISES = (
    Promise("fanout", "cpu_us_per_delivery", 0.65, "inspircd"),
    Promise("fanout", "p50_ms", 1.0, "inspircd"),
    Promise("fanout", "deliveries_per_second", 1.0, "inspircd"),
    Promise("bigroom", "cpu_us_per_delivery", 0.5, "inspircd"),
    Promise("bigroom", "p50_ms", 1.0, "inspircd"),
    Promise("bigroom", "deliveries_per_second", 1.0, "inspircd"),
    Promise("latency", "p99_ms", 1.0, "inspircd"),
    Promise("latency", "listeners_p99_ms", 1.0, "inspircd"),
    Promise("rooms", "cpu_us_per_delivery", 2.2, "inspircd"),
    Promise("rooms", "cpu_us_per_delivery", 1.0, "ngircd"),
    Promise("pairs", "cpu_us_per_delivery", 1.6, "ngircd"),
    Promise("join", "cpu_ms_per_join", 1.0),
    Promise("idle10k", "kib_per_connection", 40.0),
)


def middle(runs: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The median of each figure over the runs that succeeded; empty when none did."""
    good = [run for run in runs if "failed" not in run]
    return {name: statistics.median(run[name] for run in good) for name in (good or [{}])[0]}


def ratio(work: Workload, servers: Mapping[str, Mapping[str, float]], name: str) -> float | None:
    """The compared figure of one server over the best of the others; None without one."""
    figure = COMPARED[work.kind]
    others = [
        found[figure] for peer, found in servers.items() if peer not in (OURS, name) and found
    ]
    own = servers[name].get(figure)
    return own / min(others) if own is not None and others and min(others) > 0 else None


def table(work: Workload, runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> Table:
    """One workload: a row for each server."""
    servers = {name: middle(results) for name, results in runs.items()}
    for name, figures in servers.items():
        if (compared := ratio(work, servers, name)) is not None:
            figures["ratio"] = compared
    shown = [figure for figure in FIGURES if any(figure in found for found in servers.values())]
    result = Table(box=box.SIMPLE_HEAD)
    result.add_column("server")
    for figure in shown:
        mark = " *" if figure == COMPARED[work.kind] else ""
        result.add_column(FIGURES[figure][0] + mark, justify="right")
    for name, found in servers.items():
        result.add_row(name, *(cell(found, figure) for figure in shown))
    return result


def cell(found: Mapping[str, float], figure: str) -> str:
    return f"{found[figure]:,.{FIGURES[figure][1]}f}" if figure in found else "-"


def failures(runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """A line for each server with runs that failed: how many, and why the last did."""
    lines = []
    for name, results in runs.items():
        reasons = [run["failed"] for run in results if "failed" in run]
        if reasons:
            times = f" ({len(reasons)} of {len(results)} times)" if len(results) > 1 else ""
            lines.append(f"{name}{times}: {reasons[-1]}")
    return lines


def promises(results: Results) -> Table | None:
    """What was promised, what came of it; None when nothing of it was measured."""
    result = Table(box=box.SIMPLE_HEAD)
    for heading in ("workload", "figure", "promised", "measured", "kept"):
        result.add_column(heading)
    for promise in PROMISES:
        runs = results.get(promise.workload, {})
        own = middle(runs.get(OURS, ())).get(promise.figure)
        peer = middle(runs.get(promise.peer, ())).get(promise.figure) if promise.peer else 1.0
        if own is None or not peer:
            continue
        more = promise.figure == "deliveries_per_second"
        kept = own / peer >= promise.factor if more else own / peer <= promise.factor
        bound = f"{'≥' if more else '≤'} {promise.factor:g}"
        result.add_row(
            promise.workload,
            FIGURES[promise.figure][0],
            f"{bound} × {promise.peer}" if promise.peer else bound,
            f"{own / peer:.2f}",
            "[green]yes[/]" if kept else "[red]no[/]",
        )
    return result if result.row_count else None


def show(console: Console, work: Workload, runs: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Print one workload's table and what went wrong."""
    console.print(f"[bold]{work.name}[/]: {work.about}")
    console.print(table(work, runs))
    for line in failures(runs):
        console.print(f"  {line}", markup=False, highlight=False)


def legend() -> str:
    """What each figure means, a line each."""
    width = max(len(heading) for heading, _, _ in FIGURES.values())
    return "\n".join(f"  {heading:{width}}  {text}" for heading, _, text in FIGURES.values())
