#!/usr/bin/env python3
"""Fine-tunes a causal language model on accepted traces with TRL: one spendwise training job (docs/trainers.md).

    python3 recipes/train_sft.py --base-model DIR --dataset FILE.jsonl --output-dir DIR --batch-size 256 --lr 1e-6

Progress on stdout as lines `@@sft {json}`; all else is noise. Exit codes: 0 done (also when done before), 2 bad input,
3 training failed, 75 stopped by TERM, INT, USR1 or --max-minutes with the state saved: the same command goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.metadata
import json
import math
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

DONE, BAD_INPUT, FAILED, STOPPED = 0, 2, 3, 75
STARTED_AT = time.monotonic()
PROCESSES = int(os.environ.get("WORLD_SIZE", "1"))
IS_MAIN = os.environ.get("RANK", "0") == "0"

PROGRESS_SECONDS = 0.5
LARGEST_DEFAULT_MICRO_BATCH = 8
EXIT_FILE = os.environ.get("SPENDWISE_EXIT_FILE", "")
IGNORED = -100  # the label of a token that the loss leaves out
PACKAGES = ("torch", "transformers", "trl", "peft", "datasets", "accelerate", "tokenizers")
# Copied from the base as they are, because libraries change them when they save them.
COPIED_FILES = ("tokenizer*", "chat_template*", "special_tokens_map.json", "added_tokens.json", "vocab*", "merges*",
                "*.model", "generation_config.json")
# What may differ when a stopped job goes on.
FREE_ARGUMENTS = ("base_model", "dataset", "expect_dataset_sha256", "output_dir", "save_steps", "max_minutes")


class BadInput(Exception):
    """What was given cannot be trained on; the same again would not help."""


class TrainingFailed(Exception):
    """Training went wrong after it had begun."""


class Stop:
    """Whether the job shall save and stop: by a signal, or because its minutes are over."""

    def __init__(self, max_minutes: float) -> None:
        self.signalled = False
        self.max_seconds = 60 * max_minutes or math.inf
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
            signal.signal(number, self._on_signal)

    def _on_signal(self, *_: object) -> None:
        self.signalled = True

    def is_asked(self) -> bool:
        return self.signalled or time.monotonic() - STARTED_AT > self.max_seconds


def main(argv: list[str]) -> int:
    try:
        arguments = parse_arguments(argv)
        return run(arguments, Stop(arguments.max_minutes))
    except BadInput as error:
        return fail(BAD_INPUT, str(error))
    except TrainingFailed as error:
        return fail(FAILED, str(error))
    except Exception as error:
        traceback.print_exc()
        return fail(FAILED, f"{type(error).__name__}: {error}")


def run(arguments: argparse.Namespace, stop: Stop) -> int:
    # Everything needed is in directories; nothing is fetched, also where the machine could.
    os.environ["HF_HUB_OFFLINE"] = "1"
    base, output = (Path(os.path.abspath(path)) for path in (arguments.base_model, arguments.output_dir))
    sha256, lines = read_dataset(Path(arguments.dataset), arguments.expect_dataset_sha256)
    if arguments.check_tokens:
        check_base_and_machine(base)
        tell_tokens(lines, base, arguments.max_length)
        return DONE
    if is_published(output, sha256):
        emit("done", checkpoint=str(output), already=True)
        return DONE
    check_base_and_machine(base)
    rows = tokenize(lines, base, arguments.max_length)
    work = output.with_name(f"{output.name}.work")
    base_sha256 = hash_weights(base)
    claim_work(work, arguments, {"dataset": sha256, "base": base_sha256, "processes": PROCESSES})
    trainer = make_trainer(arguments, base, rows, work)
    seconds = train(trainer, arguments, stop, work, len(rows))
    is_done = trainer.state.global_step == trainer.args.max_steps
    if is_done and IS_MAIN:
        dataset = {"sha256": sha256, "rows": len(rows), "dropped": 0}
        metrics = {"schema": 1, "dataset": dataset, "base": {"sha256": base_sha256}, "seconds": seconds}
        publish(trainer, arguments, base, output, metrics)
        shutil.rmtree(work, ignore_errors=True)
    if is_done:
        emit("done", checkpoint=str(output), already=False)
    else:
        emit("preempted", step=trainer.state.global_step, steps=trainer.args.max_steps)
    # A process that leaves before the others takes them down with it.
    trainer.accelerator.wait_for_everyone()
    trainer.accelerator.end_training()
    return DONE if is_done else STOPPED


def parse_arguments(argv: list[str]) -> argparse.Namespace:
    as_written = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=as_written, allow_abbrev=False)
    add = parser.add_argument
    add("--base-model", required=True, help="directory of the weights to start from")
    add("--dataset", required=True, help='JSON lines {"prompt": [messages], "completion": [messages]}, or texts')
    add("--expect-dataset-sha256", default="", help="train on nothing else")
    add("--output-dir", required=True, help="checkpoint directory to make; it appears by one rename")
    add("--method", choices=["full", "lora"], default="full")
    add("--lora-r", type=int, default=16, help="rank of the adapters of all linear layers; alpha is twice that")
    add("--merge", action="store_true", help="with lora: the output is a whole model, not an adapter")
    add("--epochs", type=float, help="passes over the dataset (default 1); 0 where --max-steps counts")
    add("--max-steps", type=int, default=0, help="optimizer steps; 0 where --epochs counts")
    add("--batch-size", type=int, default=32, help="rows in an optimizer step, over all processes")
    add("--micro-batch-size", type=int, default=0, help="rows at once in a process (0: the largest divisor up to 8)")
    add("--lr", type=float, default=1e-6, help="learning rate at the first step after the warm-up")
    add("--lr-end", type=float, default=0.0, help="learning rate at the last step, reached linearly")
    add("--warmup-steps", type=int, default=0)
    add("--optimizer-state", choices=["reset", "keep"], default="reset", help="keep: load the base's, save one too")
    add("--max-length", type=int, default=0, help="tokens a row may have (0: the model's context)")
    add("--check-tokens", action="store_true", help="tell the tokens of every row on stdout, and train nothing")
    add("--seed", type=int, default=1)
    add("--save-steps", type=int, default=100, help="save the state every so many steps (0: only when stopped)")
    add("--max-minutes", type=float, default=0.0, help="save and stop after so long (0: never)")
    return check_arguments(parser.parse_args(argv))


def check_arguments(arguments: argparse.Namespace) -> argparse.Namespace:
    if arguments.epochs is None:
        arguments.epochs = 0.0 if arguments.max_steps > 0 else 1.0
    for name, value in vars(arguments).items():
        least = 1 if name in ("batch_size", "lora_r") else 0
        if isinstance(value, (int, float)) and not (math.isfinite(value) and value >= least):
            raise BadInput(f"--{name.replace('_', '-')} is {value}; it must be a number from {least} on.")
    if (arguments.epochs > 0) == (arguments.max_steps > 0):
        raise BadInput("--epochs and --max-steps exclude each other; give one, and the other as 0 or not at all.")
    if arguments.lr == 0:
        raise BadInput("--lr is 0, which trains nothing; give a number above 0.")
    if arguments.method == "full" and arguments.merge:
        raise BadInput("--merge is for --method lora; full fine-tuning has nothing to merge.")
    if arguments.method == "lora" and arguments.optimizer_state == "keep":
        raise BadInput("--optimizer-state keep is for --method full; every job's adapter begins anew.")
    arguments.micro_batch_size = micro_batch_size(arguments.batch_size, arguments.micro_batch_size)
    return arguments


def micro_batch_size(batch: int, asked: int) -> int:
    share = batch // PROCESSES
    micro = asked or max(size for size in range(1, LARGEST_DEFAULT_MICRO_BATCH + 1) if share % size == 0)
    if batch % (micro * PROCESSES) != 0:
        raise BadInput(f"--batch-size {batch} is no multiple of --micro-batch-size {micro} x {PROCESSES} processes.")
    return micro


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
        parts = row["prompt"], row["completion"]
        if all(isinstance(part, str) for part in parts):
            return row
        if all(part and all(isinstance(message["content"], str) for message in part) for part in parts):
            return row
    except (ValueError, KeyError, TypeError):
        pass  # said below, as for a row of another shape
    raise BadInput(f'{place}  is not {{"prompt": [messages], "completion": [messages]}}, nor two texts; use `spendwise export`.')


def is_published(output: Path, sha256: str) -> bool:
    """Whether the output is there already, from this very dataset: a job may be submitted twice."""
    if not output.exists():
        return False
    metrics = output / "metrics.json"
    if metrics.is_file() and json.loads(metrics.read_text())["dataset"]["sha256"] == sha256:
        return True
    raise BadInput(f"{output} is there and was not trained on this dataset ({sha256}); give another --output-dir.")


def check_base_and_machine(base: Path) -> None:
    if not (base / "config.json").is_file():
        raise BadInput(f"--base-model {base} has no config.json; give the directory of a whole model, adapters merged.")
    try:
        import peft  # noqa: F401
        import torch
        import trl  # noqa: F401
    except ImportError as error:
        raise BadInput(f"{error}; install recipes/requirements.txt for {sys.executable}.") from error
    if PROCESSES == 1 and torch.cuda.device_count() > 1:
        # The trainer would split every micro batch over all of them, and the batch would not be what was asked for.
        raise BadInput("Several GPUs are visible to one process; start it with torchrun, or set CUDA_VISIBLE_DEVICES.")


def tokenize(lines: list[tuple[str, dict[str, Any]]], base: Path, max_length: int) -> list[dict[str, list[int]]]:
    """Token ids and labels of all rows, checked: what is looked at here is exactly what is trained on."""
    from transformers import AutoConfig, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    if not tokenizer.chat_template and any(not is_text(row) for _, row in lines):
        raise BadInput(f"{base} has no chat template; give its tokenizer the one that the server uses.")
    context = getattr(AutoConfig.from_pretrained(base), "max_position_embeddings", None)
    ends, limit = end_tokens(base, tokenizer.eos_token_id), max_length or context or math.inf
    return [tokenize_row(place, row, tokenizer, ends, limit) for place, row in lines]


def tell_tokens(lines: list[tuple[str, dict[str, Any]]], base: Path, max_length: int) -> None:
    """What would be trained on, for whoever compares it with what was sampled."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    if tokenizer.chat_template:
        emit("template", sha256=hash_text(tokenizer.chat_template))
    for (_, row), tokens in zip(lines, tokenize(lines, base, max_length), strict=True):
        start = sum(label == IGNORED for label in tokens["labels"])
        prompt, completion = tokens["input_ids"][:start], tokens["input_ids"][start:]
        text = row["completion"] if is_text(row) else row["completion"][0]["content"]
        kept = text in tokenizer.decode(completion, clean_up_tokenization_spaces=False)
        emit("tokens", prompt=prompt, completion=completion, kept=kept)


