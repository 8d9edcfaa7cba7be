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


def problems(name):
    """Rows of a format of problems, from both containers."""
    lines = datasets.load_dataset("json", data_files=str(exports / f"{name}.jsonl"), split="train", cache_dir=scratch)
    columns = datasets.load_dataset("parquet", data_files=str(exports / f"{name}.parquet"), split="train", cache_dir=scratch)
    assert lines.to_list() == columns.to_list(), f"{name}: JSON lines and Parquet differ"
    assert len(columns) > 0 and all(row.get("solve_rate") is None or 0 <= row["solve_rate"] <= 1 for row in columns)
    return columns


seen = []


def reward(prompts, completions, solution, solve_rate, source, problem, **others):
    """What a reward function is given: one of each column for every completion."""
    assert len(solution) == len(completions) == len(solve_rate) == len(source) == len(problem)
    assert all(isinstance(text, str) and text != "" for text in solution)
    seen.extend(solution)
    return [float(len(one[0]["content"])) for one in completions]


if hasattr(trl, "GRPOTrainer"):
    loaded["grpo-trl"] = problems("grpo-trl")
    config = trl.GRPOConfig(**{**ARGUMENTS, "per_device_train_batch_size": 2}, num_generations=2, max_completion_length=8)
    make = lambda rows: trl.GRPOTrainer(model=model, reward_funcs=reward, args=config, train_dataset=rows)
    train("grpo-trl", make)
    assert len(seen) > 0

# As the loaders of verl (RLHFDataset) and NeMo RL (ResponseDataset) take a row.
tokenizer = transformers.AutoTokenizer.from_pretrained(model)
for row in problems("grpo-verl"):
    assert isinstance(row["data_source"], str) and row["ability"] == "math"
    assert tokenizer.apply_chat_template(row["prompt"], add_generation_prompt=True, tokenize=False)
    assert row["reward_model"]["style"] == "rule" and isinstance(row["reward_model"]["ground_truth"], str)
    assert isinstance(row["extra_info"]["index"], int) and row["extra_info"]["split"] == "train"
for row in problems("grpo-nemo"):
    assert isinstance(row["input"], str) and isinstance(row["output"], str)
print("grpo-verl, grpo-nemo: rows as their loaders take them")
