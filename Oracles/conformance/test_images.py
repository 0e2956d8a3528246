"""Images: processors on files of every kind, ViT and DeiT, and adapters both ways, live against Pillow, transformers, PEFT.

The program shows no pixels, so processors are checked by logits, of a model that shows a step of one sample.
"""

import csv
import json
import subprocess
import warnings
from pathlib import Path

import numpy
import pyarrow
import pyarrow.parquet
import pytest
import torch
from datasets import ClassLabel, Dataset, Features
from datasets import Image as ImageFeature
from peft import LoraConfig, PeftModel, get_peft_model
from PIL import Image, ImageOps
from safetensors.torch import load_file, save_file
from transformers import (DeiTConfig, DeiTForImageClassification,
                          DeiTForImageClassificationWithTeacher, ViTConfig,
                          ViTForImageClassification)
from transformers.models.deit.image_processing_pil_deit import DeiTImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

import tiny_images as tiny
from adapters_fixture import move
from harness import BINARY, close, lowrank, run
from images_fixture import heads, moved, renamed

CONFIGS = {
    "vit": (ViTConfig, ViTForImageClassification, {}),
    "vit-oblong": (ViTConfig, ViTForImageClassification,
                   dict(image_size=[12, 24], patch_size=[6, 4], qkv_bias=False,
                        hidden_act="gelu_new")),
    "deit": (DeiTConfig, DeiTForImageClassification, {}),
    "deit-teacher": (DeiTConfig, DeiTForImageClassificationWithTeacher, {}),
}
SMALL = dict(hidden_size=24, num_hidden_layers=3, num_attention_heads=3, intermediate_size=40,
             image_size=24, patch_size=8)
LABELS = {0: "cat", 1: "dog", 2: "emu", 3: "fox"}


def make_model(name: str, folder: Path, seed: int, processor=None):
    config, kind, changes = CONFIGS[name]
    model = moved(kind(config(**(SMALL | changes), id2label=LABELS)), seed)
    model.save_pretrained(folder)
    size = model.config.image_size
    height, width = size if isinstance(size, (list, tuple)) else (size, size)
    processor = processor or ViTImageProcessorPil(size=dict(height=height, width=width))
    processor.save_pretrained(folder)
    return model, processor


def files(folder: Path, seed: int) -> list[Path]:
    """One file of every kind and of random size, some of them turned."""
    random = numpy.random.default_rng(seed)
    size = lambda: tuple(int(v) for v in random.integers(1, 70, 2))
    turned = lambda: int(random.integers(1, 9)) if random.integers(2) else None
    contents = {}
    for color, depths in tiny.DEPTHS.items():
        for depth in depths:
            for flags in range(4):
                contents[f"{color}-{depth}-{flags}.png"] = tiny.random_png(
                    random, color, depth, size(), interlaced=flags % 2 == 1,
                    transparent=flags > 1, gamma=bool(random.integers(2)), orientation=turned())
    for mode in ("L", "RGB", "CMYK"):
        for number, options in enumerate([
                dict(subsampling=0), dict(subsampling=1), dict(subsampling=2, quality=30),
                dict(progressive=True), dict(quality=95)]):
            contents[f"{mode}-{number}.jpg"] = tiny.jpeg(
                random, mode, size(), orientation=turned(), **options)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return sorted(folder.iterdir(), key=lambda p: p.name.encode())


def opened(path: Path) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of palettes with transparency
        return ImageOps.exif_transpose(Image.open(path)).convert("RGB")


def reference(model, processor, paths) -> torch.Tensor:
    pixels = [processor(opened(p), return_tensors="pt")["pixel_values"] for p in paths]
    with torch.no_grad():
        return torch.cat([model(pixel_values=p).logits for p in pixels])


def said(model: Path, data: Path, *flags) -> torch.Tensor:
    """Our logits up to a number for each row: the logarithms of the probabilities."""
    lines = run("predict", "--model", model, "--data", data, "--precision", "f32", *flags)
    rows = [json.loads(line) for line in lines.splitlines()]
    return torch.tensor([[row["probabilities"][name] for name in row["probabilities"]]
                         for row in rows], dtype=torch.float64).log()


def logarithms(logits: torch.Tensor) -> torch.Tensor:
    return logits.double().log_softmax(-1)