def end_tokens(base: Path, eos_token: int | None) -> set[int]:
    """Where a server ends a completion: at the tokenizer's end of text, and at those of the generation defaults."""
    path = base / "generation_config.json"
    said = json.loads(path.read_text()).get("eos_token_id") if path.is_file() else None
    return {token for token in [eos_token, *(said if isinstance(said, list) else [said])] if token is not None}


def tokenize_row(
    place: str, row: dict[str, Any], tokenizer: Any, ends: set[int], limit: float
) -> dict[str, list[int]]:
    if is_text(row):
        return tokenize_text(place, row, tokenizer, limit)
    prompt = render(place, row["prompt"], tokenizer, is_prompt=True)
    whole = render(place, row["prompt"] + row["completion"], tokenizer, is_prompt=False)
    if whole[: len(prompt)] != prompt:
        raise BadInput(f"{place}  the tokens of its prompt do not begin those of prompt and completion together, "
                       "so the loss would fall on the wrong ones; mend the chat template.")
    length = 1 + max((at for at in range(len(prompt), len(whole)) if whole[at] in ends), default=-1)
    # What a template writes behind the end of a turn (a line break) is never sampled, so it is not trained on.
    if length == 0 or tokenizer.decode(whole[length:]).strip():
        raise BadInput(f"{place}  no end-of-text token ends its completion, so the model would not learn to stop; "
                       "mend the chat template, or let eos_token_id be what ends a turn.")
    return labelled(place, prompt, whole[len(prompt) : length], limit)


