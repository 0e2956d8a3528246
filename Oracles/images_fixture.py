"""Makes the fixtures of images: files with their pixels, resized ones, and tiny ViT and DeiT with their logits.

    python Oracles/images_fixture.py

Tests/LowRankImagesTests/Fixtures/ has image files; `expected.json` has for each its size and samples as Pillow's
`convert("RGB")` leaves them, upright, in hexadecimal; for `resized.png` what Pillow's `resize` makes of it; and the sizes
and filters that were asked for.

Tests/LowRankTransformersTests/Fixtures/vision/<name>/ has a model as transformers writes it, `adapter/` and
`adapter-v4/`, one adapter of PEFT under the names of transformers 5 and under those of version 4, and
`expected.safetensors`: `pixels` [images, 3, height, width], `logits` and `adapted` [images, classes].

Tests/LowRankTrainingTests/Fixtures/images/ has configurations of processors, an image, and the numbers that transformers'
processors on Pillow make of it. Its `parquet/` has a data set of images as `datasets` writes it, with what it reads there:
`expected.json` has the class, size and samples of each row; `forms.parquet` has the forms that pyarrow can give such a column.
"""

import json
import struct
from pathlib import Path

import numpy
import pyarrow
import pyarrow.parquet
import torch
from datasets import ClassLabel, Dataset, Features, load_dataset
from datasets import Image as ImageFeature
from peft import LoraConfig, get_peft_model
from PIL import Image, ImageOps
from safetensors.torch import load_file, save_file
from transformers import (AutoConfig, DeiTForImageClassification,
                          DeiTForImageClassificationWithTeacher, ViTForImageClassification)
from transformers.models.deit.image_processing_pil_deit import DeiTImageProcessorPil
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

import tiny_images as tiny
from tiny_images import GREY, GREY_ALPHA, PALETTE, RGB, RGBA

TESTS = Path(__file__).resolve().parents[1] / "Tests"
IMAGES = TESTS / "LowRankImagesTests/Fixtures"
MODELS = TESTS / "LowRankTransformersTests/Fixtures/vision"
PROCESSORS = TESTS / "LowRankTrainingTests/Fixtures/images"
MADE_BY = {"format": "pt", "made_by": "Oracles/images_fixture.py"}
CLASSES = {"vit": ViTForImageClassification, "vit-oblong": ViTForImageClassification,
           "deit": DeiTForImageClassification,
           "deit-teacher": DeiTForImageClassificationWithTeacher}
KINDS = {GREY: "grey", RGB: "rgb", PALETTE: "palette", GREY_ALPHA: "grey-alpha", RGBA: "rgba"}
VIT = dict(model_type="vit", hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
           intermediate_size=24, image_size=12, patch_size=4, num_labels=3)
MODELS_MADE = {
    "vit": VIT,
    # Every number that a reader could take for another one.
    "vit-oblong": VIT | dict(image_size=[8, 12], patch_size=[2, 4], qkv_bias=False, num_labels=5,
                             hidden_act="gelu_new", layer_norm_eps=0.01),
    "deit": VIT | dict(model_type="deit"),
    "deit-teacher": VIT | dict(model_type="deit"),
}
NAMES = [("layers.", "encoder.layer."), ("attention.q_proj", "attention.attention.query"),
         ("attention.v_proj", "attention.attention.value"),
         ("attention.o_proj", "attention.output.dense"), ("mlp.fc1", "intermediate.dense"),
         ("mlp.fc2", "output.dense")]


def main():
    write_images()
    for number, (name, config) in enumerate(MODELS_MADE.items()):
        write_model(MODELS / name, config, seed=40 + number)
    write_processors()
    write_parquet()


def rgb(path: Path) -> Image.Image:
    image = Image.open(path)
    image.load()
    return ImageOps.exif_transpose(image).convert("RGB")


def described(image: Image.Image) -> dict:
    return dict(width=image.width, height=image.height, pixels=image.tobytes().hex())


