"""What `make demo` does and says: start, welcome, wait for Ctrl-C; or the tour; or a random day."""

import secrets
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from scripts import day as random_day
from scripts.playground.folder import Folder, open_folder
from scripts.playground.supervisor import Playground
from scripts.playground.trouble import Trouble
from scripts.seed import seed
from scripts.tour import TourFailed, play

TOUR_ANCHOR_SECONDS = 1
out, err = Console(highlight=False), Console(stderr=True, highlight=False)


def demo(folder: Folder, *, port: int | None, started: float) -> int:
    """Serves until Ctrl-C; the exit code. `started`: when the command began, by the monotonic clock."""
    return _guarded(lambda: _demo(folder, port, started))


def tour() -> int:
    """Plays the story on a chain and ports of its own; the exit code."""
    return _guarded(_tour)


def day(*, seed: int | None, actions: int) -> int:
    """Plays a random day of so many actions on a chain and ports of its own; the exit code."""
    return _guarded(lambda: _day(secrets.randbelow(1_000_000) if seed is None else seed, actions))


def _guarded(run: Callable[[], None]) -> int:
    try:
        run()
    except Trouble as trouble:
        err.print(f"\n[bold red]error:[/] {trouble}\n  {trouble.remedy}", soft_wrap=True)
        return 1
    except TourFailed as failure:
        err.print(f"\n[bold red]The tour failed:[/] {failure}", soft_wrap=True)
        return 1
    except random_day.DayFailed as failure:
        err.print(f"\n[bold red]The day failed:[/] {failure}", soft_wrap=True)
        return 1
    except OSError as error:
        remedy = "Is there space left, and may this user write there?"
        err.print(f"\n[bold red]error:[/] {error}\n  {remedy}", soft_wrap=True)
        return 1
    return 0


def _demo(folder: Folder, port: int | None, started: float) -> None:
    first = not folder.notes.get("ready")
    step("a local chain, contracts and tables" if first else f"going on from {folder.root}")
    with Playground(folder, say=step, port=port) as playground:
        if first:
            step("telling the stories of two communities")
            playground.seed(seed)
        step("opening the doors")
        playground.serve()
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: stop.set())
        out.print(_welcome(playground, time.monotonic() - started))
        playground.watch(stop)
        step("stopping")
    step(f"stopped; all is kept in {folder.root}")


def _tour() -> None:
    with tempfile.TemporaryDirectory(prefix="koinon-tour-") as path:
        folder = open_folder(Path(path))
        with Playground(folder, say=step, port=0, rpc_port=0, anchor_seconds=TOUR_ANCHOR_SECONDS) as playground:
            playground.serve()
            play(playground, out)
    out.print("[bold green]The whole story holds.[/]")


def _day(seed: int, actions: int) -> None:
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="koinon-day-") as path,
        Playground(open_folder(Path(path)), say=step, port=0, rpc_port=0) as playground,
    ):
        playground.serve()
        random_day.play(playground, out, seed=seed, actions=actions)
    out.print(f"[bold green]The day's books hold[/] after {time.monotonic() - started:.0f} s.")


def step(text: str) -> None:
    """One line of progress."""
    out.print(f"  [dim]·[/] {text}", soft_wrap=True)


def _welcome(playground: Playground, seconds: float) -> Panel:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="dim")
    wanted = playground.wanted
    taken = "" if playground.url.endswith(f":{wanted}") else f"   [dim](port {wanted} is taken)[/]"
    lines.add_row("Open", f"[bold cyan]{playground.url}[/]{taken}")
    lines.add_row()
    lines.add_row("Try", "Connect as [bold]Noor[/], open a post for members, join: it opens in place.")
    lines.add_row("", "Be [bold]Vera[/], the founder (bar at the top): write behind a gate.")
    lines.add_row("", "Be [bold]Ilse[/], who invites: claim what her badge earned, sell it, see who buys.")
    lines.add_row("", "Jump 30 days: memberships expire. Join, then cause a reorg.")
    lines.add_row()
    lines.add_row("Chain", f"{playground.chain.url}   [dim]id {playground.settings.chain_id}[/]")
    lines.add_row("Kept in", f"{playground.folder.root}   [dim]logs/ says what goes on[/]")
    lines.add_row("Stop", "Ctrl-C   [dim]make demo goes on from here; ARGS=--fresh starts anew[/]")
    return Panel(lines, title=f"[bold]Koinon[/] is up after {seconds:.1f} s", border_style="cyan", expand=False)
