"""What spendwise and a training job agree on: exit codes, progress lines, files that appear whole (docs/trainers.md)."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

DONE, BAD_INPUT, FAILED, STOPPED = 0, 2, 3, 75
STARTED_AT = time.monotonic()
PROCESSES = int(os.environ.get("WORLD_SIZE", "1"))
RANK = int(os.environ.get("RANK", "0"))
IS_MAIN = RANK == 0
EXIT_FILE = os.environ.get("SPENDWISE_EXIT_FILE", "")


class BadInput(Exception):
    """What was given cannot be trained on; the same again would not help."""


class TrainingFailed(Exception):
    """Training went wrong after it had begun."""


class OutOfMemory(Exception):
    """A step did not fit; the work folder says with how many tokens at once the job continues."""


class Stop:
    """Whether the job shall save and stop: by a signal, or because its minutes are over."""

    def __init__(self, max_minutes: float) -> None:
        self.signalled = False
        self.max_seconds = 60 * max_minutes or math.inf
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            signal.signal(number, self._on_signal)

    def _on_signal(self, *_: object) -> None:
        self.signalled = True

    def is_asked(self) -> bool:
        return self.signalled or time.monotonic() - STARTED_AT > self.max_seconds


def emit(event: str, **facts: object) -> None:
    if IS_MAIN:
        print("@@sft " + json.dumps({"event": event} | facts), flush=True)


def warn(message: str) -> None:
    """One sentence that people should read although the job continues."""
    emit("warning", message=message)
    if IS_MAIN:
        print(message, file=sys.stderr, flush=True)


def fail(code: int, message: str) -> int:
    emit("error", message=message)
    print(message, file=sys.stderr, flush=True)
    return code


def run_program(main: Callable[[list[str]], int]) -> None:
    """The whole of a recipe: its job, and whatever ends it as an exit code, said also to who started its launcher. Does not return."""
    say_exit(None)
    try:
        code = main(sys.argv[1:])
    except BadInput as error:
        code = fail(BAD_INPUT, str(error))
    except TrainingFailed as error:
        code = fail(FAILED, str(error))
    except Exception as error:
        traceback.print_exc()
        code = fail(FAILED, f"{type(error).__name__}: {error}")
    say_exit(code)
    sys.exit(code)


def say_exit(code: int | None) -> None:
    """
    Launchers (torchrun, accelerate) end with 1 whatever we ended with; who started them reads our code here. Any process may
    say that it stopped early: out of memory is one process's alone, and the others are ended with it.
    """
    if not EXIT_FILE or not (IS_MAIN or code == STOPPED):
        return
    Path(EXIT_FILE).unlink(missing_ok=True)
    if code is not None:
        Path(EXIT_FILE).write_text(f"{code}\n")


def write_json(path: Path, value: object) -> None:
    """By a rename, so that a kill leaves the whole file or none."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n")
    os.replace(fresh, path)
