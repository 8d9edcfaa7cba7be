"""What another trainer left: its steps and losses, its tensors next to the base's, and the checkpoint that is made of them."""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sft import weights
from sft.contract import TrainingFailed, warn, write_json
from sft.publish import copy_rest

STATE = "trainer_state.json"
KEPT_LEAST = 0.8
ADAPTER = ("adapter_config.json", "adapter_model.safetensors")


def saved_states(out: Path) -> list[Path]:
    """Whole saved states, oldest first: what says where it stands is written last."""
    states = [path.parent for path in out.glob(f"checkpoint-*/{STATE}")]
    return sorted(states, key=lambda path: int(path.name.removeprefix("checkpoint-")))


def step_of(state: Path) -> int:
    return json.loads((state / STATE).read_text())["global_step"]


def read_losses(out: Path, steps: int) -> list[float]:
    """
    @throws TrainingFailed where it made other steps than it was asked for, as it does when it leaves rows out, or diverged
    """
    files = [path / STATE for path in [out, *reversed(saved_states(out))] if (path / STATE).is_file()]
    if not files:
        raise TrainingFailed(f"The trainer ended well and left no {STATE} in {out}; its configuration must save its state.")
    state = json.loads(max(files, key=lambda path: json.loads(path.read_text())["global_step"]).read_text())
    if state["global_step"] != steps:
        raise TrainingFailed(f"The trainer made {state['global_step']} of {steps} steps; see whether it left rows out, or --set.")
    losses = [float(entry["loss"]) for entry in state["log_history"] if "loss" in entry]
    if not losses or not all(math.isfinite(loss) for loss in losses):
        raise TrainingFailed("The loss is no longer a number; lower --lr.")
    return losses


class Trained(Mapping):
    """The trainer's tensors under the names of the base's files, read one at a time."""

    def __init__(self, base: Path, out: Path) -> None:
        self.base, self.saved = weights.Tensors(base), weights.Tensors(out)
        missing = sorted(name for name in self.base.place if self.place(name) is None)
        if missing:
            raise TrainingFailed(f"The trainer saved no tensor {missing[0]} ({len(missing)} such), which the base has.")
        added = sorted(name for name in self.saved.place if name not in self.base.place and not is_tied(name))
        if added:
            raise TrainingFailed(f"The trainer saved a tensor {added[0]} ({len(added)} such), which the base does not have.")
        for name, file in self.base.place.items():
            shape, own = (tensors.opened[tensors.place[at]].get_slice(at).get_shape()
                          for tensors, at in ((self.base, name), (self.saved, self.place(name))))
            if shape != own:
                raise TrainingFailed(f"The trainer made {name} {own} of {shape} in {file}; it must not resize the vocabulary.")

    def place(self, name: str) -> str | None:
        """Of tied tensors libraries save one, under one of the two names."""
        if name in self.saved.place:
            return name
        other = [at for at in self.saved.place if at.endswith("embed_tokens.weight")]
        return other[0] if is_tied(name) and len(other) == 1 else None

    def __getitem__(self, name: str) -> Any:
        place = self.place(name) if name in self.base.place else None
        if place is None:
            raise KeyError(name)
        return self.saved.get(place)

    def __iter__(self) -> Iterator[str]:
        return iter(self.base.place)

    def __len__(self) -> int:
        return len(self.base.place)

    def is_short(self) -> bool:
        return any(weights.is_short(self.saved.get(name)) for name in list(self.saved.place)[:1])


def is_tied(name: str) -> bool:
    return name == "lm_head.weight"


def publish(base: Path, start: Path, out: Path, output: Path, method: str, merge: bool, master: bool, facts: dict[str, Any]) -> None:
    """Writes the checkpoint next to its place and renames it there, metrics.json last."""
    fresh = output.with_name(f"{output.name}.tmp")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    update = None
    if method == "lora" and not merge:
        publish_adapter(base, out, fresh)
    else:
        trained = merged(start, out, fresh) if method == "lora" else Trained(base, out)
        copy_rest(base, fresh)
        update = weights.write_weights(base, fresh, trained, master)
        if method == "full" and trained.is_short():
            warn("The trainer kept its weights in 16 bits, so that what is smaller than half their step was lost in each step; "
                 "train in fp32 with --set, or with recipes/train_sft.py.")
        elif update["kept"] < KEPT_LEAST:
            warn(f"Only {update['kept']:.0%} of this job's update is kept for the next job; pass --master-weights keep.")
    facts = facts | {"update": update, "checkpoint": {"sha256": weights.hash_weights(fresh)}}
    if (fresh / weights.MASTER).is_dir():
        kept = fresh / weights.MASTER
        facts["master"] = {"sha256": weights.hash_weights(kept), "bytes": weights.bytes_of(kept)}
    write_json(fresh / "metrics.json", facts)
    os.rename(fresh, output)


def publish_adapter(base: Path, out: Path, fresh: Path) -> None:
    from safetensors.torch import load_file

    if not (out / ADAPTER[1]).is_file():
        raise TrainingFailed(f"The trainer left no {ADAPTER[1]} in {out}.")
    if not all(tensor.isfinite().all() for tensor in load_file(out / ADAPTER[1]).values()):
        raise TrainingFailed("The last step left weights that are not numbers; lower --lr.")
    for name in ADAPTER:
        shutil.copy(out / name, fresh / name)
    # It was trained from a folder that is gone when the job is over.
    config = json.loads((fresh / ADAPTER[0]).read_text()) | {"base_model_name_or_path": str(base)}
    write_json(fresh / ADAPTER[0], config)
    copy_rest(base, fresh, without=("config.json", "generation_config.json"))


def merged(start: Path, out: Path, fresh: Path) -> dict[str, Any]:
    """The weights that the job started from, in fp32, with the adapter added; only tensors that it touches."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    whole = AutoModelForCausalLM.from_pretrained(start, dtype=torch.float32)
    adapted = PeftModel.from_pretrained(whole, out)
    touched = {name.rpartition(".lora_A")[0].removeprefix("base_model.model.")
               for name in adapted.state_dict() if ".lora_A" in name}
    parameters = dict(adapted.merge_and_unload().named_parameters())
    return {f"{name}.weight": parameters[f"{name}.weight"].detach() for name in touched}


def versions(package: str) -> dict[str, str]:
    names = (package, "torch", "transformers", "trl", "peft", "datasets", "accelerate", "tokenizers")
    return {"python": sys.version.split()[0]} | {name: importlib.metadata.version(name) for name in names}
