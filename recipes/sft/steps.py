"""
Which rows a step trains on, and how they are split into micro batches: counted in tokens, rows of like length together. Pure,
and the same in every process, so that a step's rows are exactly those of one process whatever the number of processes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence


def step_count(epochs: float, max_steps: int, rows: int, batch: int) -> int:
    """A part of an epoch is rounded to whole steps, at least one; an epoch's last batch may be smaller."""
    return max_steps or max(1, math.floor(epochs * math.ceil(rows / batch) + 0.5))


def rows_of_step(step: int, rows: int, batch: int, seed: int) -> list[int]:
    """Every epoch takes all rows once, in an order of its own."""
    epoch, at = divmod(step, math.ceil(rows / batch))
    order = list(range(rows))
    random.Random(f"{seed}/{epoch}").shuffle(order)
    return order[at * batch : (at + 1) * batch]


def micro_batches(
    lengths: Sequence[int], chosen: Sequence[int], limits: tuple[int, int], processes: int, padded: bool
) -> list[list[list[int]]]:
    """
    @param limits tokens and rows at once; 0 rows for no limit. A row longer than the tokens goes alone.
    @return for each process its micro batches, the longest rows first; as many for each, so some may be empty
    """
    most_tokens, most_rows = limits
    batches: list[list[int]] = []
    tokens = 0
    for row in sorted(chosen, key=lambda row: (-lengths[row], row)):
        last = batches[-1] if batches else []
        tokens = (len(last) + 1) * lengths[last[0]] if last and padded else tokens + lengths[row]
        if not last or tokens > most_tokens or len(last) == most_rows > 0:
            batches.append([row])
            tokens = lengths[row]
        else:
            last.append(row)
    # As many for every process: the fullest are halved while that helps, then some are left empty.
    while len(batches) % processes and max(map(len, batches)) > 1:
        fullest = max(batches, key=len)
        at = batches.index(fullest)
        half = (len(fullest) + 1) // 2
        batches[at : at + 1] = [fullest[:half], fullest[half:]]
    batches += [[]] * (-len(batches) % processes)
    return [batches[process::processes] for process in range(processes)]


def halved(lengths: Sequence[int], batch: int, limits: tuple[int, int]) -> int | None:
    """Tokens at once after a step that did not fit; None where a micro batch is a single row already."""
    longest = max(lengths)
    most_tokens, most_rows = limits
    now = min(most_tokens, longest * min(batch, len(lengths), most_rows or batch))
    return None if now <= longest else max(longest, now // 2)


def rate_factor(rates: tuple[float, float], warmup: int, steps: int, step: int) -> float:
    """Share of the first learning rate at a step (from 0): up linearly in the warm-up, then linearly to the last one."""
    first, last = rates
    if step < warmup:
        return (step + 1) / (warmup + 1)
    stretch = steps - 1 - warmup
    return 1 + (last / first - 1) * (step - warmup) / stretch if stretch > 0 else 1.0
