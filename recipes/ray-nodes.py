"""Starts the command of a job once on each of several machines of a Ray cluster, for torchrun to join them (docs/ray.md).

Runs where the job's entrypoint runs, and needs the Ray that is installed there. Each machine gets the variables that torchrun reads
(PET_NNODES, PET_NODE_RANK, PET_RDZV_ENDPOINT, ...) and MASTER_ADDR and MASTER_PORT for other launchers; output goes to the job's log, which all
machines see. TERM is passed on once to every machine. Ends with the first code that is not 0, and asks the others to end a minute after it.
"""

import argparse
import ctypes
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import ray
from ray.util.placement_group import placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

LOOK_SECONDS = 1
# How long the others may take to end by themselves when one has failed.
FAILED_SECONDS = 60


def die_with_parent():
    """Whoever ends this machine's part by force ends its program too (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


@ray.remote(max_restarts=0)
class Machine:
    """One machine's part of the job."""

    def meeting_point(self, given):
        """Where the others find this one: its address, and a port that is free now."""
        with socket.socket() as probe:
            probe.bind(("", 0))
            return given or ray.util.get_node_ip_address(), probe.getsockname()[1]

    def start(self, command, variables, cwd, log, lock):
        # As on the first machine: a part that outlives the memory of a restarted head keeps the next job's out.
        self.lock = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        while True:
            try:
                fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(LOOK_SECONDS)
            except OSError:
                break
        os.set_inheritable(self.lock, True)
        with open(log, "ab") as output:
            self.program = subprocess.Popen(
                command, cwd=cwd, env={**os.environ, **variables}, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                pass_fds=[self.lock], preexec_fn=die_with_parent,
            )  # fmt: skip

    def code(self):
        """The program's exit code; None while it runs."""
        code = self.program.poll()
        return 128 - code if code is not None and code < 0 else code

    def stop(self):
        if self.program.poll() is None:
            self.program.terminate()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, required=True)
    parser.add_argument("--each", type=json.loads, required=True, help='of each machine, such as {"CPU": 8, "GPU": 4}')
    parser.add_argument("--log", required=True)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    flags = parser.parse_args()
    command = flags.command[1:] if flags.command[:1] == ["--"] else flags.command

    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    ray.init(log_to_driver=False, logging_level="warning")
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    group = placement_group([flags.each] * flags.nodes, strategy="STRICT_SPREAD")
    while not ray.wait([group.ready()], timeout=LOOK_SECONDS)[0]:
        if asked.is_set():
            sys.exit(128 + signal.SIGTERM)
    machines = [
        Machine.options(
            num_cpus=flags.each.get("CPU", 0),
            num_gpus=flags.each.get("GPU", 0),
            resources={name: amount for name, amount in flags.each.items() if name not in ("CPU", "GPU", "memory")},
            scheduling_strategy=PlacementGroupSchedulingStrategy(group, placement_group_bundle_index=index),
        ).remote()
        for index in range(flags.nodes)
    ]
    address, port = ray.get(machines[0].meeting_point.remote(os.environ.get("MASTER_ADDR")))
    together = {
        "MASTER_ADDR": address,
        "MASTER_PORT": str(port),
        "PET_NNODES": str(flags.nodes),
        "PET_RDZV_BACKEND": "c10d",
        "PET_RDZV_ENDPOINT": f"{address}:{port}",
        "PET_RDZV_ID": ray.get_runtime_context().get_job_id(),
    }
    cwd = os.getcwd()
    ray.get([
        machine.start.remote(command, {**together, "PET_NODE_RANK": str(rank)}, cwd, flags.log, f"{flags.log}.lock.{rank}")
        for rank, machine in enumerate(machines)
    ])  # fmt: skip
    is_told = False
    first = failed_at = None
    while True:
        codes = ray.get([machine.code.remote() for machine in machines])
        failed = [code for code in codes if code]
        if failed and first is None:
            first, failed_at = failed[0], time.monotonic()
        if all(code is not None for code in codes):
            sys.exit(first or 0)
        is_late = failed_at is not None and time.monotonic() - failed_at > FAILED_SECONDS
        if (asked.is_set() or is_late) and not is_told:
            is_told = True
            ray.get([machine.stop.remote() for machine in machines])
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    main()
