"""
What a trainer makes of each export in tokens, beside what was sampled: a JSON line a format, with the rows whose tokens in the loss
are the completion's own and the end of the turn, and those whose prompt is the server's too.

    python consume_tokens.py trl|llamafactory|axolotl EXPORTS SCRATCH BASE=TEMPLATE...

EXPORTS has one folder of JSON lines a format (`messages-jsonl`, ...) of the same rows; BASE is a directory with a chat template, TEMPLATE
LLaMA-Factory's name of the family.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))
IGNORED = -100
# Formats of texts are compared with prompts that were sampled from as texts.
TEXTS = ("prompt-completion-text", "text")


def sampled(exports, base, name):
    """Ids and labels as they were sampled: the prompt, by the template of a chat, the completion's own tokens, the end."""
    from sft.tokens import Tokens

    tokens = Tokens(base, {})
    folder = exports / f"prompt-completion{'-text' if name in TEXTS else ''}-jsonl" / "data"
    lines = [line for path in sorted(folder.iterdir()) for line in path.read_text().splitlines()]
    return [tokens.row("row", json.loads(line)) for line in lines]


def by_trl(folder, base, scratch, _):
    """With what its documentation says for each format: the loss on the completion where it is apart, on all of it elsewhere."""
    import trl
    from datasets import load_dataset

    rows = load_dataset(str(folder), split="train", cache_dir=scratch)
    config = trl.SFTConfig(output_dir=scratch, report_to=[], use_cpu=True, bf16=False, gradient_checkpointing=False, max_length=None)
    made = trl.SFTTrainer(model=str(base), args=config, train_dataset=rows).train_dataset
    for row in made:
        yield row["input_ids"], row["labels"]


def by_llamafactory(folder, base, scratch, template):
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import DataArguments, ModelArguments
    from transformers import AutoTokenizer, Seq2SeqTrainingArguments

    name = next(iter(json.loads((folder / "dataset_info.json").read_text())))
    tokenizer = AutoTokenizer.from_pretrained(base)
    data = DataArguments(dataset=name, dataset_dir=str(folder), template=template, cutoff_len=4096, overwrite_cache=True,
                         preprocessing_num_workers=None, packing=False)
    training = Seq2SeqTrainingArguments(output_dir=scratch, do_train=True, report_to=[], use_cpu=True)
    model = ModelArguments(model_name_or_path=str(base), cache_dir=scratch)
    stage = "pt" if folder.name.startswith("text-") else "sft"
    module = get_dataset(get_template_and_fix_tokenizer(tokenizer, data), model, data, training, stage, tokenizer=tokenizer)
    for row in module["train_dataset"]:
        yield row["input_ids"], row.get("labels", row["input_ids"])


def by_axolotl(folder, base, scratch, _):
    import yaml
    from axolotl.utils.config import normalize_config, validate_config
    from axolotl.utils.data import prepare_datasets
    from axolotl.utils.dict import DictDefault
    from transformers import AutoTokenizer

    os.chdir(folder.parent)
    config = DictDefault(
        base_model=str(base), sequence_len=4096, micro_batch_size=1, gradient_accumulation_steps=1, learning_rate=1e-6, num_epochs=1,
        dataset_num_proc=1, output_dir=scratch, dataset_prepared_path=f"{scratch}/{folder.name}", val_set_size=0,
        chat_template="tokenizer_default", shuffle_merged_datasets=False, **yaml.safe_load((folder / "axolotl.yaml").read_text()),
    )
    config = validate_config(config)
    normalize_config(config)
    for row in prepare_datasets(config, AutoTokenizer.from_pretrained(base))[0]:
        yield row["input_ids"], row["labels"]


CHATS = ("messages", "sharegpt", "alpaca")
# The formats that docs/export.md names for each.
TRAINERS = {
    "trl": (by_trl, ("messages", "prompt-completion", *TEXTS)),
    "llamafactory": (by_llamafactory, (*CHATS, "text")),
    "axolotl": (by_axolotl, (*CHATS, "text")),
}


def look_at(rows, wanted):
    learned = lambda labels: [token for token in labels if token != IGNORED]
    counts = {"rows": len(wanted), "read": len(rows), "whole": 0, "loss": 0, "behind": 0, "prompt": 0}
    # Some trainers leave rows out or put them into another order: each is looked for by its tokens.
    left = [(list(ids), learned(labels)) for ids, labels in rows]
    for row in wanted:
        ids, own = row["input_ids"], learned(row["labels"])
        counts["whole"] += any(found[: len(ids)] == ids for found, _ in left)
        counts["loss"] += any(loss == own and found[: len(ids)] == ids for found, loss in left)
        # The completion is in the loss, and what a template writes behind the end of its turn.
        counts["behind"] += any(loss[: len(own)] == own and len(loss) > len(own) and found[: len(ids)] == ids for found, loss in left)
        counts["prompt"] += any(len(loss) == len(found) and found[: len(ids)] == ids for found, loss in left)
    return counts


def main():
    trainer, exports, scratch = sys.argv[1], *(Path(path).absolute() for path in sys.argv[2:4])
    make, formats = TRAINERS[trainer]
    # Absolute from the start: axolotl is started in the folder of the exports.
    bases = [(Path(base).absolute(), template) for base, _, template in (text.partition("=") for text in sys.argv[4:])]
    for base, template in bases:
        for name in formats:
            folder = exports / f"{name}-jsonl"
            try:
                found = look_at(list(make(folder, base, str(scratch / base.name), template)), sampled(exports, base, name))
            except Exception as error:
                found = {"refused": f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"}
            print("@@" + json.dumps({"trainer": trainer, "base": base.name, "format": name} | found), flush=True)


# Its workers import this file again.
if __name__ == "__main__":
    main()
