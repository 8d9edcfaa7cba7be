"""TRL's SFT trainer, told which rows every step and process gets, and what is kept of a step that does not fit."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from . import steps
from .arguments import trackers
from .contract import IS_MAIN, PROCESSES, RANK, OutOfMemory, Stop, TrainingFailed, emit, write_json
from .model import adapter_targets, load_model, shards_weights
from .tokens import IGNORED, Row
from .tracking import guard_trackers, prepare_trackers

PROGRESS_SECONDS = 0.5
# Says with how many tokens at once a job continues that did not fit.
FIT_FILE = "fit.json"


class StepLoader:
    """The steps of a job as one long epoch: at each, this process's micro batches and the number of tokens in the loss."""

    def __init__(self, rows: list[Row], arguments: argparse.Namespace, count: int, limits: tuple[int, int], padded: bool):
        self.rows, self.arguments, self.count, self.limits, self.padded = rows, arguments, count, limits, padded
        self.lengths = [len(row["input_ids"]) for row in rows]
        self.first = 0

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for step in range(self.first, self.count):
            chosen = steps.rows_of_step(step, len(self.rows), self.arguments.batch_size, self.arguments.seed)
            shares = steps.micro_batches(self.lengths, chosen, self.limits, PROCESSES, self.padded)
            # The first token of a row is nothing's successor.
            learned = sum(label != IGNORED for row in chosen for label in self.rows[row]["labels"][1:])
            micro = [[self.rows[row] for row in batch] or [self.nothing()] for batch in shares[RANK]]
            yield {"micro": micro, "learned": learned, "tokens": sum(self.lengths[row] for row in chosen)}

    def nothing(self) -> Row:
        """A row that adds nothing to the loss, for a process whose others still have one."""
        ids = min((row["input_ids"] for row in self.rows), key=len)
        return {"input_ids": ids, "labels": [IGNORED] * len(ids)}


def make_trainer(arguments: argparse.Namespace, base: Path, rows: list[Row], work: Path) -> Any:
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoTokenizer, PrinterCallback, set_seed
    from transformers.utils import is_flash_attn_2_available
    from transformers.utils.logging import disable_progress_bar
    from trl import SFTConfig

    on_gpu, is_lora = torch.cuda.is_available(), arguments.method == "lora"
    shards = shards_weights(arguments, base)
    if arguments.attn == "auto" and on_gpu and is_flash_attn_2_available():
        arguments.attn = "flash_attention_2"
    is_flash = "flash" in arguments.attn
    padding_free = arguments.padding_free == "on" or (arguments.padding_free == "auto" and is_flash)
    config = SFTConfig(
        output_dir=str(work), seed=arguments.seed, data_seed=arguments.seed,
        max_steps=steps.step_count(arguments.epochs, arguments.max_steps, len(rows), arguments.batch_size),
        per_device_train_batch_size=1, gradient_accumulation_steps=1, ignore_data_skip=True,
        dataset_kwargs={"skip_prepare_dataset": True}, max_length=None, padding_free=padding_free,
        bf16=on_gpu, use_cpu=not on_gpu, gradient_checkpointing=on_gpu,
        fsdp=True if shards else None, fsdp_config=FSDP_CONFIG if shards else None,
        logging_steps=1, logging_nan_inf_filter=False, save_strategy="no", save_total_limit=2, disable_tqdm=True,
        report_to=trackers(arguments) or "none", run_name=arguments.run_name or None,
        **({"project": arguments.project} if arguments.project else {}),
    )  # fmt: skip
    disable_progress_bar()
    prepare_trackers(arguments, work)
    set_seed(arguments.seed)
    # What tells transformers, while it loads, that the first process hands out the weights.
    os.environ["ACCELERATE_USE_FSDP"] = str(shards).lower()
    model = load_model(arguments, base, shards)
    rank = arguments.lora_r
    lora = LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=adapter_targets(model), task_type="CAUSAL_LM")
    trainer = trainer_class()(model, config, train_dataset=Dataset.from_list(rows), peft_config=lora if is_lora else None,
                              processing_class=AutoTokenizer.from_pretrained(base))
    check_sharded(trainer, shards)
    trainer.remove_callback(PrinterCallback)
    guard_trackers(trainer, work)
    limits = (fitting_tokens(work) or arguments.micro_batch_tokens, arguments.micro_batch_size)
    trainer.loader = StepLoader(rows, arguments, config.max_steps, limits, padded=not padding_free)
    learning = [parameter for parameter in trainer.model.parameters() if parameter.requires_grad]
    # Fused: no temporary copies of all weights in a step.
    trainer.optimizer = torch.optim.AdamW(learning, lr=arguments.lr, weight_decay=0.0, fused=True)
    factor = partial(steps.rate_factor, (arguments.lr, arguments.lr_end), arguments.warmup_steps, config.max_steps)
    trainer.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(trainer.optimizer, factor)
    return trainer


