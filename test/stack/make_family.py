"""
Tiny random models under families' chat templates, their tokenizers of bytes and special words. Nothing is fetched.

    python make_family.py FOLDER NAME...     one directory a family, each with its own words
    python make_family.py FOLDER --together  one model with the words of all families, for a server that gets templates with requests
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "recipes"))
from templates import families, save_base, special_words  # noqa: E402
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig, set_seed  # noqa: E402

SHAPE = {"hidden_size": 128, "intermediate_size": 128, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1}


def save_model(directory: Path) -> None:
    config = AutoConfig.from_pretrained(directory)
    config.update(SHAPE | {"tie_word_embeddings": False, "head_dim": 64})
    set_seed(7)
    model = AutoModelForCausalLM.from_config(config)
    model.generation_config = GenerationConfig()
    model.save_pretrained(directory)


def all_words() -> set[str]:
    return set().union(*(special_words(text, end) for _, text, end, _ in families()))


def main(folder: Path, names: list[str]) -> None:
    if names == ["--together"]:
        save_base(folder, "{{ messages[0].content }}", "</s>", all_words() | {"</s>"})
        save_model(folder)
    for name, text, end, _ in families():
        if name in names:
            save_base(folder / name, text, end)
            save_model(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
