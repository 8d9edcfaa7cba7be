#!/usr/bin/env python3
"""Fine-tunes a causal language model on accepted traces with TRL: one spendwise training job (docs/trainers.md).

    python3 recipes/train_sft.py --base-model DIR --dataset FILE.jsonl --output-dir DIR --batch-size 256 --lr 1e-5
    torchrun --standalone --nproc-per-node 8 recipes/train_sft.py ... --shard full

Progress on stdout as lines `@@sft {json}`; all else is noise. Exit codes: 0 done (also when done before), 2 bad input,
3 training failed, 75 stopped by TERM, INT, USR1 or --max-minutes with the state saved: the same command resumes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from sft import canary
from sft.arguments import parse_arguments
from sft.contract import (
    DONE, IS_MAIN, PROCESSES, STARTED_AT, STOPPED, OutOfMemory, Stop, emit, run_program, warn,
)  # fmt: skip
from sft.dataset import read_dataset
from sft.model import check_base_and_machine, check_names
from sft.publish import load_optimizer, publish
from sft.tokens import Row, Tokens, keep_fitting, tell_tokens
from sft.trainer import make_trainer, newest_state, saved_facts, train
from sft.weights import check_master, hash_weights
from sft.work import claim_work, is_published

# What may differ when a stopped job continues.
FREE_ARGUMENTS = ("base_model", "dataset", "expect_dataset_sha256", "output_dir", "save_steps", "save_minutes", "max_minutes",
                  "micro_batch_tokens", "micro_batch_size", "report_to", "project", "run_name", "check_tokens")


def main(argv: list[str]) -> int:
    arguments = parse_arguments(argv, __doc__ or "")
    try:
        return run(arguments, Stop(arguments.max_minutes))
    except OutOfMemory as error:
        warn(str(error))
        return STOPPED if PROCESSES > 1 else restart()


def run(arguments: argparse.Namespace, stop: Stop) -> int:
    # Everything needed is in directories; nothing is fetched, also where the machine could.
    os.environ["HF_HUB_OFFLINE"] = "1"
    base, output = (Path(os.path.abspath(path)) for path in (arguments.base_model, arguments.output_dir))
    sha256, lines = read_dataset(Path(arguments.dataset), arguments.expect_dataset_sha256)
    if arguments.check_tokens:
        check_base_and_machine(base)
        tell_tokens(lines, Tokens(base, arguments.template_kwargs))
        return DONE
    if is_published(output, sha256):
        emit("done", checkpoint=str(output), already=True)
        return DONE
    check_base_and_machine(base)
    tokens = Tokens(base, arguments.template_kwargs)
    told = tokens.rows(lines)
    told_ids = tokens.told.say(len(lines))
    rows = keep_fitting(told, arguments.max_length or tokens.context, Path(arguments.dataset))
    work = output.with_name(f"{output.name}.work")
    identity: dict[str, Any] = {}
    if IS_MAIN:
        check_names(base)
        identity = {"sha256": hash_weights(base)}
        master = check_master(base)
        identity |= {"master": master} if master else {}
        claim_work(work, arguments, FREE_ARGUMENTS, {"dataset": sha256, "base": identity, "processes": PROCESSES})
    trainer = make_trainer(arguments, base, rows, work)
    before = saved_facts(newest_state(work))
    trainer.add_callback(at_start(trainer, arguments, base, rows, work, before["step"]))

    def seconds() -> float:
        return round(before["seconds"] + time.monotonic() - STARTED_AT, 3)

    train(trainer, arguments, stop, work, seconds)
    is_done = trainer.state.global_step == trainer.args.max_steps
    if is_done:
        dataset = {"sha256": sha256, "rows": len(lines), "dropped": len(lines) - len(rows)}
        dataset |= {"told_ids": told_ids} if told_ids else {}
        facts = {"schema": 1, "dataset": dataset, "base": identity}
        publish(trainer, arguments, base, output, rows, facts | {"seconds": seconds()})
        if IS_MAIN:
            shutil.rmtree(work, ignore_errors=True)
        emit("done", checkpoint=str(output), already=False)
    else:
        emit("preempted", step=trainer.state.global_step, steps=trainer.args.max_steps)
    # A process that leaves before the others takes them down with it.
    trainer.accelerator.wait_for_everyone()
    trainer.accelerator.end_training()
    return DONE if is_done else STOPPED


def at_start(trainer: Any, arguments: argparse.Namespace, base: Path, rows: list[Row], work: Path, step: int) -> Any:
    from transformers import TrainerCallback

    class Start(TrainerCallback):
        def on_train_begin(self, *_: Any, **__: Any) -> None:
            if step == 0 and arguments.optimizer_state == "keep":
                load_optimizer(trainer, base)
            canary.measure_before(trainer, rows, work, step)

    return Start()


def restart() -> int:
    """In a process of its own: one that has run out of memory has it in pieces. Does not return."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *sys.argv])


if __name__ == "__main__":
    run_program(main)
