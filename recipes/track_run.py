#!/usr/bin/env python3
"""Sends a run's numbers by iteration to an experiment tracker, through the tracker's own client (docs/trackers.md).

    spendwise status RUN --json | python3 recipes/track_run.py --to mlflow --project gsm8k

Reads what `spendwise status RUN --json` prints. Called again, it adds the iterations that are new; a tracker's address and key are where
its client looks for them (MLFLOW_TRACKING_URI, WANDB_API_KEY, ...). Step 0 is the base, step t + 1 is iteration t.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Of an iteration, as `status --json` names them.
NUMBERS = ("target", "accepted", "sampled", "correct", "surplus", "truncated", "failed", "acceptanceRate", "cost")
CLOSED = ("done", "rejected")


def main() -> int:
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_written)
    parser.add_argument("--to", required=True, choices=sorted(TRACKERS))
    parser.add_argument("--project", default="spendwise", help="experiment or project in the tracker")
    parser.add_argument("--name", default="", help="the run's name there (default: the run's own)")
    arguments = parser.parse_args()
    try:
        status = json.load(sys.stdin)
        name, points = arguments.name or status["name"], list(points_of(status))
    except (ValueError, KeyError, TypeError) as error:
        print(f"stdin is not what `spendwise status RUN --json` prints ({error}).", file=sys.stderr)
        return 2
    try:
        added = TRACKERS[arguments.to](arguments.project, name, points)
    except ImportError as error:
        print(f"{error}; install {arguments.to} for {sys.executable}.", file=sys.stderr)
        return 2
    print(f"{added} of {len(points)} steps are new in {arguments.to}, project {arguments.project}, run {name}.")
    return 0


def points_of(status: dict[str, Any]) -> Iterator[tuple[int, dict[str, float]]]:
    """Step and numbers: of the base, then of every iteration that is closed."""
    base = accuracies(status["base"]["evaluation"])
    if base:
        yield 0, base
    for row in status["iterations"]:
        if row["state"] in CLOSED:
            numbers = {name: float(row[name]) for name in NUMBERS if row.get(name) is not None}
            yield row["iteration"] + 1, numbers | accuracies(row["evaluation"])


def accuracies(evaluation: dict[str, Any] | None) -> dict[str, float]:
    if not evaluation:
        return {}
    named = {"accuracy": evaluation.get("accuracy"), "accuracyLow": evaluation.get("low"), "accuracyHigh": evaluation.get("high"),
             "greedyAccuracy": (evaluation.get("greedy") or {}).get("accuracy")}
    return {name: float(value) for name, value in named.items() if value is not None}


def to_mlflow(project: str, name: str, points: list[tuple[int, dict[str, float]]]) -> int:
    import mlflow

    client = mlflow.MlflowClient()
    experiment = mlflow.set_experiment(project)
    quoted = name.replace("'", "")
    found = client.search_runs([experiment.experiment_id], f"tags.spendwise_run = '{quoted}'", max_results=1)
    run = found[0] if found else client.create_run(
        experiment.experiment_id, run_name=name, tags={"spendwise_run": quoted}
    )
    known = {entry.step for metric in run.data.metrics for entry in client.get_metric_history(run.info.run_id, metric)}
    new = [point for point in points if point[0] not in known]
    for step, numbers in new:
        for metric, value in numbers.items():
            client.log_metric(run.info.run_id, metric, value, step=step)
    client.set_terminated(run.info.run_id)
    return len(new)


def to_wandb(project: str, name: str, points: list[tuple[int, dict[str, float]]]) -> int:
    import wandb

    run = wandb.init(project=project, name=name, id=identifier(name), resume="allow")
    # Online its server says where it stands; offline the folders of earlier calls do, which wait for their upload.
    mark = Path(run.dir) / "sent-steps.txt"
    sent = [int(path.read_text()) for path in mark.parents[2].glob(f"offline-run-*-{run.id}/files/{mark.name}")]
    known = max([run.step, *sent])
    new = [point for point in points if point[0] >= known]
    for step, numbers in new:
        run.log(numbers, step=step)
    mark.write_text(f"{max([known, *(step + 1 for step, _ in new)])}\n")
    run.finish()
    return len(new)


def to_trackio(project: str, name: str, points: list[tuple[int, dict[str, float]]]) -> int:
    import trackio

    # Of this machine's own load it would log as well.
    run = trackio.init(project=project, name=name, resume="allow", auto_log_cpu=False, auto_log_gpu=False)
    new = [point for point in points if point[0] >= run._next_step]
    for step, numbers in new:
        trackio.log(numbers, step=step)
    trackio.finish()
    return len(new)


def identifier(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in name)[:128]


TRACKERS = {"mlflow": to_mlflow, "wandb": to_wandb, "trackio": to_trackio}

if __name__ == "__main__":
    sys.exit(main())
