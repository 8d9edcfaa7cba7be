"""Reads every export that axolotl knows through its own loader, as the axolotl.yaml next to it tells it to.

    python consume_axolotl.py EXPORTS MODEL SCRATCH
"""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

os.environ["AXOLOTL_DO_NOT_TRACK"] = "1"
import yaml
from axolotl.utils.config import normalize_config, validate_config
from axolotl.utils.data import prepare_datasets, prepare_preference_datasets
from axolotl.utils.dict import DictDefault
from transformers import AutoTokenizer


def read(folder, model, scratch):
    """How many rows there are, after its own preparation."""
    told = yaml.safe_load((folder / "axolotl.yaml").read_text())
    config = DictDefault(
        base_model=model, sequence_len=512, micro_batch_size=1, gradient_accumulation_steps=1, learning_rate=1e-6,
        num_epochs=1, dataset_num_proc=1, output_dir=scratch, dataset_prepared_path=f"{scratch}/{folder.name}",
        val_set_size=0, chat_template="tokenizer_default", **told,
    )
    config = validate_config(config)
    normalize_config(config)
    prepare = prepare_preference_datasets if config.rl else prepare_datasets
    return len(prepare(config, AutoTokenizer.from_pretrained(model))[0])


def main():
    exports, model, scratch = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    os.chdir(exports)
    counts = []
    for folder in sorted(path for path in exports.iterdir() if (path / "axolotl.yaml").exists()):
        rows = json.loads((folder / "manifest.json").read_text())["rows"]
        found = read(folder, model, scratch)
        assert found == rows, f"{folder}: {found} of {rows} rows"
        counts.append(f"{folder.name} {found}")
    print(f"axolotl {version('axolotl')}: {', '.join(counts)}")


# Its workers import this file again.
if __name__ == "__main__":
    main()
