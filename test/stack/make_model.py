#!/usr/bin/env python3
"""Makes test/stack/model: a llama of about 0.6 million parameters that solves step problems some of the time.

    node test/stack/model-rows.ts > rows.jsonl
    python3 test/stack/make_model.py --rows rows.jsonl --out test/stack/model

Whole in the Hugging Face format (weights, tokenizer, chat template, generation defaults), so that real servers and trainers
take it as they take any other. It is stopped early: a model that is always or never right leaves a loop nothing to do.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast, set_seed

SPECIAL = ["<|end|>", "<|user|>", "<|assistant|>", "<|system|>", "<|pad|>"]
TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message.role + '|>' + message.content + '<|end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
CONTEXT = 512
IGNORED = -100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=900)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    set_seed(arguments.seed)
    rows = [json.loads(line) for line in arguments.rows.read_text().splitlines()]
    rows, held_out = rows[:-200], rows[-200:]
    tokenizer = make_tokenizer([text for row in rows for text in (row["question"], row["solution"])])
    model = make_model(len(tokenizer))
    train(model, [encode(tokenizer, row) for row in rows], arguments)
    share = sum(is_right(model, tokenizer, row) for row in held_out) / len(held_out)
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {share:.2f} right at temperature 1", flush=True)
    model.save_pretrained(arguments.out)
    tokenizer.save_pretrained(arguments.out)


def make_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    core = Tokenizer(models.BPE())
    # One token a digit: a model this small learns sums digit by digit.
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=640, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    core.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<|end|>", pad_token="<|pad|>", chat_template=TEMPLATE, model_max_length=CONTEXT
    )


def make_model(vocabulary: int) -> LlamaForCausalLM:
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=vocabulary, hidden_size=96, intermediate_size=288, num_hidden_layers=4, num_attention_heads=3,
        num_key_value_heads=3, max_position_embeddings=CONTEXT, tie_word_embeddings=True,
        bos_token_id=None, eos_token_id=0, pad_token_id=4,
    ))  # fmt: skip
    model.generation_config = GenerationConfig(eos_token_id=0, pad_token_id=4, do_sample=True, temperature=1.0)
    return model


def encode(tokenizer: PreTrainedTokenizerFast, row: dict[str, str]) -> tuple[list[int], list[int]]:
    question = [{"role": "user", "content": row["question"]}]
    prompt = tokenizer.apply_chat_template(question, add_generation_prompt=True, return_dict=False)
    tokens = prompt + tokenizer.encode(row["solution"], add_special_tokens=False) + [tokenizer.eos_token_id]
    return tokens, [IGNORED] * len(prompt) + tokens[len(prompt) :]


def train(model: LlamaForCausalLM, rows: list[tuple[list[int], list[int]]], arguments: argparse.Namespace) -> None:
    optimizer = torch.optim.AdamW(model.parameters(), lr=arguments.lr, weight_decay=0.0)
    warmup, steps = 50, arguments.steps
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / warmup, max(0.02, (steps - step) / steps))
    )
    order, started = torch.randperm(len(rows)).tolist(), time.monotonic()
    for step in range(steps):
        chosen = [rows[order[(step * arguments.batch + i) % len(rows)]] for i in range(arguments.batch)]
        length = max(len(tokens) for tokens, _ in chosen)
        ids = torch.tensor([tokens + [4] * (length - len(tokens)) for tokens, _ in chosen])
        labels = torch.tensor([marks + [IGNORED] * (length - len(marks)) for _, marks in chosen])
        loss = model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if (step + 1) % 50 == 0:
            print(f"step {step + 1}, loss {loss.item():.3f}, {time.monotonic() - started:.0f} s", flush=True)


@torch.no_grad()
def is_right(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, row: dict[str, str]) -> bool:
    question = [{"role": "user", "content": row["question"]}]
    prompt = tokenizer.apply_chat_template(question, add_generation_prompt=True, return_dict=True, return_tensors="pt")
    tokens = model.generate(**prompt, max_new_tokens=64)[0, prompt["input_ids"].shape[1] :]
    said = tokenizer.decode(tokens, skip_special_tokens=True)
    return said.split("####")[-1].strip() == row["solution"].split("####")[-1].strip()


if __name__ == "__main__":
    main()
