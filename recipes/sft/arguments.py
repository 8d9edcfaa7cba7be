"""The flags of recipes/train_sft.py."""

from __future__ import annotations

import argparse
import json
import math

from .contract import BadInput

TRACKERS = ("tensorboard", "wandb", "mlflow", "trackio")


def make_parser(description: str) -> argparse.ArgumentParser:
    """Help as it is written, and no flag by a part of its name."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )


def add_shared(parser: argparse.ArgumentParser, lr: float) -> None:
    """
    The flags of every recipe: what spendwise's placeholders fill, and what becomes of rows and weights.
    @param lr the learning rate where none is given
    """
    add = parser.add_argument
    add("--base-model", required=True, help="directory of the weights to start from")
    add("--dataset", required=True, help='JSON lines {"prompt": [messages], "completion": [messages]}, or texts')
    add("--expect-dataset-sha256", default="", help="train on nothing else")
    add("--output-dir", required=True, help="checkpoint directory to make; it appears by one rename")
    add("--method", choices=["full", "lora"], default="full")
    add("--lora-r", type=int, default=16, help="rank of the adapters of all linear layers; alpha is twice that")
    add("--merge", action="store_true", help="with lora: the output is a whole model, not an adapter")
    # --master is its older name, which torchrun takes for the beginning of two options of its own.
    add("--master-weights", "--master", dest="master", choices=["keep", "none"], default="keep",
        help="keep: next to 16-bit weights, write the fp32 ones that the next job starts from; none: round them away")
    add("--epochs", type=float, help="passes over the dataset (default 1); 0 where --max-steps counts")
    add("--max-steps", type=int, default=0, help="optimizer steps; 0 where --epochs counts")
    add("--batch-size", type=int, default=32, help="rows in an optimizer step, over all processes, whatever their number")
    add("--lr", type=float, default=lr, help="learning rate at the first step after the warm-up")
    add("--lr-end", type=float, default=0.0, help="learning rate at the last step, reached linearly")
    add("--warmup-steps", type=int, default=0)
    add("--max-length", type=int, default=0, help="tokens a row may have (0: the model's context); longer ones are left out")
    add("--template-kwargs", default="", help='JSON given to the chat template, such as {"enable_thinking": false}')
    add("--check-tokens", action="store_true", help="print the tokens of every row on stdout, and train nothing")
    add("--seed", type=int, default=1)


def parse_arguments(argv: list[str], description: str) -> argparse.Namespace:
    parser = make_parser(description)
    add_shared(parser, lr=1e-6)
    add = parser.add_argument
    add("--micro-batch-tokens", type=int, default=8192, help="tokens at once in a process, padding included")
    add("--micro-batch-size", type=int, default=0, help="rows at once in a process (0: only the tokens count)")
    add("--optimizer-state", choices=["reset", "keep"], default="reset", help="keep: load the base's, save one too")
    add("--shard", choices=["auto", "none", "full"], default="auto",
        help="full: weights, gradients and optimizer are split over the processes (FSDP2); auto: where a copy does not fit")
    add("--attn", default="auto", help="attention: auto, sdpa, eager, flash_attention_2, ... (transformers' names)")
    add("--padding-free", choices=["auto", "on", "off"], default="auto",
        help="rows behind one another instead of padded; auto: with flash attention")
    add("--report-to", default="", help=f"trackers, separated by commas: {', '.join(TRACKERS)}")
    add("--project", default="", help="the project or experiment in the trackers (default: what their own variables say)")
    add("--run-name", default="", help="the job's name in the trackers")
    add("--save-steps", type=int, default=0, help="save the state every so many steps (0: by time alone)")
    add("--save-minutes", type=float, default=10.0, help="save the state every so many minutes (0: only when stopped)")
    add("--max-minutes", type=float, default=0.0, help="save and stop after so long (0: never)")
    return check_arguments(parser.parse_args(argv))


def check_arguments(arguments: argparse.Namespace) -> argparse.Namespace:
    check_common(arguments, from_one=("batch_size", "lora_r", "micro_batch_tokens"))
    if arguments.method == "lora" and arguments.optimizer_state == "keep":
        raise BadInput("--optimizer-state keep is for --method full; every job starts a new adapter.")
    unknown = [name for name in trackers(arguments) if name not in TRACKERS]
    if unknown:
        raise BadInput(f"--report-to names {', '.join(unknown)}; it takes {', '.join(TRACKERS)}.")
    return arguments


def check_common(arguments: argparse.Namespace, from_one: tuple[str, ...]) -> None:
    """What every trainer's arguments have in common: lengths, rates, adapters and the template's arguments."""
    if arguments.epochs is None:
        arguments.epochs = 0.0 if arguments.max_steps > 0 else 1.0
    for name, value in vars(arguments).items():
        least = 1 if name in from_one else 0
        if isinstance(value, (int, float)) and not (math.isfinite(value) and value >= least):
            raise BadInput(f"--{name.replace('_', '-')} is {value}; it must be a number from {least} on.")
    if (arguments.epochs > 0) == (arguments.max_steps > 0):
        raise BadInput("--epochs and --max-steps exclude each other; give one, and the other as 0 or not at all.")
    if arguments.lr == 0:
        raise BadInput("--lr is 0, which trains nothing; give a number above 0.")
    if arguments.method == "full" and arguments.merge:
        raise BadInput("--merge is for --method lora; full fine-tuning has nothing to merge.")
    arguments.template_kwargs = parse_kwargs(arguments.template_kwargs)


def trackers(arguments: argparse.Namespace) -> list[str]:
    return [name.strip() for name in arguments.report_to.split(",") if name.strip() not in ("", "none")]


def parse_kwargs(text: str) -> dict[str, object]:
    try:
        kwargs = json.loads(text or "{}")
    except ValueError:
        kwargs = None
    if not isinstance(kwargs, dict):
        raise BadInput(f"--template-kwargs is {text!r}; it must be a JSON object, such as {{\"enable_thinking\": false}}.")
    return kwargs
