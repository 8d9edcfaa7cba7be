"""
Weights on disk. A checkpoint keeps the layout of its base: the same files, names and types of tensors. Beside 16-bit weights
lies `master/`, the same model in fp32, because what a job adds to a weight is mostly smaller than half a 16-bit step.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
from pathlib import Path
from typing import Any

from .contract import BadInput, TrainingFailed

MASTER = "master"
INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
# Elements looked at together where an update is measured.
SLICE = 1 << 20
FILE_BYTES = 4 << 30


def hash_weights(directory: Path) -> str:
    """sha256 of the weight files, one after another in the order of their names."""
    digest = hashlib.sha256()
    paths = sorted(directory.glob("*.safetensors")) or sorted(directory.glob("*.bin"))
    if not paths:
        raise BadInput(f"{directory} has no *.safetensors; give the directory of a whole model.")
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def check_master(base: Path) -> str | None:
    """Hash of the base's fp32 weights, which must be those that its metrics.json speaks of; None where it has none."""
    master, metrics = base / MASTER, base / "metrics.json"
    if not master.is_dir():
        return None
    said = json.loads(metrics.read_text()).get("master", {}).get("sha256") if metrics.is_file() else None
    sha256 = hash_weights(master)
    if said != sha256:
        raise BadInput(f"{master} is not what {metrics} says was written ({sha256[:12]}, expected {str(said)[:12]}); "
                       "restore it, or remove it to start from the rounded weights.")
    return sha256


def start_directory(base: Path) -> Path:
    """Where a job reads the weights that it starts from."""
    return base / MASTER if (base / MASTER).is_dir() else base


class Tensors:
    """The tensors of a directory, read one at a time."""

    def __init__(self, directory: Path) -> None:
        from safetensors import safe_open

        files = sorted(directory.glob("*.safetensors"))
        self.opened = {path.name: safe_open(path, framework="pt") for path in files}
        self.place = {name: file for file, tensors in self.opened.items() for name in tensors.keys()}

    def get(self, name: str) -> Any:
        return self.opened[self.place[name]].get_tensor(name)

    def layout(self) -> dict[str, list[str]]:
        """Names of tensors by file."""
        return {file: list(tensors.keys()) for file, tensors in self.opened.items()}


class Update:
    """What a job did to the weights, and how much of it the next job and the server get to see."""

    def __init__(self) -> None:
        self.count, self.absolute, self.square, self.kept, self.served = 0, 0.0, 0.0, 0.0, 0.0

    def add(self, start: Any, trained: Any, kept: Any, served: tuple[Any, Any]) -> None:
        """@param served the tensor as the server has it, before and after"""
        parts = [tensor.reshape(-1) for tensor in (start, trained, kept, *served)]
        for at in range(0, parts[0].numel(), SLICE):
            begin, end, next_start, before, after = (part[at : at + SLICE].double() for part in parts)
            change = end - begin
            self.count += change.numel()
            self.absolute += change.abs().sum().item()
            self.square += change.square().sum().item()
            self.kept += ((next_start - begin) * change).sum().item()
            self.served += ((after - before) * change).sum().item()

    def measures(self) -> dict[str, float]:
        """
        `meanAbs`: mean absolute change of a weight. `kept`: the share of the change (along itself) that the next job starts
        from. `served`: the share that the served weights show; small where an update is small against a 16-bit step.
        """
        whole = self.square or math.inf
        is_still = self.square == 0
        shares = {"kept": 1.0 if is_still else self.kept / whole, "served": 1.0 if is_still else self.served / whole}
        return {"meanAbs": self.absolute / max(1, self.count)} | {name: round(v, 6) for name, v in shares.items()}


def write_weights(base: Path, directory: Path, trained: dict[str, Any], with_master: bool) -> dict[str, float]:
    """
    Writes the base's weights with the trained tensors in their places, each in the base's own type, and `master/` where
    some of them are of 16 bits.
    @param trained fp32, by the names of the base's files; all other tensors are copied as they are
    @return the measures of the update
    """
    from safetensors.torch import save_file

    served, start, update = Tensors(base), Tensors(start_directory(base)), Update()
    layout = served.layout()
    with_master = with_master and any(is_short(served.get(name)) for name in trained if name in served.place)
    if with_master:
        (directory / MASTER).mkdir()
    for file, names in layout.items():
        tensors, masters = {}, {}
        for name in names:
            before = served.get(name)
            # What was not trained is copied; in master/ it stays what it was there.
            tensors[name], masters[name] = before, start.get(name) if name in start.place else before
            if name in trained:
                weight = trained[name].float()
                if not weight.isfinite().all():
                    raise TrainingFailed("The last step left weights that are not numbers; lower --lr.")
                tensors[name] = weight.to(before.dtype).contiguous()
                masters[name] = weight.contiguous() if is_short(before) else tensors[name]
                kept = masters[name] if with_master else tensors[name]
                update.add(start.get(name), weight, kept, (before, tensors[name]))
        save_file(tensors, directory / file, metadata={"format": "pt"})
        if with_master:
            save_file(masters, directory / MASTER / file, metadata={"format": "pt"})
    if (base / INDEX).is_file():
        shutil.copy(base / INDEX, directory)
        if with_master:
            shutil.copy(base / INDEX, directory / MASTER)
    return update.measures()


def is_short(tensor: Any) -> bool:
    """A floating-point type of fewer than 32 bits."""
    return tensor.is_floating_point() and tensor.element_size() < 4


def bytes_of(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.glob("*.safetensors"))
