"""
Chats through real vLLM under every chat template, and the tokens that recipes/train_sft.py would train on beside those that vLLM
says it read and sampled: a JSON line a family.

    python vllm_templates.py ADDRESS MODEL FOLDER

The server has the words of all families (make_family.py --together) and takes each template with the request (--trust-request-chat-template).
"""

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2] / "recipes"), str(Path(__file__).parents[1] / "recipes")]
from make_family import all_words  # noqa: E402
from sft.contract import BadInput  # noqa: E402
from sft.tokens import IGNORED, Tokens  # noqa: E402
from templates import KWARGS, PROMPTS, families, save_base  # noqa: E402

DRAWN = 4


def ask(address, body):
    """The answer, or what the server says it refuses."""
    request = urllib.request.Request(f"{address}/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.load(answer), None
    except urllib.error.HTTPError as error:
        return None, " ".join(error.read().decode().split())[:300]


def look_at(address, model, base, template, end, kwargs, words):
    tokenizer = save_base(base, template, end, words)
    tokens, counts = Tokens(base, kwargs), {"asked": 0, "prompt": 0, "completion": 0, "ended": 0, "refused": [], "differs": []}
    end_id = tokenizer.convert_tokens_to_ids(end)
    for role, prompt in PROMPTS.items():
        answer, refused = ask(address, {
            "model": model, "messages": prompt, "chat_template": template, "chat_template_kwargs": kwargs, "n": DRAWN, "seed": 5,
            "max_tokens": 48, "temperature": 1, "return_token_ids": True, "stop_token_ids": [end_id], "logit_bias": {str(end_id): 4},
        })  # fmt: skip
        if answer is None:
            counts["refused"].append(f"{role}: {refused}")
            continue
        for choice in answer["choices"]:
            told, text = choice["token_ids"], choice["message"]["content"] or ""
            row = {"prompt": prompt, "completion": [{"role": "assistant", "content": text}], "completion_ids": told}
            try:
                made = tokens.row("row", row)
            except BadInput as error:
                counts["refused"].append(f"recipe, {role}: {error}")
                continue
            start = sum(label == IGNORED for label in made["labels"])
            is_ended = choice["finish_reason"] == "stop"
            learned = told if is_ended else [*told, end_id]
            counts["asked"] += 1
            counts["ended"] += is_ended
            counts["prompt"] += made["input_ids"][:start] == answer["prompt_token_ids"]
            counts["completion"] += made["input_ids"][start:] == learned
            if made["input_ids"] != answer["prompt_token_ids"] + learned and not counts["differs"]:
                counts["differs"] = [answer["prompt_token_ids"], made["input_ids"][:start], learned, made["input_ids"][start:], text]
    return counts


def main(address, model, folder):
    words = all_words() | {"</s>"}
    for name, template, end, source in families():
        found = look_at(address, model, folder / name, template, end, KWARGS.get(name, {}), words)
        print("@@" + json.dumps({"name": name, "source": source} | found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
