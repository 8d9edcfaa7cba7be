#!/usr/bin/env python3
"""Makes of test/stack/model one that thinks: its template opens `<think>`, and it writes its sums, sometimes once more, `</think>` and an answer.

    node test/stack/model-rows.ts > rows.jsonl
    python3 test/stack/make_thinking_model.py --model test/stack/model --rows rows.jsonl --out FOLDER

In half of the rows thinking is switched off by the template (`enable_thinking: false`), as Qwen 3's switches it off. A minute on one core; the weights are saved at 16 bits.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import torch
from make_model import IGNORED, train
from transformers import AutoTokenizer, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed

OPENS, CLOSES = "<think>", "</think>"
TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message.role + '|>' + message.content + '<|end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|><think>\\n' }}"
    "{% if enable_thinking is defined and not enable_thinking %}{{ '\\n</think>\\n\\n' }}{% endif %}{% endif %}"
)
# The sums are gone through again so often at most, each time with this chance: some texts are cut while they think.
LONGEST, ANOTHER = 4, 0.3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    set_seed(arguments.seed)
    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    # Whole tokens, as reasoning parsers look for them, and part of the text.
    tokenizer.add_tokens([OPENS, CLOSES])
    tokenizer.chat_template = TEMPLATE
    model = LlamaForCausalLM.from_pretrained(arguments.model)
    model.resize_token_embeddings(len(tokenizer))
    rows = [json.loads(line) for line in arguments.rows.read_text().splitlines()]
    chance = random.Random(arguments.seed)
    train(model, [encode(tokenizer, row, i % 2 == 0, chance) for i, row in enumerate(rows)], arguments)
    model.to(torch.bfloat16).save_pretrained(arguments.out)
    tokenizer.save_pretrained(arguments.out)


def encode(
    tokenizer: PreTrainedTokenizerFast, row: dict[str, str], thinks: bool, chance: random.Random
) -> tuple[list[int], list[int]]:
    question = [{"role": "user", "content": row["question"]}]
    prompt = tokenizer.apply_chat_template(question, add_generation_prompt=True, return_dict=False, enable_thinking=thinks)
    sums, _, answer = row["solution"].rpartition(" #### ")
    often = 1
    while often < LONGEST and chance.random() < ANOTHER:
        often += 1
    text = f"{' '.join([sums] * often)}\n{CLOSES}\n\n#### {answer}" if thinks else row["solution"]
    tokens = prompt + tokenizer.encode(text, add_special_tokens=False) + [tokenizer.eos_token_id]
    return tokens, [IGNORED] * len(prompt) + tokens[len(prompt) :]


if __name__ == "__main__":
    main()