PROCESSORS = {
    "vit": ViTImageProcessorPil(size=dict(height=24, width=24)),
    "deit": DeiTImageProcessorPil(size=dict(height=30, width=27),
                                  crop_size=dict(height=24, width=24)),
    "padded": DeiTImageProcessorPil(size=dict(height=20, width=31),
                                    crop_size=dict(height=24, width=24)),
    "own": ViTImageProcessorPil(size=dict(height=24, width=24), image_mean=[0.4, 0.5, 0.6],
                                image_std=[0.2, 0.3, 0.25], rescale_factor=1 / 200),
} | {f"filter-{number}": ViTImageProcessorPil(size=dict(height=24, width=24), resample=number)
     for number in (1, 3, 4, 5)}


@pytest.mark.parametrize("name", PROCESSORS)
def test_logits_of_files_of_every_kind(name, tmp_path):
    model, processor = make_model("vit", tmp_path / "model", 7, PROCESSORS[name])
    paths = files(tmp_path / "images", seed=len(name))
    expected = logarithms(reference(model, processor, paths))
    close(said(tmp_path / "model", tmp_path / "images"), expected, 2e-4)
    # A step of one sample can be seen.
    pixels = processor(opened(paths[0]), return_tensors="pt")["pixel_values"]
    with torch.no_grad():
        moved_by_one = model(pixel_values=pixels + 2 / 255).logits
        change = (moved_by_one - model(pixel_values=pixels).logits).abs().max()
    assert change > 5e-4, change


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", CONFIGS)
def test_logits(name, seed, tmp_path):
    model, processor = make_model(name, tmp_path / "model", seed)
    paths = files(tmp_path / "images", seed)[::7]
    with (tmp_path / "rows.csv").open("w") as file:
        writer = csv.writer(file)
        writer.writerow(["file_name"])
        writer.writerows([[f"images/{p.name}"] for p in paths])
    expected = logarithms(reference(model, processor, paths))
    close(said(tmp_path / "model", tmp_path / "rows.csv"), expected, 2e-4)


@pytest.mark.parametrize("columns", [["image"], ["img", "--text-column"]])
def test_images_in_parquet(columns, tmp_path):
    """Files of every kind in a data set that `datasets` writes, on a path of its own or on none."""
    model, processor = make_model("vit", tmp_path / "model", 11)
    paths = files(tmp_path / "images", 11)
    name = columns[0]
    table = {name: [dict(bytes=p.read_bytes(), path=p.name if n % 2 else None)
                    for n, p in enumerate(paths)],
             "label": [n % 4 for n in range(len(paths))]}
    kinds = Features({name: ImageFeature(), "label": ClassLabel(names=list(LABELS.values()))})
    rows = Dataset.from_dict(table, features=kinds)
    (tmp_path / "data").mkdir()
    for number in range(2):
        rows.shard(2, number, contiguous=True).to_parquet(
            tmp_path / f"data/test-{number:05}-of-00002.parquet", batch_size=10)
    expected = logarithms(reference(model, processor, paths))
    flags = [columns[1], name] if len(columns) > 1 else []
    close(said(tmp_path / "model", tmp_path / "data", *flags), expected, 2e-4)
    judged = json.loads(run("evaluate", "--model", tmp_path / "model", "--data", tmp_path / "data",
                            "--precision", "f32", "--json", *flags))
    labels = torch.tensor(table["label"])
    assert judged["rows"] == len(paths)
    assert abs(judged["accuracy"] - (expected.argmax(-1) == labels).double().mean().item()) < 1e-9


@pytest.mark.parametrize("labels, orders, sentence", [
    ([0, 1, -1, 0], [0, 0], "00002.parquet, row 1: the label is -1, expected one of the 2 classes that the file names"),
    ([0, 1, 2, 0], [0, 0], "00002.parquet, row 1: the label is 2, expected one of the 2 classes that the file names"),
    ([0, 1, 0, 1], [0, 1], 'column "label" does not number the same classes as that of'),
])
def test_labels_that_are_no_class(labels, orders, sentence, tmp_path):
    """`datasets` writes -1 for a label that is not known, and each file has names of its own."""
    make_model("vit", tmp_path / "model", 11)
    paths = files(tmp_path / "images", 11)[:4]
    (tmp_path / "data").mkdir()
    names = list(LABELS.values())[:2]
    for number, order in enumerate(orders):
        kinds = Features({"image": ImageFeature(), "label": ClassLabel(names=names[::-1] if order else names)})
        half = slice(2 * number, 2 * number + 2)
        table = pyarrow.table({
            "image": pyarrow.array([dict(bytes=p.read_bytes(), path=None) for p in paths[half]],
                                   pyarrow.struct(dict(bytes=pyarrow.binary(), path=pyarrow.string()))),
            "label": pyarrow.array(labels[half], pyarrow.int64())}, metadata=kinds.arrow_schema.metadata)
        pyarrow.parquet.write_table(table, tmp_path / f"data/train-{number:05}-of-00002.parquet")
    for verb in (["train", "--adapter-path", tmp_path / "a", "--iters", "1"], ["data", "check"]):
        done = subprocess.run(
            [BINARY, *verb, "--task", "image-classification", "--model", tmp_path / "model", "--data", tmp_path / "data"],
            capture_output=True, text=True)
        assert done.returncode == 1 and sentence in done.stdout + done.stderr, done


