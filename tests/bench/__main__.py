"""``python -m tests.bench``: start each server, give it each workload, print the figures."""

from __future__ import annotations

import argparse
import json
import platform
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from . import report
from .peers import PEERS, ROOT, Peer, Server
from .process import raise_descriptor_limit
from .workloads import WORKLOADS, Workload, smaller

SPARE_DESCRIPTORS = 100  # beside those for the clients
LOAD_LIMIT = 300.0  # seconds for the load to end, beyond those it counts


def names(known: list[str]) -> Any:
    """A parser for a comma-separated choice of the known names."""

    def parse(text: str) -> list[str]:
        chosen = text.split(",")
        if unknown := sorted(set(chosen) - set(known)):
            raise argparse.ArgumentTypeError(
                f"{', '.join(unknown)} unknown; there are {', '.join(known)}"
            )
        return chosen

    return parse


def arguments() -> argparse.Namespace:
    works = "\n".join(f"  {work.name:8}  {work.about}" for work in WORKLOADS)
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Compare ircish with the IRC servers installed here, at the same work.",
        epilog=f"workloads:\n{works}\n\nfigures:\n{report.legend()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    workloads = [work.name for work in WORKLOADS]
    servers = [peer.name for peer in PEERS]
    parser.add_argument("--only", type=names(workloads), default=workloads, metavar="WORKLOAD,...")
    parser.add_argument("--servers", type=names(servers), default=servers, metavar="SERVER,...")
    parser.add_argument("--seconds", type=float, help="counted for each workload (default 5)")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each; the medians are shown")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all runs there, too")
    parser.add_argument("--quick", action="store_true", help="a smoke test: a fifth of all, 0.5 s")
    chosen = parser.parse_args()
    chosen.seconds = chosen.seconds or (0.5 if chosen.quick else 5.0)
    return chosen


def run(peer: Peer, work: Workload, seconds: float) -> dict[str, Any]:
    """The figures of one server at one workload, or ``failed`` and why."""
    if work.clients > peer.most_clients:
        return {"failed": f"not tried with {work.clients:,} clients: {peer.why_not_more}"}
    try:
        with Server(peer) as server:
            job = {
                "pid": server.process.pid,
                "port": server.port,
                "at_once": peer.at_once,
                "workload": asdict(work),
                "seconds": seconds,
            }
            load = subprocess.run(
                [sys.executable, "-m", "tests.bench.load"],
                cwd=ROOT,
                input=json.dumps(job).encode(),
                stdout=subprocess.PIPE,
                timeout=LOAD_LIMIT + seconds,
                check=True,
            )
            figures: dict[str, Any] = json.loads(load.stdout)
            if server.process.poll() is not None:
                figures = {"failed": f"did not finish: the server ended: {server.last_words()}"}
            return figures
    except TimeoutError as error:
        return {"failed": str(error)}
    except subprocess.TimeoutExpired as error:
        return {"failed": f"did not finish within {error.timeout:.0f} s"}


def measure(chosen: argparse.Namespace, console: Console) -> dict[str, dict[str, list[Any]]]:
    """All runs, each workload's table printed as soon as it is complete."""
    peers = [peer for peer in PEERS if peer.name in chosen.servers]
    for peer in peers:
        if not peer.installed():
            console.print(f"{peer.name} is not installed here")
    peers = [peer for peer in peers if peer.installed()]
    room = raise_descriptor_limit() - SPARE_DESCRIPTORS
    results: dict[str, dict[str, list[Any]]] = {}
    for work in WORKLOADS:
        if work.name not in chosen.only:
            continue
        scaled = smaller(work) if chosen.quick else work
        if scaled.clients + scaled.joiners > room:
            console.print(f"{work.name} left out: only {room:,} descriptors are allowed here")
            continue
        runs: dict[str, list[Any]] = {peer.name: [] for peer in peers}
        for _ in range(chosen.repeat):
            for peer in peers:  # in turn, so that a noisy minute hits all
                with console.status(escape(f"{work.name}: {peer.name}")):
                    runs[peer.name].append(run(peer, scaled, chosen.seconds))
        report.show(console, scaled, runs)
        results[work.name] = runs
    return results


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are ended
    chosen = arguments()
    console = Console()
    if not console.is_terminal:
        console.width = 140
    results = measure(chosen, console)
    if not chosen.quick and (kept := report.promises(results)):
        console.print("[bold]What ircish promises[/]")
        console.print(kept)
    if chosen.json:
        about = {
            "python": platform.python_version(),
            "machine": platform.platform(),
            "seconds": chosen.seconds,
            "quick": chosen.quick,
            "results": results,
        }
        chosen.json.write_text(json.dumps(about, indent=1) + "\n")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
