"""Writes a checkpoint next to its place and renames it there: weights, everything else of the base, metrics.json last."""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from . import canary, weights
from .contract import IS_MAIN, PROCESSES, TrainingFailed, warn, write_json
from .model import by_file_name, from_start, model_class
from .tokens import Row, hash_text

PACKAGES = ("torch", "transformers", "trl", "peft", "datasets", "accelerate", "tokenizers")
# What a job writes itself, or what belongs to the base alone; all other files are copied as they are.
OWN_FILES = ("metrics.json", "optimizer.pt", "adapter_config.json", "README.md", ".gitattributes")
WEIGHT_SUFFIXES = (".safetensors", ".bin", ".pt", ".pth", ".gguf", ".h5", ".msgpack", ".onnx")
KEPT_LEAST = 0.8


def publish(
    trainer: Any, arguments: argparse.Namespace, base: Path, output: Path, rows: list[Row], metrics: dict[str, Any]
) -> None:
    """Called in every process: weights that are spread over them are gathered; the first one writes."""
    is_computed_short = trainer.args.bf16 or is_adapter(arguments)
    logprobs = canary.measure_here(trainer, rows) if is_computed_short else None
    trained, moments = gather_trained(trainer), gather_optimizer(trainer, arguments)
    if not IS_MAIN:
        return
    fresh = output.with_name(f"{output.name}.tmp")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    update = save_model(trainer, arguments, base, fresh, trained)
    if moments is not None:
        import torch

        torch.save(moments, fresh / "optimizer.pt")
    if logprobs is None:
        logprobs = canary.measure_saved(model_class(base), fresh, rows)
    master = fresh / weights.MASTER
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    facts = metrics | {
        "steps": trainer.state.global_step,
        "tokens": int(trainer.state.num_input_tokens_seen),
        "loss": {"first": losses[0], "last": losses[-1]},
        "seed": arguments.seed,
        "update": update,
        "processes": {"count": PROCESSES, "share": "shards" if trainer.is_fsdp_enabled else "copies"},
        "canary": canary.facts(rows, logprobs, Path(trainer.args.output_dir)),
        "chat_template": {"sha256": hash_text(trainer.processing_class.chat_template or "")},
        "checkpoint": {"sha256": weights.hash_weights(fresh)},
        "arguments": vars(arguments),
        "versions": {"python": sys.version.split()[0]} | {name: importlib.metadata.version(name) for name in PACKAGES},
    }
    if master.is_dir():
        facts["master"] = {"sha256": weights.hash_weights(master), "bytes": weights.bytes_of(master)}
    write_json(fresh / "metrics.json", facts)
    os.rename(fresh, output)
    if update is not None and update["kept"] < KEPT_LEAST:
        warn(f"Only {update['kept']:.0%} of this job's update is kept for the next job: steps of {arguments.lr} are smaller than "
             "half a step of 16-bit weights. Pass --master-weights keep, or give a base in fp32.")


def gather_trained(trainer: Any) -> dict[str, Any]:
    """Every tensor that learned, whole and in the machine's memory; empty in all processes but the first."""
    model = trainer.accelerator.unwrap_model(trainer.model)
    whole = ((name, full(p.detach())) for name, p in model.named_parameters() if p.requires_grad)
    return {name: tensor.cpu() for name, tensor in whole if IS_MAIN}


def full(tensor: Any) -> Any:
    """All processes take part where the tensor is spread over them."""
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


def gather_optimizer(trainer: Any, arguments: argparse.Namespace) -> dict[str, Any] | None:
    """The optimizer's moments and their age, by the place of their tensor among those that learn."""
    if arguments.optimizer_state != "keep":
        return None
    optimizer = trainer.optimizer
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    states = {}
    for place, parameter in enumerate(parameters):
        whole = {key: full(value).cpu() for key, value in optimizer.state[parameter].items()}
        if IS_MAIN:
            states[place] = whole
    return {"state": states}


def load_optimizer(trainer: Any, base: Path) -> None:
    """Goes on from the base's moments; called when weights are in their places, as shards where they are sharded."""
    import torch
    from torch.distributed.tensor import DTensor, distribute_tensor

    kept = base / "optimizer.pt"
    if not kept.is_file():
        return
    # The moments and their age alone: rates are this job's own.
    states = torch.load(kept, map_location="cpu", weights_only=True, mmap=True)["state"]
    parameters = [parameter for group in trainer.optimizer.param_groups for parameter in group["params"]]
    for place, parameter in enumerate(parameters):
        for key, value in states[place].items():
            # The age is counted on the machine that steps.
            value = value.to(parameter.device) if key == "step" else value.to(parameter.device, parameter.dtype)
            if isinstance(parameter, DTensor) and value.shape == parameter.shape:
                value = distribute_tensor(value, parameter.device_mesh, parameter.placements)
            trainer.optimizer.state[parameter][key] = value.clone()


def is_adapter(arguments: argparse.Namespace) -> bool:
    return arguments.method == "lora" and not arguments.merge


def save_model(
    trainer: Any, arguments: argparse.Namespace, base: Path, directory: Path, trained: dict[str, Any]
) -> dict[str, float] | None:
    model = trainer.accelerator.unwrap_model(trainer.model)
    if is_adapter(arguments):
        if not all(tensor.isfinite().all() for tensor in trained.values()):
            raise TrainingFailed("The last step left weights that are not numbers; lower --lr.")
        save_adapter(model, directory, trained)
        copy_rest(base, directory, without=("config.json", "generation_config.json"))
        return None
    if arguments.method == "lora":
        model, trained = merged(model, base, trained)
    copy_rest(base, directory)
    named = by_file_name(model, trained, weights.Tensors(base).place)
    return weights.write_weights(base, directory, named, arguments.master == "keep")


def save_adapter(model: Any, directory: Path, trained: dict[str, Any]) -> None:
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    state = get_peft_model_state_dict(model, state_dict=trained)
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, directory / "adapter_model.safetensors",
              metadata={"format": "pt"})
    model.peft_config["default"].save_pretrained(str(directory))


def merged(model: Any, base: Path, trained: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The base in fp32 with the adapter added: where it lay in 16 bits, an adapter's small changes would be rounded away."""
    import torch
    from peft import PeftModel, get_peft_model_state_dict, set_peft_model_state_dict

    config = model.peft_config["default"]
    state = get_peft_model_state_dict(model, state_dict=trained)
    whole = from_start(base, dtype=torch.float32)
    adapted = PeftModel(whole, config)
    set_peft_model_state_dict(adapted, state)
    touched = {name.rpartition(".lora_A")[0].removeprefix("base_model.model.") for name in state if ".lora_A" in name}
    whole = adapted.merge_and_unload()
    parameters = dict(whole.named_parameters())
    return whole, {f"{name}.weight": parameters[f"{name}.weight"].detach() for name in touched}


def copy_rest(base: Path, directory: Path, without: tuple[str, ...] = ()) -> None:
    """
    Tokenizer, templates, processors, generation defaults, config and whatever else lies next to the weights, byte for byte:
    libraries change them when they save them. Shapes and types of the weights are the base's, so its config.json holds.
    """
    for path in sorted(base.iterdir()):
        is_weights = path.suffix in WEIGHT_SUFFIXES or path.name.endswith((".safetensors.index.json", ".bin.index.json"))
        if path.is_file() and not is_weights and path.name not in (*OWN_FILES, *without):
            shutil.copy(path, directory)