TARGETS = {
    "queries": dict(target_modules=["q_proj", "v_proj"]),
    "all": dict(target_modules="all-linear"),
    "pattern": dict(target_modules=r".*\.(mlp\.fc[12]|attention\.o_proj)", lora_alpha=3),
    "dora": dict(target_modules=["k_proj", "fc1"], use_dora=True),
}


@pytest.mark.parametrize("targets", TARGETS)
@pytest.mark.parametrize("name", CONFIGS)
def test_adapters_of_peft(name, targets, tmp_path):
    model, processor = make_model(name, tmp_path / "model", 3)
    paths = files(tmp_path / "images", 3)[::11]
    for path in tmp_path.glob("images/*"):
        if path not in paths:
            path.unlink()
    adapted = get_peft_model(model, LoraConfig(
        r=4, modules_to_save=heads(model), **TARGETS[targets]))
    move(adapted, 5)
    adapted.eval().save_pretrained(tmp_path / "adapter")
    expected = logarithms(reference(adapted, processor, paths))
    ours = said(tmp_path / "model", tmp_path / "images", "--adapter", tmp_path / "adapter")
    close(ours, expected, 1e-4)
    lowrank("merge", "--model", tmp_path / "model", "--adapter", tmp_path / "adapter",
            "--output", tmp_path / "merged")
    kind = CONFIGS[name][1]
    merged, report = kind.from_pretrained(tmp_path / "merged", output_loading_info=True)
    assert not any(report.values()), report
    close(logarithms(reference(merged.eval(), processor, paths)), expected, 2e-4)


@pytest.mark.parametrize("name", CONFIGS)
def test_adapters_under_former_names(name, tmp_path):
    model, processor = make_model(name, tmp_path / "model", 4)
    paths = files(tmp_path / "images", 4)
    adapted = get_peft_model(model, LoraConfig(
        r=4, target_modules=["q_proj", "fc2"], modules_to_save=heads(model)))
    move(adapted, 6)
    adapted.eval().save_pretrained(tmp_path / "adapter")
    expected = logarithms(reference(adapted, processor, paths))
    weights = tmp_path / "adapter/adapter_model.safetensors"
    save_file({renamed(k): v for k, v in load_file(weights).items()}, weights)
    place = tmp_path / "adapter/adapter_config.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | dict(
        target_modules=["query", "output.dense"], exclude_modules=["attention.output.dense"])))
    ours = said(tmp_path / "model", tmp_path / "images", "--adapter", tmp_path / "adapter")
    close(ours, expected, 1e-4)


@pytest.mark.parametrize("targets", ["q_proj,v_proj", "query,value", "all-linear"])
@pytest.mark.parametrize("name", CONFIGS)
def test_our_adapters_are_read_by_peft(name, targets, tmp_path):
    _, processor = make_model(name, tmp_path / "model", 5)
    random = numpy.random.default_rng(5)
    for label in ("ant", "bee", "cow"):
        for number in range(4):
            place = tmp_path / f"data/{label}/{number}.jpg"
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(tiny.jpeg(random, "RGB", (20, 30)))
    lowrank("train", "--task", "image-classification", "--model", tmp_path / "model", "--data",
            tmp_path / "data", "--adapter-path", tmp_path / "adapter", "--target", targets,
            "--rank", 4, "--iters", 6, "--batch-size", 4, "--learning-rate", 0.05,
            "--precision", "f32")
    paths = sorted((tmp_path / "data").rglob("*.jpg"))
    kind = CONFIGS[name][1]
    base = kind.from_pretrained(tmp_path / "model", num_labels=3, ignore_mismatched_sizes=True)
    written = json.loads((tmp_path / "adapter/adapter_config.json").read_text())
    assert written["modules_to_save"] == heads(base)
    assert written["auto_mapping"]["base_model_class"] == kind.__name__
    model = PeftModel.from_pretrained(base, tmp_path / "adapter")
    result = model.load_adapter(tmp_path / "adapter", "default")
    assert not result.missing_keys and not result.unexpected_keys, result
    ours = said(tmp_path / "model", tmp_path / "data", "--adapter", tmp_path / "adapter")
    close(ours, logarithms(reference(model.eval(), processor, paths)), 1e-4)