def write_images():
    IMAGES.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(1)
    files = {}
    for color, depths in tiny.DEPTHS.items():
        for depth in depths:
            files[f"{KINDS[color]}-{depth}.png"] = tiny.random_png(random, color, depth, (3, 5))
    for color in (GREY, RGB, PALETTE):
        files[f"{KINDS[color]}-transparent.png"] = tiny.random_png(
            random, color, 8 if color != PALETTE else 2, (3, 5), transparent=True)
    files["rgb-interlaced.png"] = tiny.random_png(random, RGB, 8, (9, 11), interlaced=True)
    files["rgb-16-gamma.png"] = tiny.random_png(random, RGB, 16, (3, 5), gamma=True)
    files["rgb-turned.png"] = tiny.random_png(random, RGB, 8, (3, 5), orientation=6)
    for name, mode, options in [
            ("grey", "L", {}), ("rgb", "RGB", dict(subsampling=0)),
            ("rgb-420", "RGB", dict(subsampling=2)), ("rgb-422", "RGB", dict(subsampling=1)),
            ("progressive", "RGB", dict(progressive=True)),
            ("restarts", "RGB", dict(restart_marker_blocks=1)),
            ("plain-rgb", "RGB", dict(keep_rgb=True)), ("cmyk", "CMYK", {})]:
        files[f"{name}.jpg"] = tiny.jpeg(random, mode, (18, 21), quality=80, **options)
    for orientation in range(1, 9):
        files[f"orientation-{orientation}.jpg"] = tiny.jpeg(
            random, "L", (8, 16), orientation=orientation)
    files["resized.png"] = tiny.png(tiny.picture(random, (11, 7)), RGB, 8)
    expected = {}
    for name, content in files.items():
        (IMAGES / name).write_bytes(content)
        expected[name] = described(rgb(IMAGES / name))
    resized = []
    image = rgb(IMAGES / "resized.png")
    for width, height in [(4, 4), (7, 3), (15, 11), (20, 23), (1, 1)]:
        for number in range(1, 6):
            resized.append(dict(filter=number)
                           | described(image.resize((width, height), Image.Resampling(number))))
    broken = {"broken-cut.png": files["rgb-8.png"][:60], "broken-cut.jpg": files["rgb.jpg"][:-40],
              "broken-sum.png": damaged(files["rgb-8.png"]), "broken-text.png": b"no image",
              "broken-empty.jpg": b"", "broken-huge.png": tiny.huge_png(60000, 60000),
              "broken-huge.jpg": huge_jpeg(files["rgb.jpg"])}
    for name, content in broken.items():
        (IMAGES / name).write_bytes(content)
    write_json(IMAGES / "expected.json", dict(
        made_by="Oracles/images_fixture.py", images=expected, resized=resized))


def damaged(content: bytes) -> bytes:
    """With a wrong check sum of the pixels."""
    place = content.index(b"IDAT")
    return content[:place + 6] + bytes([content[place + 6] ^ 255]) + content[place + 7:]


def huge_jpeg(content: bytes) -> bytes:
    """With the greatest extents in the header of the frame."""
    place = content.index(b"\xff\xc0") + 5
    return content[:place] + struct.pack(">HH", 65500, 65500) + content[place + 4:]


