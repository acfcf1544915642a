"""Runs a whole Koinon on this machine with nothing but this checkout: `make demo`.

    make demo                        start it, or go on where it was stopped
    make demo ARGS=--fresh           forget everything and start anew
    make demo ARGS=--tour            play the whole story without a browser, and end
    make demo ARGS=--day             play a random day (500 actions of 50 people), prove its books, and end
    make demo ARGS="--port 9000"     serve somewhere else

All that it keeps lies in `.demo/` in the checkout; the tour and the day keep nothing.
"""

import argparse
import signal
import sys
import time
from pathlib import Path

from scripts.playground.folder import open_folder
from scripts.playground.trouble import Trouble

ROOT = Path(__file__).resolve().parent.parent
FAILED, INTERRUPTED = 1, 130


def main() -> int:
    """The exit code: 0 after Ctrl-C or a whole tour, 130 when it was interrupted before it was up."""
    started = time.monotonic()
    options = _options()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        once = "tour" if options.tour else "day" if options.day else None
        print(f"Starting Koinon for a {once} ..." if once else "Starting Koinon ...", flush=True)
        folder = None if once else open_folder(options.folder, fresh=options.fresh)
        from scripts.playground import command  # noqa: PLC0415 - takes seconds, and something should be seen before

        if folder is None:
            return command.day(seed=options.seed, actions=options.actions) if options.day else command.tour()
        return command.demo(folder, port=options.port, started=started)
    except Trouble as trouble:
        print(f"\nerror: {trouble}\n  {trouble.remedy}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nStopped before it was up.", file=sys.stderr)
        return INTERRUPTED


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description="A whole Koinon on this machine.")
    parser.add_argument("--fresh", action="store_true", help="delete what an earlier demo kept, and start anew")
    parser.add_argument("--tour", action="store_true", help="play the whole story without a browser, and end")
    parser.add_argument("--day", action="store_true", help="play a random day, prove its books, and end")
    parser.add_argument("--seed", type=int, help="of the day, to play the same one again")
    parser.add_argument("--actions", type=int, default=500, help="of the day (%(default)s)")
    parser.add_argument("--folder", type=Path, default=ROOT / ".demo", help="where everything is kept (%(default)s)")
    parser.add_argument("--port", type=int, help="of the page, if it is free (default: 8000)")
    return parser.parse_args()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
