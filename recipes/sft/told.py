"""
The ids of completions as the server told them (`completion_ids` of a row): what was sampled, which the text's own tokens are but
for a rare second spelling. They are looked at before they are trained on.
"""

from __future__ import annotations

from typing import Any

from .contract import emit, warn


class ToldIds:
    """Takes told ids where they spell their row's completion, and counts what they were."""

    def __init__(self, tokenizer: Any, ends: set[int]) -> None:
        self.tokenizer, self.ends = tokenizer, ends
        self.rows, self.respelled, self.stopped = 0, 0, 0
        self.strange: list[str] = []

    def take(self, place: str, ids: list[int], wanted: str, own: list[int] | None) -> list[int] | None:
        """
        @param own the text's own tokens, as far as it has any behind its prompt
        @return the ids of the completion, its end of text included where it had one; None where they are of another text
        """
        self.rows += 1
        body = ids[:-1] if ids and ids[-1] in self.ends else ids
        if self.spells(body, wanted):
            self.respelled += own is not None and own != body
            return ids
        if not bare(self.decode(body)).startswith(bare(wanted)):
            self.strange.append(place)
            return None
        # The server cut its stop string out of the text, not out of the ids.
        self.stopped += 1
        cut = self.prefix(body, wanted)
        self.respelled += cut is not None and own is not None and own != cut
        # None: the text ends within a token, which was never sampled as it stands there.
        return cut

    def prefix(self, body: list[int], wanted: str) -> list[int] | None:
        for count in range(len(body) - 1, 0, -1):
            text = self.decode(body[:count])
            if not bare(text).startswith(bare(wanted)):
                return None
            if text.lstrip() == wanted.lstrip():
                return body[:count]
        return None

    def spells(self, ids: list[int], wanted: str) -> bool:
        """But for blanks, which some reasoning parsers drop, special tokens, and a character cut at the end: servers leave them out."""
        return bare(wanted) in (bare(self.decode(ids)), bare(self.decode(ids, skip_special_tokens=True)))

    def decode(self, ids: list[int], skip_special_tokens: bool = False) -> str:
        return self.tokenizer.decode(ids, skip_special_tokens=skip_special_tokens, clean_up_tokenization_spaces=False)

    def say(self, rows: int) -> dict[str, int] | None:
        """Once all rows are read; @return the counts for metrics.json, None where no row had told ids."""
        if self.rows == 0:
            return None
        counts = {"rows": self.rows, "respelled": self.respelled, "stopped": self.stopped, "strange": len(self.strange)}
        emit("told-ids", **counts)
        if self.strange:
            warn(f"{len(self.strange)} of {rows} rows have completion_ids that spell another text than their completion (first: "
                 f"{self.strange[0]}), so its own tokens are trained on; let base and server have the same tokenizer.")
        return counts


def bare(text: str) -> str:
    """Without blanks, and without what stands for a character that lacks bytes at the end."""
    return "".join(text.split()).rstrip("\ufffd")
