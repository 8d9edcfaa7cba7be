"""The same work as bench/sampling.ts, done by inspect_ai: prompts to completions, answers checked, all of it logged.

    python sampling_peer.py BASE_URL PROBLEMS.jsonl IN_FLIGHT COUNT LOG_DIR

Prints one JSON line: {"version", "seconds", "cpuSeconds", "completions", "correct"}. Seconds begin with the task, not with the imports.
"""

import json
import resource
import sys
import time

import inspect_ai
from inspect_ai import Task, eval as run_task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig, get_model
from inspect_ai.scorer import match
from inspect_ai.solver import generate

base_url, problems_file, in_flight, count, log_dir = sys.argv[1:6]
problems = [json.loads(line) for line in open(problems_file)]
samples = [
    Sample(input=problems[i % len(problems)]["question"], target=problems[i % len(problems)]["answer"], id=i + 1)
    for i in range(int(count))
]
config = GenerateConfig(max_connections=int(in_flight), temperature=1.0, top_p=1.0, max_tokens=512, max_retries=20)
model = get_model("openai-api/bench/test-model", base_url=base_url, api_key="none", config=config)
task = Task(dataset=MemoryDataset(samples), solver=generate(), scorer=match(numeric=True))


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


begin, cpu = time.perf_counter(), cpu_seconds()
[log] = run_task(
    task,
    model=model,
    display="none",
    log_dir=log_dir,
    max_samples=int(in_flight),
    log_level="error",
    log_realtime=False,
)
seconds, used = time.perf_counter() - begin, cpu_seconds() - cpu
done = [sample for sample in log.samples or [] if sample.output.completion]
correct = sum(1 for sample in done for score in (sample.scores or {}).values() if score.value == "C")
print(
    json.dumps(
        {
            "version": inspect_ai.__version__,
            "status": log.status,
            "seconds": seconds,
            "cpuSeconds": used,
            "completions": len(done),
            "correct": correct,
        }
    )
)