def tokenize_text(place: str, row: dict[str, str], tokenizer: Any, limit: float) -> dict[str, list[int]]:
    """As a server takes the text of a base model; a stop string has cut the end-of-text token off, which is added."""
    prompt, whole = tokenizer(row["prompt"])["input_ids"], tokenizer(row["prompt"] + row["completion"])["input_ids"]
    completion = whole[len(prompt) :]
    if whole[: len(prompt)] != prompt:
        # One token may span the seam; what was sampled began behind the prompt's own tokens.
        completion = tokenizer(row["completion"], add_special_tokens=False)["input_ids"]
    if tokenizer.eos_token_id is None or tokenizer.decode(prompt + completion) != tokenizer.decode(whole):
        raise BadInput(f"{place}  cannot be put into tokens that begin with its prompt's and end with an end of text; "
                       "end the prompt without a space, and give the tokenizer an eos_token.")
    return labelled(place, prompt, [*completion, tokenizer.eos_token_id], limit)


def labelled(place: str, prompt: list[int], completion: list[int], limit: float) -> dict[str, list[int]]:
    length = len(prompt) + len(completion)
    if length > limit:
        raise BadInput(f"{place}  has {length} tokens, more than {limit}; raise --max-length or sample shorter ones.")
    return {"input_ids": prompt + completion, "labels": [IGNORED] * len(prompt) + completion}