# State is saved in shards, so that nothing is gathered before the end.
FSDP_CONFIG = {
    "version": 2,
    "auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
    "cpu_ram_efficient_loading": True,
    "reshard_after_forward": True,
    "state_dict_type": "SHARDED_STATE_DICT",
}


def check_sharded(trainer: Any, shards: bool) -> None:
    """accelerate leaves FSDP out without a word where it does not know the machine: every process would hold all."""
    from accelerate.utils import DistributedType

    if shards and trainer.accelerator.distributed_type != DistributedType.FSDP:
        raise TrainingFailed(f"The model is not sharded on {trainer.args.device}; give --shard none.")


@contextlib.contextmanager
def sharding_on_cpu() -> Iterator[None]:
    """accelerate knows FSDP on accelerators only; torch shards on CPUs as well, which is how it is tried without GPUs."""
    from accelerate.state import AcceleratorState
    from accelerate.utils import DistributedType

    init = AcceleratorState.__init__

    def init_and_shard(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        plugin = kwargs.get("fsdp_plugin")
        if plugin is not None and self.distributed_type == DistributedType.MULTI_CPU:
            self.distributed_type, self.fsdp_plugin = DistributedType.FSDP, plugin

    AcceleratorState.__init__ = init_and_shard
    try:
        yield
    finally:
        AcceleratorState.__init__ = init


def trainer_class() -> Any:
    import torch
    from trl import SFTTrainer

    class StepTrainer(SFTTrainer):
        loader: StepLoader

        def _build_accelerator_args(self, **kwargs: Any) -> dict[str, Any]:
            built = super()._build_accelerator_args(**kwargs)
            # Gradients live in the buckets that are sent: without it, DDP holds them twice.
            for handler in built["kwargs_handlers"]:
                handler.gradient_as_bucket_view = True
            return built

        def create_accelerator_and_postprocess(self) -> None:
            with sharding_on_cpu():
                super().create_accelerator_and_postprocess()

        def get_train_dataloader(self) -> Any:
            return self.loader

        def get_batch_samples(self, epoch_iterator: Any, num_batches: int, device: Any) -> Any:
            step = next(epoch_iterator)
            return [step], torch.tensor(step["learned"], device=device)

        def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Any:
            micro, total = inputs["micro"], 0.0
            if isinstance(model, torch.nn.parallel.DistributedDataParallel):
                # Gone in between, those of all micro batches but the last would be made next to the buckets.
                model.zero_grad = partial(type(model).zero_grad, model, set_to_none=False)
            for at, rows in enumerate(micro):
                # Sharded gradients are reduced at once: kept whole until the last, they would take a whole model's room.
                is_kept = at < len(micro) - 1 and not self.is_fsdp_enabled
                with self.accelerator.no_sync(model) if is_kept else contextlib.nullcontext():
                    total += super().training_step(model, self.data_collator(rows), num_items_in_batch)
            self.state.num_input_tokens_seen += inputs["tokens"]
            return total

        def floating_point_ops(self, inputs: Any) -> int:
            return 0

    return StepTrainer


def train(trainer: Any, arguments: argparse.Namespace, stop: Stop, work: Path, seconds: Callable[[], float]) -> None:
    """
    Trains from the newest saved state on, until the end or until asked to stop.
    @throws OutOfMemory when a step does not fit and smaller micro batches may; TrainingFailed when they cannot
    """
    import torch

    saved = newest_state(work)
    loader = trainer.loader
    loader.first = saved_facts(saved)["step"]
    emit("start", step=loader.first, steps=len(loader), rows=len(loader.rows))
    trainer.add_callback(make_callback(trainer, arguments, stop, seconds))
    # Minutes are looked at after a step, so that every call brings the job on, however slow its start was.
    if stop.signalled:
        return
    try:
        trainer.train(resume_from_checkpoint=str(saved) if saved else None)
    except torch.OutOfMemoryError as error:
        smaller = steps.halved(loader.lengths, arguments.batch_size, loader.limits)
        if smaller is None:
            raise TrainingFailed(
                f"A single row of {max(loader.lengths)} tokens does not fit the GPU's memory next to the model; set "
                "accept.maxTokens or --max-length, shard the model (train.shard: full), or train an adapter (--method lora)."
            ) from error
        write_json(work / FIT_FILE, {"tokens": smaller})
        raise OutOfMemory(f"A step ran out of memory; the job continues with {smaller} tokens at once in a process.") from error


def fitting_tokens(work: Path) -> int | None:
    path = work / FIT_FILE
    return json.loads(path.read_text())["tokens"] if path.is_file() else None


def newest_state(work: Path) -> Path | None:
    """The newest state that was saved to its end; a kill may have left half of one."""
    whole = [path.parent for path in work.glob("checkpoint-*/saved.json")]
    return max(whole, key=lambda path: int(path.name.removeprefix("checkpoint-")), default=None)


def saved_facts(state: Path | None) -> dict[str, Any]:
    return json.loads((state / "saved.json").read_text()) if state else {"step": 0, "seconds": 0.0}


def make_callback(trainer: Any, arguments: argparse.Namespace, stop: Stop, seconds: Callable[[], float]) -> Any:
    import torch
    from transformers import TrainerCallback

    class Follower(TrainerCallback):
        shown_at = -math.inf
        saved_at = time.monotonic()

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            save_seconds = 60 * arguments.save_minutes or math.inf
            is_due = IS_MAIN and time.monotonic() - self.saved_at > save_seconds
            # All processes stop and save after the same step, whichever heard the signal.
            asked = torch.tensor([float(stop.is_asked()), float(is_due)], device=args.device)
            stops, saves = (total > 0 for total in trainer.accelerator.reduce(asked, "sum").tolist())
            if state.global_step < state.max_steps:
                is_round = arguments.save_steps > 0 and state.global_step % arguments.save_steps == 0
                control.should_training_stop = stops
                control.should_save = stops or saves or is_round

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:
            if "loss" not in logs:
                return
            step, count, loss = state.global_step, state.max_steps, logs["loss"]
            if not (math.isfinite(loss) and math.isfinite(logs.get("grad_norm", 0.0))):
                raise TrainingFailed(f"The loss is no longer a number at step {step} of {count}; lower --lr.")
            if time.monotonic() - self.shown_at > PROGRESS_SECONDS or step == count:
                self.shown_at = time.monotonic()
                emit("progress", step=step, steps=count, loss=loss, lr=logs["learning_rate"])

        def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            # Of the last process, too, before the state counts as whole.
            trainer.accelerator.wait_for_everyone()
            self.saved_at = time.monotonic()
            if IS_MAIN:
                saved = {"step": state.global_step, "seconds": seconds()}
                write_json(Path(args.output_dir) / f"checkpoint-{state.global_step}" / "saved.json", saved)
            emit("checkpoint", step=state.global_step, steps=state.max_steps)

    return Follower()
