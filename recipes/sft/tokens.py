"""
Token ids and labels of rows: the prompt as the chat template writes it, then the completion's own tokens, then the end of
the turn. No template ever sees a completion, so none can trim it, drop its thinking or put words in front of it.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from pathlib import Path
from typing import Any

from .contract import BadInput, emit, warn
from .dataset import completion_text, is_text
from .told import ToldIds

IGNORED = -100  # the label of a token that the loss leaves out
# Stands for a completion where only what a template writes behind it is wanted.
PROBE = "spendwise-end-of-turn"
Row = dict[str, list[int]]


class Tokens:
    """Puts rows into tokens for one base and one set of template arguments."""

    def __init__(self, base: Path, kwargs: dict[str, Any]) -> None:
        from transformers import AutoConfig, AutoTokenizer

        self.base, self.kwargs = base, kwargs
        self.tokenizer = AutoTokenizer.from_pretrained(base)
        config = AutoConfig.from_pretrained(base)
        self.context = getattr(config.get_text_config(), "max_position_embeddings", None) or math.inf
        self.ends = end_tokens(base, self.tokenizer.eos_token_id)
        self.told = ToldIds(self.tokenizer, self.ends)
        self.turn_ends: dict[tuple[str, ...], int] = {}
        self.in_parts = self.wants_parts()

    def rows(self, lines: list[tuple[str, dict[str, Any]]]) -> list[Row]:
        """Every row, checked: what is looked at here is exactly what is trained on."""
        if not self.tokenizer.chat_template and any(not is_text(row) for _, row in lines):
            raise BadInput(f"{self.base} has no chat template; give its tokenizer the one that the server uses.")
        if "strftime_now" in str(self.tokenizer.chat_template) and "date_string" not in self.kwargs:
            warn("The chat template writes today's date into prompts, so those trained on differ from those sampled on "
                 'another day; set sample.templateKwargs: { date_string: "26 Jul 2024" }.')
        return [self.row(place, row) for place, row in lines]

    def row(self, place: str, row: dict[str, Any]) -> Row:
        if is_text(row):
            text, end = row["prompt"], self.tokenizer.eos_token_id
        else:
            text, end = self.template(place, row["prompt"], is_prompt=True), self.end(place, row)
        if end is None:
            raise BadInput(f"{place}  needs an end of text behind its completion; give the base's tokenizer an eos_token.")
        prompt = self.encode(text, is_text(row))
        if not prompt:
            raise BadInput(f"{place}  its prompt has no tokens; a server cannot have sampled from it.")
        completion = self.completion(place, row, text, prompt)
        learned = completion if completion and completion[-1] in self.ends else [*completion, end]
        return {"input_ids": prompt + learned, "labels": [IGNORED] * len(prompt) + learned}

    def encode(self, text: str, has_start: bool) -> list[int]:
        """A chat template writes its own start of text; to a plain text the tokenizer adds it."""
        return self.tokenizer(text, add_special_tokens=has_start)["input_ids"]

    def completion(self, place: str, row: dict[str, Any], text: str, prompt: list[int]) -> list[int]:
        """What the server said it sampled, where it said so; else the text's own tokens."""
        ids = row.get("completion_ids")
        if not ids:
            return self.continuation(place, row, text, prompt)
        try:
            own = self.continuation(place, row, text, prompt)
        except BadInput:
            own = None
        told = self.told.take(place, ids, completion_text(row), own)
        return told or own or self.continuation(place, row, text, prompt)

    def continuation(self, place: str, row: dict[str, Any], text: str, prompt: list[int]) -> list[int]:
        """A completion's own tokens, behind those of its prompt."""
        wanted = completion_text(row)
        whole = self.encode(text + wanted, is_text(row))
        if whole[: len(prompt)] == prompt:
            return whole[len(prompt) :]
        # One token may span the seam; what was sampled began behind the prompt's own tokens.
        alone = self.encode(wanted, has_start=False)
        if self.tokenizer.decode(prompt + alone) != self.tokenizer.decode(whole):
            raise BadInput(f"{place}  cannot be put into tokens that begin with its prompt's and hold its completion word "
                           "for word; end the prompt without a space, or give the row completion_ids.")
        return alone

    def template(self, place: str, messages: list[dict[str, str]], is_prompt: bool) -> str:
        from jinja2 import TemplateError

        try:
            return self.apply(messages, self.in_parts, is_prompt)
        except TemplateError as error:
            raise BadInput(f"{place}  the base's chat template refuses it: {error}.") from error

    def apply(self, messages: list[dict[str, str]], in_parts: bool, is_prompt: bool) -> str:
        chat = [{**m, "content": [{"type": "text", "text": m["content"]}]} for m in messages] if in_parts else messages
        return self.tokenizer.apply_chat_template(chat, add_generation_prompt=is_prompt, tokenize=False, **self.kwargs)

    def wants_parts(self) -> bool:
        """
        Whether contents go into the template as lists of parts. vLLM and SGLang give them so to every template that goes through
        parts, also where it takes texts as well and writes those a little otherwise (Gemma 4 after a system message).
        """
        from jinja2 import TemplateError

        def shown(in_parts: bool) -> str:
            try:
                return self.apply([{"role": "user", "content": PROBE}], in_parts, is_prompt=True)
            except (TemplateError, TypeError):
                return ""

        if not self.tokenizer.chat_template:
            return False
        whole, parts = shown(in_parts=False), shown(in_parts=True)
        # Where the list itself is printed, its keys are too.
        return PROBE in parts and all(parts.count(key) == whole.count(key) for key in ("'type'", '"type"'))

    def end(self, place: str, row: dict[str, Any]) -> int:
        """
        The token that ends a turn of the assistant: the first one behind it at which a server stops. Some templates write none;
        there the next turn's first token is where a server stops.
        """
        key = tuple(message["role"] for message in row["prompt"])
        if key not in self.turn_ends:
            chat = [*row["prompt"], {"role": "assistant", "content": PROBE}]
            found = self.end_behind(self.template(place, chat, is_prompt=False))
            if found is None:
                found = self.end_behind(self.template(place, [*chat, {"role": "user", "content": "?"}], is_prompt=False))
            if found is None:
                raise BadInput(f"{place}  no end-of-text token ends its completion, so the model would not learn to stop; "
                               "fix the chat template, or let eos_token_id be what ends a turn.")
            self.turn_ends[key] = found
        return self.turn_ends[key]

    def end_behind(self, whole: str) -> int | None:
        before, _, behind = whole.rpartition(PROBE)
        tokens = self.encode(behind, has_start=False) if before else []
        return next((token for token in tokens if token in self.ends), None)


