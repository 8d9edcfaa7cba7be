"""
Trackers of experiments (`--report-to`): one run there for one job, also where it is stopped and resumed, and no job that ends
because a tracker does.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import uuid
from pathlib import Path
from typing import Any

from .arguments import trackers
from .contract import IS_MAIN, BadInput, warn, write_json

# In the work folder, for the next part of a job that was stopped: the runs' ids by tracker.
FILE = "trackers.json"
# Where each client looks for the project's name.
PROJECT = {"wandb": "WANDB_PROJECT", "mlflow": "MLFLOW_EXPERIMENT_NAME"}


def prepare_trackers(arguments: argparse.Namespace, work: Path) -> None:
    """Tells the clients, before they are made, under which ids the job goes on; what the environment says already stays.
    @throws BadInput for one that is not installed"""
    names = trackers(arguments)
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise BadInput(f"--report-to {missing[0]}: {missing[0]} is not installed beside {sys.executable}; pip install {missing[0]} there.")
    if arguments.project:
        for name in names:
            if name in PROJECT:
                os.environ.setdefault(PROJECT[name], arguments.project)
    ids = read_ids(work)
    if "wandb" in names:
        ids.setdefault("wandb", uuid.uuid4().hex[:12])
        os.environ.setdefault("WANDB_RUN_ID", ids["wandb"])
        os.environ.setdefault("WANDB_RESUME", "allow")
    if "mlflow" in ids:
        os.environ.setdefault("MLFLOW_RUN_ID", ids["mlflow"])
        # A run's parameters are logged once; others under the same name are an error there.
        os.environ.setdefault("MLFLOW_MAX_LOG_PARAMS", "0")
    if IS_MAIN and ids:
        write_json(work / FILE, ids)


def read_ids(work: Path) -> dict[str, str]:
    path = work / FILE
    return json.loads(path.read_text()) if path.is_file() else {}


def keep_mlflow_run(work: Path) -> None:
    """MLflow gives its runs their ids itself; called when its run has been started."""
    import mlflow

    run = mlflow.active_run()
    if IS_MAIN and run is not None:
        write_json(work / FILE, read_ids(work) | {"mlflow": run.info.run_id})


def guard_trackers(trainer: Any, work: Path) -> None:
    """Puts each tracker's callback into one whose failure is a warning."""
    from transformers.integrations import MLflowCallback, TensorBoardCallback, TrackioCallback, WandbCallback

    kinds = {MLflowCallback: "mlflow", TensorBoardCallback: "tensorboard", TrackioCallback: "trackio", WandbCallback: "wandb"}
    handler = trainer.callback_handler
    handler.callbacks = [
        guarded(callback, kinds[type(callback)], work) if type(callback) in kinds else callback for callback in handler.callbacks
    ]


def guarded(tracker: Any, name: str, work: Path) -> Any:
    from transformers import TrainerCallback

    class Guarded(TrainerCallback):
        is_lost = False

        def call(self, event: str, *args: Any, **kwargs: Any) -> None:
            if self.is_lost:
                return
            try:
                getattr(tracker, event)(*args, **kwargs)
                if name == "mlflow" and event == "on_train_begin":
                    keep_mlflow_run(work)
            except Exception as error:
                self.is_lost = True
                words = " ".join(str(error).split())[:300]
                warn(f"{name} takes nothing more of this job, which continues ({type(error).__name__}: {words}); docs/trackers.md "
                     "says with which versions it was tried.")

    for event in (event for event in dir(TrainerCallback) if event.startswith("on_")):
        setattr(Guarded, event, lambda self, *args, event=event, **kwargs: self.call(event, *args, **kwargs))
    return Guarded()
