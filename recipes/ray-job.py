"""Starts a job of spendwise on a machine of a Ray cluster (docs/ray.md); Python's own library is enough.

It starts nothing for an id that no longer counts, keeps a second job out of the same work while a first one lives, sends all output to
the run folder's log, and leaves the exit code in a file, since Ray keeps none of a job that was stopped.
"""

import argparse
import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import time

WITHDRAWN = 98
WAIT_SECONDS = 30


def ticket(path):
    """The id that counts; None where it is not (yet) visible here."""
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def leave_unless_counted(path, own):
    """Ends this process where another id counts by now, or this one is withdrawn."""
    for _ in range(WAIT_SECONDS):
        said = ticket(path)
        if said is not None:
            break
        time.sleep(1)
    if said is None or said["id"] != own or said["withdrawn"]:
        print(f"spendwise: {own} is withdrawn; nothing was started.", flush=True)
        sys.exit(WITHDRAWN)


def take_lock(path, still_counted):
    """Waits until no job before this one lives. The descriptor continues to the program, so that the lock lives as long as any part of it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    is_told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if not is_told:
                print("spendwise: an earlier job is still at work here; waiting for its end.", flush=True)
            is_told = True
            still_counted()
            time.sleep(1)
        except OSError as error:
            print(f"spendwise: {path} cannot be locked ({error}); a lost job is not kept out.", flush=True)
            break
    os.set_inheritable(descriptor, True)
    return descriptor


def die_with_parent():
    """Ray's KILL ends this process alone: the program goes with it (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def write_code(path, code):
    with open(f"{path}.tmp", "w", encoding="utf-8") as file:
        file.write(f"{code}\n")
        file.flush()
        os.fsync(file.fileno())
    os.rename(f"{path}.tmp", path)


def main():
    parser = argparse.ArgumentParser()
    for name in ("id", "ticket", "log", "cwd", "exit-file"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    flags = parser.parse_args()
    command = flags.command[1:] if flags.command[:1] == ["--"] else flags.command

    leave_unless_counted(flags.ticket, flags.id)
    log = os.open(flags.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir(flags.cwd)
    lock = take_lock(f"{flags.log}.lock", lambda: leave_unless_counted(flags.ticket, flags.id))
    leave_unless_counted(flags.ticket, flags.id)
    if os.path.exists(flags.exit_file):
        os.remove(flags.exit_file)

    # Ray sends TERM to each process of the job: the program saves, and this one waits for its code.
    asked = []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
    try:
        program = subprocess.Popen(command, pass_fds=[lock], preexec_fn=die_with_parent)
    except OSError as error:
        print(f"spendwise: {command[0]} cannot be started: {error}", flush=True)
        sys.exit(2)
    if asked:
        # It came before there was a program to hear it.
        program.terminate()
    code = program.wait()
    code = 128 - code if code < 0 else code
    if not os.path.exists(flags.exit_file):
        write_code(flags.exit_file, code)
    sys.exit(code)


if __name__ == "__main__":
    main()