def is_text(row: dict[str, Any]) -> bool:
    """For a base model, which is asked in plain text and has no chat template."""
    return isinstance(row["prompt"], str)


def render(place: str, messages: list[dict[str, str]], tokenizer: Any, is_prompt: bool) -> list[int]:
    """As the server renders it; a completion that a stop string cut off gets its end from the template."""
    from jinja2 import TemplateError

    try:
        return tokenizer.apply_chat_template(messages, add_generation_prompt=is_prompt, return_dict=False)
    except TemplateError as error:
        raise BadInput(f"{place}  the base's chat template refuses it: {error}.") from error


def claim_work(work: Path, arguments: argparse.Namespace, inputs: dict[str, Any]) -> None:
    """Binds the work folder to this very job, so that a saved state never goes on with other data or arguments."""
    job = inputs | {name: value for name, value in vars(arguments).items() if name not in FREE_ARGUMENTS}
    path = work / "job.json"
    if path.is_file():
        before = json.loads(path.read_text())
        changed = [name for name in job if before.get(name) != job[name]]
        if changed:
            raise BadInput(f"{work} is of another job ({', '.join(changed)} changed); remove it to begin anew.")
    elif IS_MAIN:
        work.mkdir(parents=True, exist_ok=True)
        write_json(path, job)


