"""What a job sees on the machine that it is given: one line of JSON. Arguments: the run's folder, the program of train.command."""

import json
import platform
import shutil
import subprocess
import sys


def gpus():
    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        said = subprocess.run(query, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return said.stdout.strip().splitlines() if said.returncode == 0 else []


folder, program = sys.argv[1:3]
seen = {
    "host": platform.node(),
    "python": platform.python_version(),
    "gpus": gpus(),
    "freeBytes": shutil.disk_usage(folder).free,
    "program": shutil.which(program),
}
print("@@probe " + json.dumps(seen), flush=True)
