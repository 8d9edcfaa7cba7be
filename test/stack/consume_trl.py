"""Reads every export with datasets and pyarrow, and trains one step on it with TRL.

    python consume_trl.py EXPORTS MODEL SCRATCH
"""

import json
import sys
from pathlib import Path

import datasets
import pyarrow
import pyarrow.parquet
import transformers
import trl

exports, model, scratch = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
datasets.disable_progress_bars()
FORMATS = sorted({path.name.rsplit("-", 1)[0] for path in exports.iterdir() if path.is_dir()})
loaded = {}


def rows_of(folder):
    """The rows as they stand in the files, read by Python's own json."""
    lines = [line for path in sorted(folder.glob("data/*.jsonl")) for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


for name in FORMATS:
    tables = {}
    for container in ("jsonl", "parquet"):
        folder = exports / f"{name}-{container}"
        # By the card alone, as from the Hub.
        tables[container] = datasets.load_dataset(str(folder), split="train", cache_dir=scratch)
        manifest = json.loads((folder / "manifest.json").read_text())
        assert len(tables[container]) == manifest["rows"] > 0, f"{folder}: {len(tables[container])} rows"
    written = rows_of(exports / f"{name}-jsonl")
    assert tables["jsonl"].to_list() == written, f"{name}: JSON lines come back otherwise"
    assert tables["parquet"].to_list() == written, f"{name}: Parquet and JSON lines differ"
    shards = sorted((exports / f"{name}-parquet").glob("data/*.parquet"))
    assert len(shards) == -(-len(written) // 10)
    read = [row for shard in shards for row in pyarrow.parquet.read_table(shard).to_pylist()]
    assert read == written, f"{name}: pyarrow reads other rows"
    loaded[name] = tables["parquet"]
single = pyarrow.parquet.read_table(exports / "file.parquet").to_pylist()
packed = datasets.load_dataset("json", data_files=str(exports / "file.jsonl.gz"), split="train", cache_dir=scratch)
assert packed.to_list() == single == rows_of(exports / "messages-jsonl")
print(f"datasets {datasets.__version__}, pyarrow {pyarrow.__version__}: {len(FORMATS)} formats, JSON lines and Parquet")

ARGUMENTS = dict(
    output_dir=scratch,
    max_steps=1,
    per_device_train_batch_size=2,
    report_to=[],
    save_strategy="no",
    use_cpu=True,
    bf16=False,
    gradient_checkpointing=False,
    disable_tqdm=True,
)


def train(name, make):
    result = make(loaded[name]).train()
    loss = result.training_loss
    assert result.global_step == 1 and loss == loss, f"{name}: {result}"
    print(f"trl {trl.__version__}, transformers {transformers.__version__}: one step on {name}, loss {loss:.3f}")


def sft(rows, **more):
    config = trl.SFTConfig(**ARGUMENTS, max_length=256, **more)
    return trl.SFTTrainer(model=model, args=config, train_dataset=rows)


train("messages", sft)
train("prompt-completion", lambda rows: sft(rows, completion_only_loss=True))
train("prompt-completion-text", lambda rows: sft(rows, completion_only_loss=True))
train("text", sft)
train("dpo", lambda rows: trl.DPOTrainer(model=model, args=trl.DPOConfig(**ARGUMENTS, max_length=256), train_dataset=rows))
if hasattr(trl, "KTOTrainer"):
    train("kto", lambda rows: trl.KTOTrainer(model=model, args=trl.KTOConfig(**ARGUMENTS), train_dataset=rows))
