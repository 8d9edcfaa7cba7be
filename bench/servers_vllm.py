"""vLLM's own load client (`vllm bench serve`), kept warm: one round for each line on stdin, one line of JSON for each round.

    python bench/servers_vllm.py BASE_URL MODEL PROMPTS.json      then lines like {"inFlight": 8, "requests": 200, "body": {...}}
"""

import asyncio
import contextlib
import json
import sys
import time

from vllm.benchmarks.datasets import SampleRequest
from vllm.benchmarks.serve import TaskType, benchmark

base_url, model, prompts_file = sys.argv[1:]
with open(prompts_file) as file:
    prompts = json.load(file)


def round_of(in_flight: int, requests: int, body: dict) -> dict:
    wanted = [SampleRequest(prompt=prompts[i % len(prompts)], prompt_len=1, expected_output_len=body["max_tokens"]) for i in range(requests)]
    started = time.process_time()
    # Its tables are for people.
    with contextlib.redirect_stdout(sys.stderr):
        result = asyncio.run(benchmark(
            task_type=TaskType.GENERATION, endpoint_type="openai-chat", api_url=f"{base_url}/chat/completions",
            base_url=base_url.removesuffix("/v1"), model_id=model, model_name=model, tokenizer=None, input_requests=wanted,
            logprobs=None, request_rate=float("inf"), burstiness=1.0, disable_tqdm=True, num_warmups=0, profile=False,
            selected_percentile_metrics=[], selected_percentiles=[], ignore_eos=False, goodput_config_dict={},
            max_concurrency=in_flight, lora_modules=None, extra_headers=None, extra_body=body, ready_check_timeout_sec=0,
        ))  # fmt: skip
    busy = sum(first + sum(rest) for first, rest in zip(result["ttfts"], result["itls"], strict=True))
    return {
        "completed": result["completed"],
        "seconds": result["duration"],
        "occupancy": busy / (in_flight * result["duration"]),
        "cpuMs": 1000 * (time.process_time() - started) / requests,
    }


print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(round_of(asked["inFlight"], asked["requests"], asked["body"])), flush=True)
