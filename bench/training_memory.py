#!/usr/bin/env python3
"""Memory of recipes/train_sft.py on CPUs, in bytes a parameter and process, beside the formula of `doctor` (src/train/memory.ts).

    python3 bench/training_memory.py FOLDER [one|copies|shards]...   # with recipes/requirements.txt installed; 6 GB of memory, some minutes

A model of 110 million parameters and one of a few thousand are trained the same way; what the larger one takes more, at the peak of anonymous
memory while it is loaded and while it trains, is divided by its parameters. Nothing is fetched.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "test/recipes"))
LARGE = {"vocab_size": 32000, "hidden_size": 768, "intermediate_size": 2048, "num_hidden_layers": 12, "num_attention_heads": 12}
SMALL = {"vocab_size": 512, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
TRAINED, GRADIENTS_AND_WEIGHTS = 16, 8
WAYS = {"one": ("one process", 1, "none"), "copies": ("two copies (DDP)", 2, "none"), "shards": ("two shards (FSDP2)", 2, "full")}


def make_base(directory: Path, shape: dict[str, int]) -> int:
    import torch
    from templates import families, save_base
    from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

    _, template, end, _ = next(family for family in families() if family[0] == "qwen2_5")
    save_base(directory, template, end)
    config = AutoConfig.from_pretrained(directory)
    heads = shape["num_attention_heads"]
    config.update(shape | {"num_key_value_heads": heads, "head_dim": shape["hidden_size"] // heads, "tie_word_embeddings": True})
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    model.generation_config = GenerationConfig()
    model.save_pretrained(directory)
    return sum(parameter.numel() for parameter in model.parameters())


class Peaks(threading.Thread):
    """Largest anonymous memory of each worker, by stage: loading, training, and what comes after the last step."""

    def __init__(self, launcher: int) -> None:
        super().__init__(daemon=True)
        self.launcher, self.stage, self.bytes, self.ranks, self.is_over = launcher, "loading", {}, {}, False

    def run(self) -> None:
        while not self.is_over:
            for pid in workers(self.launcher):
                rank = self.ranks.get(pid, rank_of(pid, self.launcher))
                if rank is None:
                    continue
                self.ranks[pid] = rank
                key = (self.stage, rank)
                self.bytes[key] = max(self.bytes.get(key, 0), anonymous(pid))
            time.sleep(0.01)


def workers(launcher: int) -> list[int]:
    children = Path(f"/proc/{launcher}/task/{launcher}/children")
    pids = [int(pid) for pid in children.read_text().split()] if children.exists() else []
    return pids or [launcher]


def rank_of(pid: int, launcher: int) -> int | None:
    """None where a worker has not become its own program yet."""
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    return next((int(text[5:]) for text in variables if text.startswith(b"RANK=")), 0 if pid == launcher else None)


def anonymous(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("RssAnon")), 0)


def measure(folder: Path, base: Path, processes: int, shard: str) -> dict[tuple[str, int], int]:
    recipe = [str(ROOT / "recipes/train_sft.py"), "--base-model", str(base), "--dataset", str(folder / "dataset.jsonl"), "--shard", shard,
              "--output-dir", str(folder / f"{base.name}-{processes}-{shard}"), "--batch-size", "4", "--max-steps", "3", "--lr", "1e-5",
              "--micro-batch-size", "1"]  # fmt: skip
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)] if processes > 1 else []
    env = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    # Unmapped at once when freed, so that a peak is what was in use.
    env |= {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    child = subprocess.Popen([sys.executable, *launcher, *recipe], env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    peaks = Peaks(child.pid)
    peaks.start()
    for line in child.stdout or ():
        event = json.loads(line[6:]) if line.startswith("@@sft ") else {}
        if event.get("event") == "start":
            peaks.stage = "training"
        if event.get("event") == "progress" and event["step"] == event["steps"]:
            peaks.stage = "writing"
    code = child.wait()
    peaks.is_over = True
    if code != 0:
        raise SystemExit(f"{base.name}, {processes}, {shard}: the recipe ended with {code}")
    return peaks.bytes


def main(folder: Path, asked: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    row = {"prompt": [{"role": "user", "content": "17 + 25?"}], "completion": [{"role": "assistant", "content": "42"}]}
    (folder / "dataset.jsonl").write_text((json.dumps(row) + "\n") * 8)
    large, small = make_base(folder / "large", LARGE), make_base(folder / "small", SMALL)
    layer = 4 * 768**2 + 3 * 768 * 2048
    gathered = (2 * layer + 32000 * 768) / large * GRADIENTS_AND_WEIGHTS
    # Of the tied embedding, twice while a step is worked out.
    gradients = 2 * 4 * 32000 * 768 / large
    print(f"{large:,} parameters; formula: a copy {TRAINED} and {gradients:.1f}, a shard of two {TRAINED / 2:.1f} and {gathered:.1f} gathered in fp32")
    for name, processes, shard in (WAYS[way] for way in asked or WAYS):
        more, base = (measure(folder, folder / size, processes, shard) for size in ("large", "small"))
        for rank in range(processes):
            taken = {stage: (more[stage, rank] - base[stage, rank]) / (large - small) for stage in ("loading", "training", "writing")
                     if (stage, rank) in more and (stage, rank) in base}  # fmt: skip
            print(f"{name}, process {rank}: " + ", ".join(f"{stage} {value:.1f}" for stage, value in taken.items()), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
