"""Runs a whole Koinon on this machine with nothing but this checkout: `make demo`.

    make demo                        start it, or go on where it was stopped
    make demo ARGS=--fresh           forget everything and start anew
    make demo ARGS=--tour            play the whole story without a browser, and end
    make demo ARGS="--port 9000"     serve somewhere else

All that it keeps lies in `.demo/` in the checkout.
"""

import argparse
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from scripts.playground.folder import open_folder
from scripts.playground.supervisor import USUAL_WEB_PORT, Playground
from scripts.playground.trouble import Trouble
from scripts.seed import seed
from scripts.tour import TourFailed, play

ROOT = Path(__file__).resolve().parent.parent
TOUR_ANCHOR_SECONDS = 1
out, err = Console(highlight=False), Console(stderr=True, highlight=False)


def main() -> int:
    """The exit code: 0 after Ctrl-C or a whole tour."""
    options = _options()
    started = time.monotonic()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _interrupt(stop))
    try:
        return _tour() if options.tour else _demo(options, stop, started)
    except Trouble as trouble:
        err.print(f"\n[bold red]error:[/] {trouble}\n  {trouble.remedy}", soft_wrap=True)
    except TourFailed as failure:
        err.print(f"\n[bold red]The tour failed:[/] {failure}", soft_wrap=True)
    except OSError as error:
        err.print(
            f"\n[bold red]error:[/] {error}\n  Is there space, and may this folder be written to?", soft_wrap=True
        )
    except KeyboardInterrupt:
        err.print("\nstopped before it had started")
        return 130
    return 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description="A whole Koinon on this machine.")
    parser.add_argument("--fresh", action="store_true", help="delete what an earlier demo kept, and start anew")
    parser.add_argument("--tour", action="store_true", help="play the whole story without a browser, and end")
    parser.add_argument("--folder", type=Path, default=ROOT / ".demo", help="where everything is kept (%(default)s)")
    parser.add_argument("--port", type=int, default=USUAL_WEB_PORT, help="of the page, if it is free (%(default)s)")
    return parser.parse_args()


def _interrupt(stop: threading.Event) -> None:
    """Once the demo runs, Ctrl-C ends it in order; before, it breaks off whatever is being waited for."""
    if not _running.is_set():
        raise KeyboardInterrupt
    stop.set()


_running = threading.Event()


def _demo(options: argparse.Namespace, stop: threading.Event, started: float) -> int:
    folder = open_folder(options.folder, fresh=options.fresh)
    first = not folder.notes.get("ready")
    step("starting a local chain and the home" if first else f"going on from {options.folder}")
    with Playground(folder, say=step, port=options.port) as playground:
        if first:
            step("telling the story of two communities")
            playground.seed(seed)
        step("opening the doors")
        playground.serve()
        out.print(_welcome(playground, time.monotonic() - started, options.port))
        _running.set()
        playground.watch(stop)
        out.print("\nstopping ...", end=" ")
    out.print(f"done. It is all kept in {options.folder}.")
    return 0


def _tour() -> int:
    with tempfile.TemporaryDirectory(prefix="koinon-tour-") as path:
        folder = open_folder(Path(path))
        with Playground(folder, say=step, port=0, rpc_port=0, anchor_seconds=TOUR_ANCHOR_SECONDS) as playground:
            playground.serve()
            play(playground, out)
    return 0


def step(text: str) -> None:
    """One line of progress."""
    out.print(f"  [dim]·[/] {text}", soft_wrap=True)


def _welcome(playground: Playground, seconds: float, wanted: int) -> Panel:
    lines = Table.grid(padding=(0, 2))
    taken = "" if playground.url.endswith(f":{wanted}") else f"   [dim](port {wanted} is taken)[/]"
    lines.add_row("Open", f"[bold cyan]{playground.url}[/]{taken}")
    lines.add_row("", "")
    lines.add_row("Try", "Connect as [bold]Noor[/], open a post for members, and join: its rest appears in place.")
    lines.add_row("", "Be [bold]Vera[/], the founder, in the bar at the top: write a post behind a gate.")
    lines.add_row("", "Jump 30 days and see memberships expire. Cause a reorg right after joining.")
    lines.add_row("", "")
    lines.add_row("Chain", f"{playground.chain.url}   [dim]id {playground.settings.chain_id}[/]")
    lines.add_row("Kept in", str(playground.folder.root))
    lines.add_row("Stop", "Ctrl-C   [dim]make demo goes on from here; make demo ARGS=--fresh starts anew[/]")
    return Panel(lines, title=f"[bold]Koinon[/] is up after {seconds:.1f} s", border_style="cyan", expand=False)


if __name__ == "__main__":
    sys.exit(main())
