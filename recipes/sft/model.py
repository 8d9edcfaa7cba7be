"""The model that learns: loaded whole, by the class that its files are named after, and compared with them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from .contract import IS_MAIN, PROCESSES, BadInput
from .weights import Tensors, start_directory

# fp32 weights, their gradients and AdamW's two moments.
BYTES_PER_PARAMETER = 16
# Of a GPU's memory, for weights, gradients and optimizer; activations take the rest.
STATE_SHARE = 0.75


def check_base_and_machine(base: Path, several_gpus: bool = False) -> None:
    """@param several_gpus whether one process may see many, because it starts others for them"""
    if not (base / "config.json").is_file():
        raise BadInput(f"--base-model {base} has no config.json; give the directory of a whole model, adapters merged.")
    if not any(base.glob("*.safetensors")):
        raise BadInput(f"--base-model {base} has no *.safetensors; load it with transformers and save_pretrained it once.")
    if "quantization_config" in json.loads((base / "config.json").read_text()):
        raise BadInput(f"--base-model {base} is quantised, which cannot be trained on; give the 16-bit or 32-bit original.")
    try:
        import peft  # noqa: F401
        import torch
        import trl  # noqa: F401
    except ImportError as error:
        raise BadInput(f"{error}; install recipes/requirements.txt.") from error
    if PROCESSES == 1 and not several_gpus and torch.cuda.device_count() > 1:
        # The trainer would split every micro batch over all of them, and the batch would not be what was asked for.
        raise BadInput("Several GPUs are visible to one process; start it with torchrun, or set CUDA_VISIBLE_DEVICES.")


def model_class(base: Path) -> Any:
    """The whole model where the base is more than a text model: what it has besides must come out again."""
    import transformers

    config = transformers.AutoConfig.from_pretrained(base)
    named = getattr(transformers, (config.architectures or [""])[0], None)
    is_whole = config is not config.get_text_config() and named is not None and hasattr(named, "generate")
    return named if is_whole else transformers.AutoModelForCausalLM


def check_names(base: Path) -> None:
    """
    Whether the class of the base gives the tensors that its files hold, looked at before anything is loaded.
    @throws BadInput for tensors that training would make up, or could not write back under their names
    """
    import torch
    from transformers import AutoConfig

    files = Tensors(base)
    with torch.device("meta"):
        cls = model_class(base)
        config = AutoConfig.from_pretrained(base)
        model = cls.from_config(config) if hasattr(cls, "from_config") else cls(config)
    held = by_file_name(model, dict(model.named_parameters()), files.place)
    strange = sorted(name for name in held if name not in files.place)
    if strange:
        raise BadInput(f"{base} has no tensor {strange[0]} ({len(strange)} such), which {type(model).__name__} has, so a "
                       "checkpoint would not be whole; recipes/train_sft.py cannot train this base.")


def load_model(arguments: argparse.Namespace, base: Path, shards: bool) -> Any:
    """In fp32 from `master/` where there is one; the frozen base of an adapter in its own type on a GPU."""
    import torch

    on_gpu = torch.cuda.is_available()
    is_lora = arguments.method == "lora"
    # Straight onto the GPU, without a copy in the machine's memory; sharded, the first process loads and hands out.
    placed = {"device_map": {"": torch.cuda.current_device()}} if on_gpu and not shards else {}
    attention = {} if arguments.attn == "auto" else {"attn_implementation": arguments.attn}
    dtype = torch.bfloat16 if on_gpu and is_lora else torch.float32
    if shards and not IS_MAIN:
        model = shapes_alone(base, dtype=dtype, **attention)
    else:
        model, info = from_start(base, output_loading_info=True, dtype=dtype, **placed, **attention)
        if info["missing_keys"]:
            missing = sorted(info["missing_keys"])
            raise BadInput(f"{start_directory(base)} lacks the tensor {missing[0]} ({len(missing)} such); give a whole model.")
    freeze_all_but_text(model)
    return model


def shapes_alone(base: Path, **options: Any) -> Any:
    """The model for a process that gets its part of the weights from another one: parameters without memory, buffers as they are."""
    import torch
    from accelerate import init_empty_weights
    from transformers import AutoConfig

    cls = model_class(base)
    make = cls.from_config if hasattr(cls, "from_config") else cls._from_config
    # Buffers that no file holds (positions, say) are computed here as anywhere.
    with init_empty_weights(include_buffers=False):
        model = make(AutoConfig.from_pretrained(base), **options)
    # accelerate knows the optimizer's parameters by their addresses, so each is one number somewhere, seen in its shape.
    for module in model.modules():
        for name, empty in module.named_parameters(recurse=False, remove_duplicate=False):
            seen = torch.zeros((), dtype=empty.dtype).expand(empty.shape)
            setattr(module, name, torch.nn.Parameter(seen, requires_grad=empty.requires_grad))
    # By now every name of a tied tensor has a parameter of its own.
    model.tie_weights()
    return model.eval()


def from_start(base: Path, **options: Any) -> Any:
    """Loads the weights that a job starts from; `master/` holds weights alone, so what describes them is the base's."""
    from transformers import AutoConfig, GenerationConfig

    config = AutoConfig.from_pretrained(base)
    return model_class(base).from_pretrained(
        start_directory(base), config=config, generation_config=GenerationConfig(), **options
    )


