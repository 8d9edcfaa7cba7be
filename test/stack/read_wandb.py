"""Prints what W&B's client has written to send, which is all that it sends: one JSON line for each run of an offline folder.

    python read_wandb.py FOLDER
"""

import json
import struct
import sys
from pathlib import Path

from wandb.proto.wandb_internal_pb2 import Record

BLOCK, HEADER, FILE_HEADER = 32768, 7, 7
WHOLE, LAST = 1, 4


def records(data):
    """The file is a log in blocks: each piece of a record with a checksum, its length, and whether it is the first or last."""
    at, held = FILE_HEADER, b""
    while at + HEADER <= len(data):
        room = BLOCK - at % BLOCK
        if room < HEADER:
            at += room
            continue
        _, length, kind = struct.unpack("<IHB", data[at : at + HEADER])
        held += data[at + HEADER : at + HEADER + length]
        at += HEADER + length
        if kind in (WHOLE, LAST):
            record = Record()
            record.ParseFromString(held)
            yield record
            held = b""


for path in sorted(Path(sys.argv[1]).glob("wandb/offline-run-*/run-*.wandb")):
    run, points = {}, []
    for record in records(path.read_bytes()):
        if record.HasField("run"):
            run = {"id": record.run.run_id, "name": record.run.display_name, "project": record.run.project}
        if record.HasField("history"):
            items = {"/".join(item.nested_key) or item.key: json.loads(item.value_json) for item in record.history.item}
            points.append({"step": record.history.step.num} | items)
    print(json.dumps(run | {"points": points}))