def write_json(path: Path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def moved(model, seed: int):
    """The model with every trainable number at random."""
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = 0.3 * torch.randn(parameter.shape, generator=generator)
    return model.eval()


def heads(model) -> list[str]:
    """The names of the maps to the classes."""
    return [name for name, _ in model.named_children() if name.endswith("classifier")]


def write_model(folder: Path, values: dict, seed: int):
    folder.mkdir(parents=True, exist_ok=True)
    config = AutoConfig.for_model(**values)
    model = moved(CLASSES[folder.name](config), seed)
    model.save_pretrained(folder)
    size = config.image_size if isinstance(config.image_size, list) else [config.image_size] * 2
    pixels = torch.randn(3, 3, *size, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        logits = model(pixel_values=pixels).logits
    adapted = get_peft_model(model, LoraConfig(
        r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "fc2"],
        modules_to_save=heads(model)))
    moved(adapted, seed + 100)
    adapted.save_pretrained(folder / "adapter")
    with torch.no_grad():
        after = adapted(pixel_values=pixels).logits
    file = folder / "adapter/adapter_config.json"
    weights = folder / "adapter/adapter_model.safetensors"
    values = json.loads(file.read_text()) | dict(base_model_name_or_path=folder.name)
    # A set, in another order at each run.
    values["target_modules"] = sorted(values["target_modules"])
    write_json(file, values)
    tensors = load_file(weights)
    save_file(tensors, weights, MADE_BY)
    (folder / "adapter/README.md").unlink(missing_ok=True)
    former = folder / "adapter-v4"
    former.mkdir(exist_ok=True)
    write_json(former / "adapter_config.json",
               values | dict(target_modules=["query", "value", "output.dense"],
                             exclude_modules=["attention.output.dense"]))
    save_file({renamed(k): v for k, v in tensors.items()}, former / "adapter_model.safetensors",
              MADE_BY)
    save_file(dict(pixels=pixels, logits=logits, adapted=after), folder / "expected.safetensors",
              MADE_BY)


def renamed(name: str) -> str:
    if ".layers." in name:
        for now, former in NAMES:
            name = name.replace(now, former)
    return name


def write_processors():
    PROCESSORS.mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(2)
    image = tiny.picture(random, (13, 17))
    (PROCESSORS / "image.png").write_bytes(tiny.png(image, RGB, 8))
    cases = {
        "vit": ViTImageProcessorPil(size=dict(height=8, width=8)),
        "deit": DeiTImageProcessorPil(size=dict(height=9, width=12),
                                      crop_size=dict(height=6, width=7)),
        "padded": DeiTImageProcessorPil(size=dict(height=5, width=5),
                                        crop_size=dict(height=8, width=6)),
        "mean": ViTImageProcessorPil(
            size=dict(height=6, width=6), resample=1, image_mean=[0.485, 0.456, 0.406],
            image_std=[0.229, 0.224, 0.225], rescale_factor=1 / 127.5),
        "plain": ViTImageProcessorPil(do_resize=False, do_normalize=False),
    }
    expected = {}
    for name, processor in cases.items():
        write_json(PROCESSORS / f"{name}.json", json.loads(processor.to_json_string()))
        pixels = processor(Image.fromarray(image), return_tensors="np")["pixel_values"][0]
        expected[name] = dict(height=pixels.shape[1], width=pixels.shape[2],
                              pixels=[float(v) for v in pixels.flatten()])
    (PROCESSORS / "expected.json").write_text(
        json.dumps(dict(made_by="Oracles/images_fixture.py", processors=expected)) + "\n")


def write_parquet():
    folder = PROCESSORS / "parquet"
    (folder / "data").mkdir(parents=True, exist_ok=True)
    random = numpy.random.default_rng(3)
    features = Features(img=ImageFeature(), label=ClassLabel(names=["night", "noon", "dusk"]))
    images = []
    for name, count in [("train-00000-of-00002", 4), ("train-00001-of-00002", 3),
                        ("test-00000-of-00001", 2)]:
        rows = []
        for number in range(count):
            size = tuple(int(v) for v in random.integers(3, 7, 2))
            content = (tiny.jpeg(random, "RGB", size) if number == 1 else
                       tiny.random_png(random, RGB, 8, size, orientation=6 if number == 2 else None))
            rows.append(dict(bytes=content, path=f"{name[:4]}-{number}.png" if number else None))
        images += rows
        Dataset.from_dict(dict(img=rows, label=[(number + 1) % 3 for number in range(count)]),
                          features=features).to_parquet(folder / f"data/{name}.parquet")
    expected = {}
    for split, rows in load_dataset(str(folder)).items():
        expected[split] = [dict(label=features["label"].int2str(row["label"]))
                           | described(row["img"].convert("RGB")) for row in rows]
    write_json(folder / "expected.json", dict(made_by="Oracles/images_fixture.py", **expected))
    write_forms(folder / "forms.parquet", images)


def write_forms(path: Path, images: list[dict]):
    """Structures and bytes alone, with nulls on every level, in small pages of two row groups."""
    rows = images[:6] + [None, dict(bytes=None, path=None), dict(bytes=None, path="0.png")] + images
    kind = pyarrow.struct(dict(bytes=pyarrow.binary(), path=pyarrow.string()))
    alone = [row and row["bytes"] for row in rows]
    table = pyarrow.table(dict(
        nested=pyarrow.array(rows, kind), plain=pyarrow.array(alone, pyarrow.binary()),
        compressed=pyarrow.array(alone, pyarrow.binary()),
        lengths=pyarrow.array(alone, pyarrow.binary()),
        label=[f"c{number % 3}" for number in range(len(rows))]))
    pyarrow.parquet.write_table(
        table, path, row_group_size=10, data_page_size=1, write_batch_size=2,
        use_dictionary=["nested.bytes"], column_encoding={"lengths": "DELTA_LENGTH_BYTE_ARRAY"},
        compression={"nested.bytes": "SNAPPY", "nested.path": "NONE", "plain": "NONE",
                     "compressed": "ZSTD", "lengths": "NONE", "label": "GZIP"})


if __name__ == "__main__":
    main()