def make_trainer(arguments: argparse.Namespace, base: Path, rows: list[dict[str, list[int]]], work: Path) -> Any:
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback, set_seed
    from transformers.utils.logging import disable_progress_bar
    from trl import SFTConfig, SFTTrainer

    on_gpu, is_lora = torch.cuda.is_available(), arguments.method == "lora"
    config = SFTConfig(
        output_dir=str(work), seed=arguments.seed, data_seed=arguments.seed, max_steps=step_count(arguments, len(rows)),
        per_device_train_batch_size=arguments.micro_batch_size,
        gradient_accumulation_steps=arguments.batch_size // (arguments.micro_batch_size * PROCESSES),
        dataset_kwargs={"skip_prepare_dataset": True}, max_length=None,
        bf16=on_gpu, use_cpu=not on_gpu, gradient_checkpointing=on_gpu,
        logging_steps=1, logging_nan_inf_filter=False, include_num_input_tokens_seen="non_padding",
        save_strategy="no", save_total_limit=2, report_to="none", disable_tqdm=True,
    )  # fmt: skip
    disable_progress_bar()
    set_seed(arguments.seed)
    # In bf16 alone the steps of a small learning rate are rounded away: weights that learn are fp32, computing in bf16.
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16 if on_gpu and is_lora else torch.float32)
    rank = arguments.lora_r
    lora = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules="all-linear", task_type="CAUSAL_LM")
    trainer = SFTTrainer(model, config, train_dataset=Dataset.from_list(rows), peft_config=lora if is_lora else None,
                         processing_class=AutoTokenizer.from_pretrained(base))
    if trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled:
        raise BadInput("Sharded training (FSDP, DeepSpeed) is not supported; use plain data parallelism, or LoRA.")
    trainer.remove_callback(PrinterCallback)
    trainer.optimizer = make_optimizer(arguments, trainer.model, base)
    factor = partial(rate_factor, arguments, config.max_steps)
    trainer.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(trainer.optimizer, factor)
    return trainer


def step_count(arguments: argparse.Namespace, rows: int) -> int:
    """A part of an epoch is rounded to whole steps, at least one; an epoch's last batch may be smaller."""
    per_epoch = math.ceil(rows / arguments.batch_size)
    return arguments.max_steps or max(1, math.floor(arguments.epochs * per_epoch + 0.5))


def rate_factor(arguments: argparse.Namespace, steps: int, step: int) -> float:
    """Share of --lr at a step (from 0): up linearly in the warm-up, then linearly to --lr-end at the last step."""
    warmup, end = arguments.warmup_steps, arguments.lr_end / arguments.lr
    if step < warmup:
        return (step + 1) / (warmup + 1)
    stretch = steps - 1 - warmup
    return 1 + (end - 1) * (step - warmup) / stretch if stretch > 0 else 1.0


def make_optimizer(arguments: argparse.Namespace, model: Any, base: Path) -> Any:
    import torch

    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(learning, lr=arguments.lr, weight_decay=0.0)
    kept = base / "optimizer.pt"
    if arguments.optimizer_state == "keep" and kept.is_file():
        # The moments and their age alone: rates are this job's own.
        state = torch.load(kept, map_location="cpu", weights_only=True)["state"]
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    return optimizer


def train(trainer: Any, arguments: argparse.Namespace, stop: Stop, work: Path, rows: int) -> float:
    """Trains from the newest saved state on, until the end or until asked to stop; the seconds it took in all."""
    saved = newest_state(work)
    before = json.loads((saved / "saved.json").read_text()) if saved else {"step": 0, "seconds": 0.0}

    def seconds() -> float:
        return round(before["seconds"] + time.monotonic() - STARTED_AT, 3)

    emit("start", step=before["step"], steps=trainer.args.max_steps, rows=rows)
    trainer.add_callback(make_callback(trainer, arguments.save_steps, stop, seconds))
    # Minutes are looked at after a step, so that every call brings the job on, however slow its start was.
    if not stop.signalled:
        trainer.train(resume_from_checkpoint=str(saved) if saved else None)
    return seconds()


def newest_state(work: Path) -> Path | None:
    """The newest state that was saved to its end; a kill may have left half of one."""
    whole = [path.parent for path in work.glob("checkpoint-*/saved.json")]
    return max(whole, key=lambda path: int(path.name.removeprefix("checkpoint-")), default=None)


