"""Serves a model directory in the Hugging Face format by llama.cpp, once it is written as GGUF to a folder.

    python llama_server.py MODEL FOLDER PORT NAME

Of the architectures it knows llama alone, with a byte-level BPE tokenizer. Prints one line when it listens; TERM ends it.
"""

import json
import signal
import sys
from pathlib import Path

import gguf
import numpy
import xllamacpp
from safetensors.numpy import load_file

CONTROL, NORMAL = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
PLACES = 4

PARTS = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def write_gguf(model: Path, target: Path) -> None:
    config = json.loads((model / "config.json").read_text())
    writer = gguf.GGUFWriter(target, "llama")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_vocab_size(config["vocab_size"])
    add_tokenizer(writer, model, config)
    for name, tensor in load_file(model / "model.safetensors").items():
        writer.add_tensor(new_name(name), permuted(name, tensor.astype(numpy.float32), config))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_tokenizer(writer: gguf.GGUFWriter, model: Path, config: dict) -> None:
    told = json.loads((model / "tokenizer.json").read_text())
    special = {token["content"] for token in told["added_tokens"]}
    tokens = sorted(told["model"]["vocab"], key=told["model"]["vocab"].get)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("llama-bpe")
    writer.add_token_list(tokens)
    writer.add_token_types([CONTROL if token in special else NORMAL for token in tokens])
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in told["model"]["merges"]])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_pad_token_id(config["pad_token_id"])
    writer.add_add_bos_token(False)
    writer.add_chat_template((model / "chat_template.jinja").read_text())


def new_name(name: str) -> str:
    whole = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight"}
    if name in whole:
        return whole[name]
    layer, part = name.removeprefix("model.layers.").removesuffix(".weight").split(".", 1)
    return f"blk.{layer}.{PARTS[part]}.weight"


def permuted(name: str, tensor: numpy.ndarray, config: dict) -> numpy.ndarray:
    """llama.cpp pairs the halves of a head otherwise than transformers does."""
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
    count = next((heads[part] for part in heads if f".{part}." in name), None)
    if count is None:
        return tensor
    rows, columns = tensor.shape
    return tensor.reshape(count, 2, rows // count // 2, columns).swapaxes(1, 2).reshape(rows, columns)


def main(model: str, folder: str, port: str, name: str) -> None:
    file = Path(folder) / f"{Path(model).name}.gguf"
    write_gguf(Path(model), file)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(file)
    parameters.model_alias = {name}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = int(port)
    parameters.n_parallel = PLACES
    parameters.n_ctx = PLACES * json.loads((Path(model) / "config.json").read_text())["max_position_embeddings"]
    parameters.cpuparams.n_threads = 1
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


main(*sys.argv[1:])
