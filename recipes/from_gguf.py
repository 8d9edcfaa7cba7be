#!/usr/bin/env python3
"""Makes a model directory to train from out of a GGUF file: weights dequantised to 32 bits, tokenizer, chat template.

    python3 recipes/from_gguf.py model.gguf models/base

Needs recipes/requirements.txt and the package gguf. What the quantisation lost stays lost. Tried with SmolLM2-135M-Instruct
(docs/small-model.md); of other models, compare the tokenizer's ids with the original's first.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig, PreTrainedModel


def main(source: str, target: str) -> None:
    path, directory = Path(source).resolve(), Path(target)
    if directory.exists():
        sys.exit(f"{directory} is there already; give another directory.")
    place = {"pretrained_model_name_or_path": str(path.parent), "gguf_file": path.name}
    tokenizer = AutoTokenizer.from_pretrained(**place)
    if not tokenizer.chat_template:
        sys.exit(f"{path} has no chat template, so nobody could be sure of how to ask it; take an instruct model.")
    model = plain(AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32))
    # Where a server ends a completion, in both places that servers look at.
    special = {name: getattr(tokenizer, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    model.generation_config = GenerationConfig(**special)
    model.config.eos_token_id = tokenizer.eos_token_id
    model.save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    print(f"{sum(parameter.numel() for parameter in model.parameters())} parameters in {directory}")


def plain(loaded: PreTrainedModel) -> PreTrainedModel:
    """The same weights in a model that does not remember its quantisation, and so can be saved."""
    config = loaded.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.load_state_dict(loaded.state_dict())
    return model


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
