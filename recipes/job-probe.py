"""What a job sees on the machine that it is given: one line of JSON. Arguments: the run's folder, the program of train.command.

In the folder there may be a file `word`, which came by a rename, and `lock.sqlite`, which somebody holds: whether they are seen here is part
of the answer, and the word comes back as `answer`, by a rename as well.
"""

import errno
import json
import os
import platform
import shutil
import subprocess
import sys
import time

WAIT_SECONDS = 30


def gpus():
    query = ["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        said = subprocess.run(query, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return said.stdout.strip().splitlines() if said.returncode == 0 else []


def word(folder):
    """The word, as soon as this machine sees it."""
    for _ in range(WAIT_SECONDS):
        try:
            with open(os.path.join(folder, "word"), encoding="utf-8") as file:
                return file.read()
        except OSError:
            time.sleep(1)
    return None


def lock(folder):
    """Whether a lock that another machine holds is held here as well."""
    try:
        import fcntl
        with open(os.path.join(folder, "lock.sqlite"), "r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return "free"
    except ImportError:
        return None
    except OSError as error:
        return "held" if error.errno in (errno.EACCES, errno.EAGAIN) else os.strerror(error.errno)


folder, program = sys.argv[1:3]
seen = {
    "host": platform.node(),
    "python": platform.python_version(),
    "gpus": gpus(),
    "freeBytes": shutil.disk_usage(folder).free,
    "program": shutil.which(program),
    "word": word(folder),
    "lock": lock(folder),
}
if seen["word"] is not None:
    path = os.path.join(folder, "answer")
    with open(path + ".tmp", "w", encoding="utf-8") as file:
        file.write(seen["word"])
    os.rename(path + ".tmp", path)
print("@@probe " + json.dumps(seen), flush=True)
