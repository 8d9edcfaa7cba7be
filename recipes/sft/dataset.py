"""The rows of a dataset: prompt-completion JSON lines, as `spendwise export` writes them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from .contract import BadInput

SHAPE = '{"prompt": [messages], "completion": [one message]}'
# What a message of a completion may hold; anything else would be left out of the loss without a word.
COMPLETION_KEYS = {"role", "content"}


def read_dataset(path: Path, expected_sha256: str) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    """Hash and rows; each row with the place to name when it is bad."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path}  cannot be read ({error.strerror}); give the JSONL file of accepted traces.") from error
    sha256 = hashlib.sha256(data).hexdigest()
    if expected_sha256 and expected_sha256.lower() != sha256:
        raise BadInput(f"{path}  has sha256 {sha256}, not the expected {expected_sha256}; export it again.")
    numbered = enumerate(data.split(b"\n"), start=1)
    lines = [(f"{path}:{number}", parse_row(f"{path}:{number}", line)) for number, line in numbered if line.strip()]
    if not lines:
        raise BadInput(f"{path}  has no rows; there is nothing to train on.")
    return sha256, lines


def parse_row(place: str, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
        if is_well_shaped(row["prompt"], row["completion"]) and are_tokens(row.get("completion_ids", [])):
            return row
    except (ValueError, KeyError, TypeError, AttributeError):
        pass  # said below, as for a row of another shape
    raise BadInput(f"{place}  is not {SHAPE}, nor two texts; use `spendwise export`.")


def is_well_shaped(prompt: Any, completion: Any) -> bool:
    if isinstance(prompt, str) and isinstance(completion, str):
        return True
    if not all(isinstance(message["content"], str) for message in prompt + completion):
        return False
    return len(prompt) > 0 and len(completion) == 1 and set(completion[0]) == COMPLETION_KEYS


def are_tokens(ids: Any) -> bool:
    return isinstance(ids, list) and all(isinstance(token, int) and token >= 0 for token in ids)


def is_text(row: dict[str, Any]) -> bool:
    """For a base model, which is asked in plain text and has no chat template."""
    return isinstance(row["prompt"], str)


def completion_text(row: dict[str, Any]) -> str:
    return row["completion"] if is_text(row) else row["completion"][0]["content"]
