"""
Trainers that read a file and a configuration: what each is told of a job. All get rows of token ids, made by this project's own
code, so that no template of theirs comes between what was sampled and what is trained on.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = dict[str, list[int]]


@dataclass(frozen=True)
class Job:
    """What a trainer is asked for, in the words that all of them share."""

    work: Path
    start: Path  # directory of the weights to start from
    out: Path  # directory in which the trainer saves
    rows: list[Row]
    steps: int
    batch: int
    micro: int
    processes: int
    method: str
    rank: int
    lr: float
    lr_end: float
    warmup: int
    seed: int
    save_steps: int
    resume: Path | None
    settings: dict[str, Any] = field(default_factory=dict)

    def common(self) -> dict[str, Any]:
        """Keys that are transformers' own, and so those of every trainer built on it."""
        return {
            "output_dir": str(self.out), "seed": self.seed, "max_steps": self.steps,
            "gradient_accumulation_steps": self.batch // (self.micro * self.processes),
            "learning_rate": self.lr, "warmup_steps": self.warmup, "weight_decay": 0.0, "max_grad_norm": 1.0,
            "logging_steps": 1, "save_strategy": "steps", "save_steps": self.save_steps, "save_total_limit": 2,
            "lr_scheduler_type": self.schedule()[0],
        }  # fmt: skip

    def schedule(self) -> tuple[str, dict[str, float]]:
        """Name and arguments of transformers' schedule."""
        if self.lr_end == self.lr:
            return "constant_with_warmup", {}
        if self.lr_end == 0:
            return "linear", {}
        return "polynomial", {"lr_end": self.lr_end, "power": 1.0}

    def config(self) -> Path:
        """Where the trainer's configuration is written."""
        return self.work / "config.yaml"

    def longest(self) -> int:
        return max(len(row["input_ids"]) for row in self.rows)


@dataclass(frozen=True)
class Trainer:
    """One program: its package, the version it was tried in, and how it is given a job."""

    package: str
    version: str
    write: Callable[[Job], tuple[dict[str, Any], list[str], dict[str, str]]]
    """Writes the dataset; gives what stands in the job's configuration file, the command line and its variables."""


def on_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def beside_python(name: str) -> str:
    """A program of the environment that this Python is of."""
    return str(Path(sys.executable).parent / name)


def for_llamafactory(job: Job) -> tuple[dict[str, Any], list[str], dict[str, str]]:
    from datasets import Dataset, DatasetDict

    tokenized = job.work / "tokenized"
    masked = [{**row, "attention_mask": [1] * len(row["input_ids"])} for row in job.rows]
    DatasetDict({"train": Dataset.from_list(masked)}).save_to_disk(str(tokenized))
    name, more = job.schedule()
    config = job.common() | {
        "model_name_or_path": str(job.start), "stage": "sft", "do_train": True,
        # The dataset is named and never read: rows come as they are from tokenized_path.
        "dataset": "rows", "dataset_dir": str(job.work), "tokenized_path": str(tokenized), "template": "empty",
        "cutoff_len": job.longest(), "finetuning_type": job.method, "per_device_train_batch_size": job.micro,
        "lr_scheduler_type": name, "bf16": on_gpu(), "use_cpu": not on_gpu(), "report_to": "none", "plot_loss": False,
        "overwrite_output_dir": job.resume is None, "trust_remote_code": False,
    } | ({"lr_scheduler_kwargs": more} if more else {})  # fmt: skip
    if job.method == "lora":
        config |= {"lora_rank": job.rank, "lora_alpha": 2 * job.rank, "lora_target": "all", "lora_dropout": 0.0}
    if job.resume:
        config |= {"resume_from_checkpoint": str(job.resume)}
    env = {"DISABLE_VERSION_CHECK": "1", "NPROC_PER_NODE": str(job.processes)}
    env |= {"FORCE_TORCHRUN": "1"} if job.processes > 1 else {}
    return config | job.settings, [beside_python("llamafactory-cli"), "train", str(job.config())], env


def for_axolotl(job: Job) -> tuple[dict[str, Any], list[str], dict[str, str]]:
    path = job.work / "rows.jsonl"
    with path.open("w") as file:
        for row in job.rows:
            file.write(json.dumps({**row, "attention_mask": [1] * len(row["input_ids"])}) + "\n")
    name, more = job.schedule()
    common = job.common()
    del common["lr_scheduler_type"]
    config = common | {
        "base_model": str(job.start), "sequence_len": job.longest(),
        # Rows of ids: `type` is left empty for them.
        "datasets": [{"path": str(path), "ds_type": "json", "type": None}],
        "dataset_prepared_path": str(job.work / "prepared"), "dataset_num_proc": 1, "val_set_size": 0.0,
        "shuffle_merged_datasets": False, "sample_packing": False, "pad_to_sequence_len": False, "train_on_inputs": False,
        "micro_batch_size": job.micro, "num_epochs": 1, "optimizer": "adamw_torch", "lr_scheduler": name,
        # In 16 bits alone its weights would lose what is smaller than half their step.
        "bf16": False, "fp16": False, "tf32": on_gpu(), "gradient_checkpointing": on_gpu(),
        "save_first_step": False, "trust_remote_code": False, "strict": False,
    } | ({"lr_scheduler_kwargs": more} if more else {})  # fmt: skip
    if job.method == "lora":
        config |= {"adapter": "lora", "lora_r": job.rank, "lora_alpha": 2 * job.rank, "lora_dropout": 0.0, "lora_target_linear": True}
        # Its own kernels, which it takes unasked, are for GPUs.
        config |= {} if on_gpu() else {f"lora_{part}_kernel": False for part in ("mlp", "qkv", "o", "embedding")}
    if job.resume:
        config |= {"resume_from_checkpoint": str(job.resume)}
    settings = dict(job.settings)
    config |= {"plugins": ["others.axolotl_plugin.TokensOfStep", *settings.pop("plugins", [])]}
    recipes = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    env = {"AXOLOTL_DO_NOT_TRACK": "1", "WANDB_MODE": "disabled", "PYTHONPATH": recipes}
    launcher = ["--launcher", "python"]
    if job.processes > 1:
        launcher = ["--launcher", "torchrun", "--", "--nproc-per-node", str(job.processes)]
    return config | settings, [beside_python("axolotl"), "train", str(job.config()), *launcher], env


TRAINERS = {
    "llamafactory": Trainer("llamafactory", "0.9.5", for_llamafactory),
    "axolotl": Trainer("axolotl", "0.19.0", for_axolotl),
}


def environment(added: dict[str, str]) -> dict[str, str]:
    """Nothing is fetched; the programs of this Python's environment come first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return os.environ | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PATH": path} | added
