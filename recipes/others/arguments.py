"""The flags of recipes/train_with.py: those of train_sft.py that another trainer has too."""

from __future__ import annotations

import argparse
from typing import Any

from sft.arguments import add_shared, check_common, make_parser
from sft.contract import BadInput

from .trainers import TRAINERS


def parse_arguments(argv: list[str], description: str) -> argparse.Namespace:
    parser = make_parser(description)
    add = parser.add_argument
    add("trainer", choices=sorted(TRAINERS), help="the program that trains; it is started as it is installed next to this Python")
    add_shared(parser, lr=1e-5)
    add("--micro-batch-size", type=int, default=1, help="rows at once in a process")
    add("--processes", type=int, default=1, help="processes of this machine, one a GPU; the batch must be a multiple")
    add("--save-steps", type=int, default=0, help="save the state every so many steps (0: ten times a job)")
    add("--stop-seconds", type=float, default=60.0, help="how long the trainer may take to end when it is asked to")
    add("--set", action="append", default=[], metavar="KEY=VALUE",
        help="a line more of the trainer's own configuration, its value in YAML; may be given again")
    return check_arguments(parser.parse_args(argv))


def check_arguments(arguments: argparse.Namespace) -> argparse.Namespace:
    check_common(arguments, from_one=("batch_size", "lora_r", "micro_batch_size", "processes"))
    if arguments.lr_end > arguments.lr:
        raise BadInput(f"--lr-end {arguments.lr_end} is above --lr {arguments.lr}, which this trainer's schedules do not have.")
    at_once = arguments.micro_batch_size * arguments.processes
    if arguments.batch_size % at_once != 0:
        raise BadInput(f"--batch-size {arguments.batch_size} is no multiple of {at_once}, the rows at once in all processes, so "
                       "this trainer would take another batch; change --micro-batch-size or --batch-size.")
    arguments.set = dict(parse_setting(text) for text in arguments.set)
    return arguments


def parse_setting(text: str) -> tuple[str, Any]:
    import yaml

    key, mark, value = text.partition("=")
    if not mark or not key.strip():
        raise BadInput(f"--set {text!r} is not KEY=VALUE.")
    try:
        return key.strip(), yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise BadInput(f"--set {text!r} has no YAML behind the =.") from error
