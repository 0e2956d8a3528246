"""What the live checks share: the binary, models with tokenizers, and PEFT's side of each check."""

import json
import os
import subprocess
from pathlib import Path

import torch
from peft import PeftModel, get_peft_model
from safetensors.torch import load_file
from tokenizers import Tokenizer, models, processors
from transformers import AutoModelForCausalLM

from adapters_fixture import load, lora_config, make, move
from tiny_models import logits, random_model

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("LOWRANK", ROOT / ".build/release/lowrank"))
ASSETS = Path(os.environ.get("LOWRANK_ASSETS", ROOT.parent / "shared/assets"))

SPECIAL = ["<unk>", "<s>", "</s>"]
CHARACTERS = SPECIAL + list("abcdefghijklmnopqrstuvwxyz .,:")
END = SPECIAL.index("</s>")


def run(*arguments) -> str:
    """Runs the binary and returns its standard output; a failure shows what it said."""
    command = [str(BINARY), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{' '.join(command)}\nstatus {done.returncode}\n{done.stderr}"
    return done.stdout


def lowrank(*arguments) -> dict:
    """Runs the binary with --json and returns its object."""
    return json.loads(run(*arguments, "--json"))


def score(model: Path, ids: torch.Tensor, scratch: Path, adapter: Path | None = None):
    """Our logits [tokens, vocabulary] for ids [1, tokens], checked against our own log-probs."""
    output = scratch / "logits.safetensors"
    extra = ["--adapter", adapter] if adapter else []
    listed = ids[0].tolist()
    answer = lowrank("score", "--model", model, *extra, "--ids", ",".join(map(str, listed)),
                     "--logits", output, "--precision", "f32")
    values = load_file(output)["logits"]
    assert values.dtype == torch.float32
    assert answer["ids"] == listed
    assert answer["logprobs"][0] is None
    expected = values.log_softmax(-1)[:-1].gather(1, ids[0, 1:, None])[:, 0]
    close(torch.tensor(answer["logprobs"][1:]), expected, 1e-4)
    return values


def close(ours: torch.Tensor, reference: torch.Tensor, tolerance: float):
    assert ours.shape == reference.shape, (ours.shape, reference.shape)
    difference = (ours - reference).abs().max().item() if ours.numel() else 0.0
    assert difference <= tolerance, f"differs by {difference:.2e}, allowed {tolerance:.0e}"


def save_random(config, folder: Path, seed: int, dtype=torch.float32, **options) -> Path:
    """A random model as a Hugging Face folder."""
    random_model(config, seed).to(dtype).save_pretrained(folder, **options)
    return folder


def save_tokenizer(folder: Path) -> Tokenizer:
    """A character tokenizer beside a model, as tokenizer.json: `<s>` before each text."""
    tokenizer = Tokenizer(models.BPE(
        vocab={c: i for i, c in enumerate(CHARACTERS)}, merges=[], unk_token="<unk>"))
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", SPECIAL.index("<s>"))])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(dict(
        bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        tokenizer_class="PreTrainedTokenizerFast")) + "\n")
    return tokenizer


def write_rows(path: Path, rows: list[dict]):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def peft_adapter(base: Path, fields: dict, folder: Path, seed: int) -> Path:
    """An adapter that PEFT makes and saves, every trainable tensor moved at random."""
    torch.manual_seed(seed)
    model = get_peft_model(load(base), lora_config(base, fields))
    move(model, seed)
    model.save_pretrained(folder)
    return folder


def peft_fixture(name: str, base: Path, folder: Path, seed: int) -> Path:
    """An adapter of the table of adapters_fixture, made anew."""
    make(name, base, folder, seed)
    return folder


def peft_logits(base: Path, adapter: Path, ids: torch.Tensor, fields: dict = {}) -> torch.Tensor:
    values = logits(PeftModel.from_pretrained(load(base, fields), adapter).eval(), ids)
    return values.reshape(-1, values.shape[-1])


def transformers_logits(folder: Path, ids: torch.Tensor) -> torch.Tensor:
    model, report = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    problems = {k: v for k, v in report.items() if v}
    assert not problems, problems
    return logits(model.eval(), ids)
