#!/usr/bin/env python3
"""Fine-tunes on accepted traces with a trainer of other people that reads a file: one spendwise training job (docs/trainers.md).

    ~/llamafactory/bin/python recipes/train_with.py llamafactory --base-model DIR --dataset FILE.jsonl --output-dir DIR --lr 1e-5
    ~/llamafactory/bin/python recipes/train_with.py llamafactory ... --processes 8 --set deepspeed=ds_z3_config.json

It checks the dataset, puts it into tokens, writes the trainer's own configuration (OUTPUT.work/config.yaml), runs it, checks steps,
rows and tensors, and publishes the checkpoint under the contract of train_sft.py: exit codes 0 done (also when done before),
2 bad input, 3 training failed, 75 stopped by TERM, INT or USR1: the same command resumes from the trainer's last saved state.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from others.arguments import parse_arguments
from others.child import Child
from others.result import publish, read_losses, saved_states, step_of, versions
from others.trainers import TRAINERS, Job, environment
from sft.contract import (
    DONE, STARTED_AT, STOPPED, BadInput, Stop, TrainingFailed, emit, run_program, warn, write_json,
)  # fmt: skip
from sft.dataset import read_dataset
from sft.model import check_base_and_machine
from sft.publish import copy_rest
from sft.steps import step_count
from sft.tokens import Tokens, keep_fitting, tell_tokens
from sft.weights import MASTER, check_master, hash_weights
from sft.work import claim_work, is_published

FREE_ARGUMENTS = ("base_model", "dataset", "expect_dataset_sha256", "output_dir", "save_steps", "stop_seconds", "check_tokens")
SAVES = 10


def main(argv: list[str]) -> int:
    return run(parse_arguments(argv, __doc__ or ""), Stop(0))


def run(arguments: argparse.Namespace, stop: Stop) -> int:
    os.environ["HF_HUB_OFFLINE"] = "1"
    base, output = (Path(os.path.abspath(path)) for path in (arguments.base_model, arguments.output_dir))
    sha256, lines = read_dataset(Path(arguments.dataset), arguments.expect_dataset_sha256)
    check_base_and_machine(base, several_gpus=True)
    tokens = Tokens(base, arguments.template_kwargs)
    if arguments.check_tokens:
        tell_tokens(lines, tokens)
        return DONE
    if is_published(output, sha256):
        emit("done", checkpoint=str(output), already=True)
        return DONE
    check_trainer(arguments.trainer)
    rows = tokens.rows(lines)
    told_ids = tokens.told.say(len(lines))
    rows = keep_fitting(rows, arguments.max_length or tokens.context, Path(arguments.dataset))
    master = check_master(base)
    identity = {"sha256": hash_weights(base)} | ({"master": master} if master else {})
    work = output.with_name(f"{output.name}.work")
    claim_work(work, arguments, FREE_ARGUMENTS, {"dataset": sha256, "base": identity})
    start = start_folder(base, work) if master else base
    job = make_job(arguments, work, start, rows)
    before = read_clock(work)

    code, child = train(arguments, job, stop)
    seconds = round(before + time.monotonic() - STARTED_AT, 3)
    if code is None:
        write_json(work / "clock.json", {"seconds": seconds})
        states = saved_states(job.out)
        emit("preempted", step=step_of(states[-1]) if states else 0, steps=job.steps)
        return STOPPED
    if code != 0:
        raise TrainingFailed(f"{arguments.trainer} ended with {code}: {child.last_words()[:500]}")
    if child.examples is not None and child.examples != len(rows):
        raise TrainingFailed(f"{arguments.trainer} trained on {child.examples} of {len(rows)} rows; see its words in the log.")
    losses = read_losses(job.out, job.steps)
    learned = sum(len(row["input_ids"]) for row in rows) / len(rows)
    dataset: dict[str, Any] = {"sha256": sha256, "rows": len(lines), "dropped": len(lines) - len(rows)}
    dataset |= {"told_ids": told_ids} if told_ids else {}
    facts = {
        "schema": 1, "dataset": dataset, "base": identity, "steps": job.steps, "seconds": seconds,
        "tokens": round(learned * rows_seen(job)), "loss": {"first": losses[0], "last": losses[-1]}, "seed": arguments.seed,
        "trainer": arguments.trainer, "arguments": vars(arguments), "versions": versions(TRAINERS[arguments.trainer].package),
    }  # fmt: skip
    publish(base, start, job.out, output, arguments.method, arguments.merge, arguments.master == "keep", facts)
    shutil.rmtree(work, ignore_errors=True)
    emit("done", checkpoint=str(output), already=False)
    return DONE


def check_trainer(name: str) -> None:
    trainer = TRAINERS[name]
    try:
        version = importlib.metadata.version(trainer.package)
    except importlib.metadata.PackageNotFoundError as error:
        raise BadInput(f"{trainer.package} is not installed beside {sys.executable}; start this recipe with the Python of the "
                       f"environment that has it (pip install {trainer.package}=={trainer.version}).") from error
    if version != trainer.version:
        warn(f"{trainer.package} is {version}; this recipe was tried with {trainer.version}.")


def start_folder(base: Path, work: Path) -> Path:
    """The base with its fp32 weights in the place of the rounded ones."""
    start = work / "start"
    shutil.rmtree(start, ignore_errors=True)
    start.mkdir(parents=True)
    copy_rest(base, start)
    config = json.loads((start / "config.json").read_text())
    for key in ("dtype", "torch_dtype"):
        if key in config:
            config[key] = "float32"
    write_json(start / "config.json", config)
    for path in (base / MASTER).iterdir():
        (start / path.name).symlink_to(path)
    return start


def make_job(arguments: argparse.Namespace, work: Path, start: Path, rows: list[dict[str, list[int]]]) -> Job:
    steps = step_count(arguments.epochs, arguments.max_steps, len(rows), arguments.batch_size)
    out = work / "out"
    states = saved_states(out)
    return Job(
        work=work, start=start, out=out, rows=rows, steps=steps, batch=arguments.batch_size, micro=arguments.micro_batch_size,
        processes=arguments.processes, method=arguments.method, rank=arguments.lora_r, lr=arguments.lr, lr_end=arguments.lr_end,
        warmup=arguments.warmup_steps, seed=arguments.seed, save_steps=arguments.save_steps or max(1, -(-steps // SAVES)),
        resume=states[-1] if states else None, settings=arguments.set,
    )  # fmt: skip


def train(arguments: argparse.Namespace, job: Job, stop: Stop) -> tuple[int | None, Child]:
    import yaml

    config, argv, env = TRAINERS[arguments.trainer].write(job)
    job.config().write_text(yaml.safe_dump(config, sort_keys=False))
    first = step_of(job.resume) if job.resume else 0
    emit("start", step=first, steps=job.steps, rows=len(job.rows))
    child = Child(argv, environment(env), job.work, first, job.steps)
    return child.wait(stop, arguments.stop_seconds), child


def rows_seen(job: Job) -> int:
    """The last step of an epoch takes what is left."""
    an_epoch = -(-len(job.rows) // job.batch)
    return job.steps // an_epoch * len(job.rows) + min(job.steps % an_epoch * job.batch, len(job.rows))


def read_clock(work: Path) -> float:
    path = work / "clock.json"
    return json.loads(path.read_text())["seconds"] if path.is_file() else 0.0


if __name__ == "__main__":
    run_program(main)
