"""Reads every export that LLaMA-Factory knows through its own loader, as dataset_info.json tells it to.

    python consume_llamafactory.py EXPORTS MODEL SCRATCH
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import DataArguments, ModelArguments
from transformers import AutoTokenizer, Seq2SeqTrainingArguments

exports, model, scratch = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
STAGES = {"text": "pt", "sharegpt-dpo": "rm", "sharegpt-kto": "kto"}

counts = []
for folder in sorted(path for path in exports.iterdir() if (path / "dataset_info.json").exists()):
    name = next(iter(json.loads((folder / "dataset_info.json").read_text())))
    manifest = json.loads((folder / "manifest.json").read_text())
    tokenizer = AutoTokenizer.from_pretrained(model)
    data = DataArguments(
        dataset=name, dataset_dir=str(folder), template="default", cutoff_len=512, overwrite_cache=True,
        preprocessing_num_workers=None, packing=False,
    )
    training = Seq2SeqTrainingArguments(output_dir=scratch, do_train=True, report_to=[], use_cpu=True)
    module = get_dataset(
        get_template_and_fix_tokenizer(tokenizer, data),
        ModelArguments(model_name_or_path=model, cache_dir=scratch),
        data,
        training,
        STAGES.get(manifest["format"], "sft"),
        tokenizer=tokenizer,
    )
    rows = module["train_dataset"]
    assert len(rows) > 0, f"{folder}: no rows"
    # Plain texts are cut into blocks; of the others every row is one.
    assert manifest["format"] == "text" or len(rows) == manifest["rows"], f"{folder}: {len(rows)} of {manifest['rows']}"
    counts.append(f"{folder.name} {len(rows)}")
print(f"llamafactory {version('llamafactory')}, transformers {version('transformers')}: {', '.join(counts)}")
