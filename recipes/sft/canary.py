"""
Log-probabilities of a few rows under the new weights, for a server that says it has them: what it stores under a name proves
nothing, what it computes does (docs/trainers.md).
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from .contract import IS_MAIN, write_json
from .tokens import Row

ROWS = 4
MOST_TOKENS = 256
FILE = "canary.json"


def choose(rows: list[Row]) -> list[list[int]]:
    """Tokens of a few rows, evenly spread over the dataset, and of the longest, each up to a length."""
    count = min(ROWS, len(rows))
    spread = [rows[at * len(rows) // count] for at in range(count)]
    longest = max(rows, key=lambda row: len(row["input_ids"]))
    chosen = spread if longest in spread else [*spread, longest]
    return [row["input_ids"][:MOST_TOKENS] for row in chosen]


def measure(model: Any, tokens: list[list[int]], device: Any) -> list[list[float]]:
    """Natural log-probability of every token but the first, given those before it."""
    import torch

    was_training = model.training
    model.eval()
    measured = []
    with torch.no_grad():
        for sequence in tokens:
            ids = torch.tensor([sequence], device=device)
            logits = model(input_ids=ids, use_cache=False).logits[0, :-1].float()
            logs = logits.log_softmax(-1).gather(-1, ids[0, 1:, None])[:, 0]
            measured.append([round(value, 5) for value in logs.tolist()])
    model.train(was_training)
    return measured


def measure_here(trainer: Any, rows: list[Row]) -> list[list[float]]:
    """Under the trainer's weights; called in every process, since a sharded model computes in all of them."""
    with trainer.compute_loss_context_manager():
        return measure(trainer.model_wrapped, choose(rows), trainer.args.device)


def measure_before(trainer: Any, rows: list[Row], work: Path, step: int) -> None:
    """Once, under the weights that the job starts from."""
    if step == 0:
        measured = measure_here(trainer, rows)
        if IS_MAIN:
            write_json(work / FILE, {"before": measured})


def measure_saved(cls: Any, directory: Path, rows: list[Row]) -> list[list[float]]:
    """Under weights as they were written, for machines that compute in fp32 and would hide their rounding."""
    import torch

    return measure(cls.from_pretrained(directory, dtype=torch.float32), choose(rows), "cpu")


def facts(rows: list[Row], after: list[list[float]], work: Path) -> dict[str, Any]:
    """
    For metrics.json: `logprobs[i][j]` is the log-probability of `tokens[i][j + 1]`, `before` the same under the weights that the
    job started from, by which a server's own noise is measured; `moved` is the mean absolute change between the two.
    """
    path = work / FILE
    before = json.loads(path.read_text())["before"] if path.is_file() else None
    moved = 0.0
    if before:
        changes = [abs(now - was) for a, b in zip(before, after, strict=True) for was, now in zip(a, b, strict=True)]
        moved = round(math.fsum(changes) / len(changes), 6)
    return {"tokens": choose(rows), "logprobs": after, "before": before, "moved": moved}
