"""The work folder of a job next to its output, and whether the output is there already."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from .contract import BadInput, write_json


def is_published(output: Path, sha256: str) -> bool:
    """Whether the output is there already, from this very dataset: a job may be submitted twice."""
    if not output.exists():
        return False
    metrics = output / "metrics.json"
    if metrics.is_file() and json.loads(metrics.read_text())["dataset"]["sha256"] == sha256:
        return True
    raise BadInput(f"{output} is there and was not trained on this dataset ({sha256}); give another --output-dir.")


def claim_work(work: Path, arguments: argparse.Namespace, free: tuple[str, ...], inputs: dict[str, Any]) -> None:
    """
    Binds the work folder to this very job, so that a saved state never continues with other data or arguments.
    @param free names of arguments that may differ when a stopped job continues
    """
    job = inputs | {name: value for name, value in vars(arguments).items() if name not in free}
    path = work / "job.json"
    if path.is_file():
        before = json.loads(path.read_text())
        changed = [name for name in job if before.get(name) != job[name]]
        if changed:
            raise BadInput(f"{work} is of another job ({', '.join(changed)} changed); remove it to start over.")
    else:
        work.mkdir(parents=True, exist_ok=True)
        write_json(path, job)