def end_tokens(base: Path, eos_token: int | None) -> set[int]:
    """Where a server ends a completion: at the tokenizer's end of text, and at those of the generation defaults."""
    path = base / "generation_config.json"
    said = json.loads(path.read_text()).get("eos_token_id") if path.is_file() else None
    return {token for token in [eos_token, *(said if isinstance(said, list) else [said])] if token is not None}


def keep_fitting(rows: list[Row], limit: float, path: Path) -> list[Row]:
    """The rows of at most so many tokens; the others are counted and said, never cut."""
    fitting = [row for row in rows if len(row["input_ids"]) <= limit]
    left_out, longest = len(rows) - len(fitting), max(len(row["input_ids"]) for row in rows)
    if left_out == 0:
        return rows
    what = f"{left_out} of {len(rows)} rows of {path} have more than {limit} tokens (the longest {longest})"
    if not fitting:
        raise BadInput(f"{what}, so there is nothing to train on; raise --max-length or sample shorter ones.")
    emit("left-out", rows=left_out, limit=limit, longest=longest)
    # A completion that ended at a stop string gets one token more than the server counted.
    bound = int(limit) - max(row["labels"].count(IGNORED) for row in rows) - 1
    told = f"accept.maxTokens: {bound}" if bound > 0 else "accept.maxTokens"
    warn(f"{what} and are left out; raise --max-length, or set {told} in a run of another name, so that they are not counted as accepted.")
    return fitting


def tell_tokens(lines: list[tuple[str, dict[str, Any]]], tokens: Tokens) -> None:
    """What would be trained on, for whoever compares it with what was sampled."""
    template = tokens.tokenizer.chat_template
    if template:
        emit("template", sha256=hash_text(template))
    rows = tokens.rows(lines)
    tokens.told.say(len(lines))
    for (_, row), made in zip(lines, rows, strict=True):
        start = sum(label == IGNORED for label in made["labels"])
        prompt, completion = made["input_ids"][:start], made["input_ids"][start:]
        kept = without_blanks(completion_text(row)) in without_blanks(
            tokens.tokenizer.decode(completion, clean_up_tokenization_spaces=False)
        )
        emit("tokens", prompt=prompt, completion=completion, kept=kept)


def without_blanks(text: str) -> str:
    """Tokenizers that mark words (SentencePiece) lose a blank at the very start when they decode."""
    return re.sub(r"^\s+", "", text)


def hash_text(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()
