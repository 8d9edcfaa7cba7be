"""The trainer as a process of its own: its words passed on, its progress told, ended when the job is to stop."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from sft.contract import Stop, emit

# As transformers' Trainer prints its logs: {'loss': 5.53, ...}, in later versions {'loss': '5.53', ...}.
LOSS = re.compile(r"'loss': '?([-+.\deE]+|nan|inf)'?")
STEP = re.compile(r"\b(\d+)/(\d+) \[")
EXAMPLES = re.compile(r"Num examples = ([\d,]+)")
ERROR = re.compile(r"[\w.]*(?:Error|Exception)\b")
PROGRESS_SECONDS = 0.5
KEPT_LINES = 40


class Child:
    def __init__(self, argv: list[str], env: dict[str, str], folder: Path, first: int, steps: int) -> None:
        # A session of its own: launchers start workers, and all of them are ended together.
        self.process = subprocess.Popen(argv, env=env, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        stdin=subprocess.DEVNULL, text=True, errors="replace", start_new_session=True)
        self.step, self.steps, self.examples = first, steps, None
        self.lines: list[str] = []
        self.told_at = 0.0
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            self.lines = [*self.lines, line.rstrip()][-KEPT_LINES:]
            if found := EXAMPLES.search(line):
                self.examples = int(found[1].replace(",", ""))
            if found := LOSS.search(line):
                self.tell(float(found[1]))

    def last_words(self) -> str:
        """What it ended by: the error, where it names one, rather than a bar of progress that was drawn behind it."""
        said = [line for line in self.lines if line.strip()]
        errors = [line for line in said if ERROR.match(line)]
        return [*(said or ["it said nothing"]), *errors][-1].strip()

    def tell(self, loss: float) -> None:
        """Every step is logged once, so that lines count steps."""
        self.step = min(self.step + 1, self.steps)
        if time.monotonic() - self.told_at > PROGRESS_SECONDS or self.step == self.steps:
            self.told_at = time.monotonic()
            # JSON has no word for a loss that is no number; the end of the job says it.
            emit("progress", step=self.step, steps=self.steps, **({"loss": loss} if loss == loss and abs(loss) < 1e30 else {}))

    def wait(self, stop: Stop, grace: float) -> int | None:
        """@return its exit code; None where it was ended because the job is to stop"""
        while self.process.poll() is None:
            if stop.is_asked():
                self.end(grace)
                self.reader.join(5)
                return None
            time.sleep(0.1)
        self.reader.join(5)
        return self.process.returncode

    def end(self, grace: float) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return
            try:
                self.process.wait(grace)
            except subprocess.TimeoutExpired:
                continue
            # Workers that outlive their launcher are of the same group.
            grace = 5