def text_parts(model: Any) -> list[Any]:
    """What reads and writes text: all of a text model, and of a multimodal one its decoder and output layer."""
    if model.config is model.config.get_text_config():
        return [model]
    return [part for part in (model.get_decoder(), model.get_input_embeddings(), model.get_output_embeddings()) if part]


def freeze_all_but_text(model: Any) -> None:
    learning = {id(parameter) for part in text_parts(model) for parameter in part.parameters()}
    for parameter in model.parameters():
        parameter.requires_grad_(id(parameter) in learning)


def adapter_targets(model: Any) -> str | list[str]:
    import torch

    parts = text_parts(model)
    if parts == [model]:
        return "all-linear"
    head = model.get_output_embeddings()
    inside = {id(module) for part in parts for module in part.modules() if module is not head}
    return [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear) and id(module) in inside]


def by_file_name(model: Any, tensors: dict[str, Any], files: Any) -> dict[str, Any]:
    """
    Tensors under the names that they have in the base's files: transformers may load under newer ones. Of tied tensors,
    every name that the files have gets the one there is.
    """
    from transformers.core_model_loading import revert_weight_conversion

    aliases: dict[int, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        aliases.setdefault(id(parameter), []).append(name)
    own = {id(parameter): name for name, parameter in model.named_parameters()}
    tied = {own[key]: names for key, names in aliases.items() if len(names) > 1}
    named = revert_weight_conversion(model, tensors)
    for first, names in tied.items():
        if first not in tensors:
            continue
        others = revert_weight_conversion(model, {name: tensors[first] for name in names})
        held = [name for name in others if name in files]
        # Not one of its names in the files: the first is left, to be found missing.
        if held:
            for name in others:
                named.pop(name, None)
            named |= {name: others[name] for name in held}
    return named


def shards_weights(arguments: argparse.Namespace, base: Path) -> bool:
    """Whether weights are split over the processes: as asked, or where a whole copy each would not fit its GPU."""
    import torch

    if arguments.shard != "auto" or PROCESSES == 1:
        return arguments.shard == "full" and PROCESSES > 1
    if not torch.cuda.is_available():
        return False
    files = Tensors(base)
    count = sum(torch.Size(files.opened[file].get_slice(name).get_shape()).numel() for name, file in files.place.items())
    room = torch.cuda.get_device_properties(torch.cuda.current_device()).total_memory * STATE_SHARE
    return count * (2 if arguments.method == "lora" else BYTES_PER_PARAMETER) > room
