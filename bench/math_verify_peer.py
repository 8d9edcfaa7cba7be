"""Math-Verify on lines {"gold", "pred"}: its version first, then {"equal", "ms"} a line, for bench/verifier.ts."""

import json
import re
import sys
import time
from importlib.metadata import version

from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify

TARGETS = [LatexExtractionConfig(boxed_match_priority=0), ExprExtractionConfig()]


def wrapped(text: str) -> str:
    """Bare LaTeX and bare lists read better in dollars, as its own documentation has them."""
    bare = "$" not in text and "\\(" not in text and "\\[" not in text and "boxed" not in text
    words = re.findall(r"(?<![\\A-Za-z])[A-Za-z]{3,}", re.sub(r"\\[A-Za-z]+", "", text))
    return f"${text}$" if bare and "\n" not in text and len(text) < 400 and len(words) < 3 else text


print(json.dumps({"version": version("math-verify")}), flush=True)
for line in sys.stdin:
    pair = json.loads(line)
    start = time.perf_counter()
    try:
        equal = verify(parse(wrapped(pair["gold"]), TARGETS), parse(wrapped(pair["pred"]), TARGETS))
    except Exception:  # a checker that raises has not accepted
        equal = False
    print(json.dumps({"equal": bool(equal), "ms": (time.perf_counter() - start) * 1000}), flush=True)