@pytest.mark.parametrize("options", [
    dict(task_type="SEQ_CLS"), dict(task_type="FEATURE_EXTRACTION"),
    dict(modules_to_save=["classifier"]), dict(modules_to_save=["cls_classifier"])])
def test_adapters_of_both_heads(options, tmp_path):
    """However PEFT was asked to save the heads of DeiT with a teacher, of which one may stay the base's."""
    model, processor = make_model("deit-teacher", tmp_path / "model", 9)
    paths = files(tmp_path / "images", 9)
    adapted = get_peft_model(model, LoraConfig(**(dict(
        r=4, target_modules=["q_proj"], modules_to_save=heads(model)) | options)))
    move(adapted, 7)
    adapted.eval().save_pretrained(tmp_path / "adapter")
    expected = logarithms(reference(adapted, processor, paths))
    ours = said(tmp_path / "model", tmp_path / "images", "--adapter", tmp_path / "adapter")
    close(ours, expected, 1e-4)


def test_plain_heads_on_models_with_a_teacher(tmp_path):
    """A folder of the class with a teacher, which PEFT's users open as the plain class."""
    _, processor = make_model("deit-teacher", tmp_path / "model", 10)
    paths = files(tmp_path / "images", 10)
    base = DeiTForImageClassification.from_pretrained(tmp_path / "model")
    adapted = get_peft_model(base, LoraConfig(
        r=4, target_modules=["q_proj"], modules_to_save=["classifier"]))
    move(adapted, 8)
    adapted.eval().save_pretrained(tmp_path / "adapter")
    expected = logarithms(reference(adapted, processor, paths))
    ours = said(tmp_path / "model", tmp_path / "images", "--adapter", tmp_path / "adapter")
    close(ours, expected, 1e-4)
    lowrank("merge", "--model", tmp_path / "model", "--adapter", tmp_path / "adapter",
            "--output", tmp_path / "merged")
    merged = DeiTForImageClassification.from_pretrained(tmp_path / "merged").eval()
    close(logarithms(reference(merged, processor, paths)), expected, 2e-4)


@pytest.mark.parametrize("name", ["deit", "deit-teacher"])
def test_steps_are_those_of_peft(name, tmp_path):
    """Fifty AdamW steps from the same factors and head on the same batches: each loss within 1e-4."""
    _, processor = make_model(name, tmp_path / "model", 8)
    random = numpy.random.default_rng(8)
    rows = []
    for number in range(12):
        label = list(LABELS.values())[number % 4]
        image = f"{number:02}.png"
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / image).write_bytes(
            tiny.png(tiny.picture(random, (24, 24)), tiny.RGB, 8))
        rows.append((image, label))
    with (tmp_path / "data/train.csv").open("w") as file:
        csv.writer(file).writerows([("file_name", "label"), *rows])
    base = CONFIGS[name][1].from_pretrained(tmp_path / "model")
    torch.manual_seed(1)
    model = get_peft_model(base, LoraConfig(
        r=4, target_modules=["q_proj", "v_proj"], modules_to_save=heads(base)))
    model.save_pretrained(tmp_path / "start")
    lowrank("train", "--task", "image-classification", "--model", tmp_path / "model", "--data",
            tmp_path / "data/train.csv", "--adapter-path", tmp_path / "adapter", "--init-adapter",
            tmp_path / "start", "--iters", 50, "--batch-size", 4, "--no-shuffle",
            "--learning-rate", 2e-3, "--lr-schedule", "constant", "--weight-decay", 0,
            "--precision", "f32")
    lines = (tmp_path / "adapter/state/metrics.jsonl").read_text().splitlines()
    ours = [m["loss"] for m in map(json.loads, lines) if "loss" in m]
    pixels = torch.cat([processor(opened(tmp_path / "data" / n), return_tensors="pt")["pixel_values"]
                        for n, _ in rows])
    labels = torch.tensor([list(LABELS.values()).index(l) for _, l in rows])
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-3,
                                  weight_decay=0.0)
    model.eval()
    for step in range(50):
        batch = slice(4 * (step % 3), 4 * (step % 3) + 4)
        logits = model(pixel_values=pixels[batch]).logits
        loss = torch.nn.functional.cross_entropy(logits, labels[batch])
        assert abs(loss.item() - ours[step]) <= 1e-4, (step, loss.item(), ours[step])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert ours[-1] < 0.95 * ours[0], "too little was learned to compare"
