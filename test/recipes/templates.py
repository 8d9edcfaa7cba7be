#!/usr/bin/env python3
"""What recipes/train_sft.py trains on under every chat template that TRL ships, and under some that are modelled here.

    python3 test/recipes/templates.py FOLDER > templates.jsonl

One JSON line a template: whether prompts are what the template gives a server, whether completions are kept to the byte, the
token that ends a turn, and how many of the completions the template itself would have rewritten. Bytes are tokens, special
words are one each; nothing is fetched.
"""

from __future__ import annotations

import importlib.resources
import json
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))

from sft.contract import BadInput  # noqa: E402
from sft.tokens import IGNORED, Tokens  # noqa: E402
from tokenizers import Tokenizer, decoders, models, pre_tokenizers  # noqa: E402
from transformers import LlamaConfig, PreTrainedTokenizerFast  # noqa: E402

# Where a server ends a turn, as each family's published generation_config.json has it.
ENDS = {
    "cohere": "<|END_OF_TURN_TOKEN|>", "cohere2": "<|END_OF_TURN_TOKEN|>", "deepseek": "<｜end▁of▁sentence｜>",
    "diffusion_gemma": "<turn|>", "gemma4": "<turn|>", "gemma": "<end_of_turn>", "glm4moe": "<|user|>", "gptoss": "<|return|>",
    "idefics3": "<end_of_utterance>", "lfm2": "<|im_end|>", "llama3": "<|eot_id|>", "llava_next": "</s>",
    "muse_glimmer": "<|eot|>", "nemotron": "<|im_end|>", "phi3": "<|end|>", "qwen": "<|im_end|>",
}  # fmt: skip
# Of our own making, after what such templates are known to do.
MODELLED = {
    "mistral, trims": (
        "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content | trim }} [/INST]"
        "{% elif m.role == 'assistant' %} {{ m.content | trim }}</s>{% endif %}{% endfor %}", "</s>"),
    "no system role": (
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        "<|turn|>{{ m.role }}\n{{ m.content }}<|stop|>\n{% endfor %}{% if add_generation_prompt %}<|turn|>model\n{% endif %}", "<|stop|>"),
    "drops thinking": (
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content.split('</think>')[-1] if m.role == 'assistant' else m.content }}<|stop|>"
        "{% endfor %}{% if add_generation_prompt %}<|assistant|><think>\n{% endif %}", "<|stop|>"),
    "writes today's date": (
        "<|system|>Today is {{ date_string if date_string is defined else strftime_now('%d %b %Y') }}.<|stop|>"
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|stop|>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}", "<|stop|>"),
    "thinking by an argument": (
        "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|stop|>{% endfor %}{% if add_generation_prompt %}<|assistant|>"
        "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}{% endif %}", "<|stop|>"),
}  # fmt: skip
PROMPTS = {
    "user": [{"role": "user", "content": "What is 17 + 25?"}],
    "system": [{"role": "system", "content": "Think first."}, {"role": "user", "content": " 17 + 25?\n"}],
}
COMPLETIONS = [
    "17 + 25 = 42\n#### 42",
    " leading blank, and a trailing one ",
    "\n\nlines around\n",
    "<think>\n17 + 20 = 37, 37 + 5 = 42.\n</think>\n\n#### 42",
    "Let me see.\n</think>\n\n#### 42",
    "∑ 😀 \\boxed{\\frac{1}{2}} <not a tag>",
]
KWARGS = {"writes today's date": {"date_string": "26 Jul 2024"}, "thinking by an argument": {"enable_thinking": False}}
SPECIAL = re.compile(r"<[|｜][^<>\n ]*?[|｜]>|</?s>|\[/?INST\]|<[a-z]+_of_[a-z]+>|<turn\|>|<\|turn>")


def main(folder: Path) -> None:
    for name, text, end, source in families():
        print(json.dumps(look_at(folder / name, name, text, end) | {"source": source}), flush=True)


def families() -> list[tuple[str, str, str, str]]:
    """Name, template, end of a turn and source of each."""
    shipped = importlib.resources.files("trl") / "chat_templates"
    templates = {
        path.name.removesuffix(".jinja"): path.read_text()
        for path in sorted(shipped.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".jinja") and not path.name.endswith("_training.jinja")
    }
    ends = {name: next(end for family, end in ENDS.items() if name.startswith(family)) for name in templates}
    return [(name, text, ends[name], "TRL") for name, text in templates.items()] + [
        (name, text, end, "modelled") for name, (text, end) in MODELLED.items()
    ]


def look_at(base: Path, name: str, template: str, end: str) -> dict[str, object]:
    tokenizer = save_base(base, template, end)
    kwargs = KWARGS.get(name, {})
    tokens = Tokens(base, kwargs)
    refused, same, kept, ended, rewritten, rows = [], 0, 0, 0, 0, 0
    for role, prompt in PROMPTS.items():
        for text in COMPLETIONS:
            completion = [{"role": "assistant", "content": text}]
            try:
                row = tokens.row("row", {"prompt": prompt, "completion": completion})
            except BadInput as error:
                refused.append(f"{role}: {error}")
                break
            rows += 1
            start = sum(label == IGNORED for label in row["labels"])
            given = in_parts if tokens.in_parts else list
            asked = ask(tokenizer, given(prompt), kwargs)
            learned = row["input_ids"][start:]
            same += row["input_ids"][:start] == asked
            kept += tokenizer.decode(learned[:-1], clean_up_tokenization_spaces=False) == text
            ended += learned[-1] == tokenizer.convert_tokens_to_ids(end)
            rewritten += not is_kept_by_template(tokenizer, given(prompt + completion), kwargs, asked + learned)
    return {
        "name": name, "end": end, "rows": rows, "samePrompt": same, "kept": kept, "ended": ended, "rewritten": rewritten,
        "refused": refused,
    }  # fmt: skip


def ask(tokenizer, messages, kwargs) -> list[int]:
    return tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False, **kwargs)


def in_parts(messages):
    return [{**message, "content": [{"type": "text", "text": message["content"]}]} for message in messages]


def is_kept_by_template(tokenizer, chat, kwargs, wanted) -> bool:
    """Whether the whole chat through the template, as trainers usually have it, begins with the same tokens."""
    try:
        return tokenizer.apply_chat_template(chat, return_dict=False, **kwargs)[: len(wanted)] == wanted
    except Exception:  # it refuses the chat
        return False


def special_words(template: str, end: str) -> set[str]:
    return {end, "<s>", "<|pad|>", *SPECIAL.findall(template)}


def save_base(base: Path, template: str, end: str, special: set[str] | None = None) -> PreTrainedTokenizerFast:
    """@param special the vocabulary's words that are one token each; those of the template if not given"""
    words = sorted(special or special_words(template, end))
    vocabulary = words + sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE(vocab={word: token for token, word in enumerate(vocabulary)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens(words)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core, bos_token="<s>", eos_token=end, pad_token="<|pad|>", chat_template=template
    )
    tokenizer.save_pretrained(base)
    LlamaConfig(vocab_size=len(vocabulary), max_position_embeddings=8192, eos_token_id=None).save_pretrained(base)
    return tokenizer


if __name__ == "__main__":
    main(Path(sys.argv[1]))