def make_callback(trainer: Any, save_steps: int, stop: Stop, seconds: Callable[[], float]) -> Any:
    import torch
    from transformers import TrainerCallback

    class Follower(TrainerCallback):
        shown_at = -math.inf

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            # All processes stop after the same step, whichever heard the signal.
            asked = torch.tensor(float(stop.is_asked()), device=args.device)
            is_asked = trainer.accelerator.reduce(asked, "sum").item() > 0
            if state.global_step < state.max_steps:
                control.should_training_stop = is_asked
                control.should_save = is_asked or (save_steps > 0 and state.global_step % save_steps == 0)

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:
            if "loss" not in logs:
                return
            step, steps, loss = state.global_step, state.max_steps, logs["loss"]
            if not (math.isfinite(loss) and math.isfinite(logs.get("grad_norm", 0.0))):
                raise TrainingFailed(f"The loss is no longer a number at step {step} of {steps}; lower --lr.")
            if time.monotonic() - self.shown_at > PROGRESS_SECONDS or step == steps:
                self.shown_at = time.monotonic()
                emit("progress", step=step, steps=steps, loss=loss, lr=logs["learning_rate"])

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if IS_MAIN:
                saved = {"step": state.global_step, "seconds": seconds()}
                write_json(Path(args.output_dir) / f"checkpoint-{state.global_step}" / "saved.json", saved)
            emit("checkpoint", step=state.global_step, steps=state.max_steps)

    return Follower()


def publish(trainer: Any, arguments: argparse.Namespace, base: Path, output: Path, metrics: dict[str, Any]) -> None:
    """Writes the checkpoint beside its place and renames it there."""
    fresh = output.with_name(f"{output.name}.tmp")
    shutil.rmtree(fresh, ignore_errors=True)
    save_model(trainer, arguments, base, fresh)
    losses = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
    write_json(fresh / "metrics.json", metrics | {
        "steps": trainer.state.global_step,
        "tokens": int(trainer.state.num_input_tokens_seen),
        "loss": {"first": losses[0], "last": losses[-1]},
        "seed": arguments.seed,
        "chat_template": {"sha256": hash_text(trainer.processing_class.chat_template or "")},
        "checkpoint": {"sha256": hash_weights(fresh)},
        "arguments": vars(arguments),
        "versions": {"python": sys.version.split()[0]} | {name: importlib.metadata.version(name) for name in PACKAGES},
    })
    os.rename(fresh, output)


def save_model(trainer: Any, arguments: argparse.Namespace, base: Path, directory: Path) -> None:
    import torch
    from transformers import AutoConfig

    model = trainer.accelerator.unwrap_model(trainer.model)
    if not all(parameter.isfinite().all() for parameter in model.parameters()):
        raise TrainingFailed("The last step left weights that are no numbers; lower --lr.")
    is_adapter = arguments.method == "lora" and not arguments.merge
    if arguments.merge:
        model = model.merge_and_unload()
    if not is_adapter:
        model = model.to(AutoConfig.from_pretrained(base).dtype or model.dtype)
    model.save_pretrained(directory)
    # Shape and type of the weights are the base's, so its config.json holds; training has changed use_cache and more.
    (directory / "generation_config.json").unlink(missing_ok=True)
    for pattern in COPIED_FILES if is_adapter else (*COPIED_FILES, "config.json"):
        for path in base.glob(pattern):
            shutil.copy(path, directory)
    if arguments.optimizer_state == "keep":
        torch.save(trainer.optimizer.state_dict(), directory / "optimizer.pt")


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


def hash_text(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()


def write_json(path: Path, value: object) -> None:
    """By a rename, so that a kill leaves the whole file or none."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(value, indent=2, allow_nan=False) + "\n")
    os.replace(fresh, path)


def emit(event: str, **facts: object) -> None:
    if IS_MAIN:
        print("@@sft " + json.dumps({"event": event} | facts), flush=True)


def fail(code: int, message: str) -> int:
    emit("error", message=message)
    print(message, file=sys.stderr, flush=True)
    return code


def say_exit(code: int | None) -> None:
    """Launchers (torchrun, accelerate) end with 1 whatever we ended with; who started them reads our code here."""
    if not (EXIT_FILE and IS_MAIN):
        return
    Path(EXIT_FILE).unlink(missing_ok=True)
    if code is not None:
        Path(EXIT_FILE).write_text(f"{code}\n")


if __name__ == "__main__":
    say_exit(None)
    exit_code = main(sys.argv[1:])
    say_exit(exit_code)
    sys.exit(exit_code)
