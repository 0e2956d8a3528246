"""The same adaptation by PEFT: the same base, images, split, targets, rank, rate, batches and steps.

    python peft_digits.py BASE DATA OUTPUT SEED

Trains on DATA/train, judges by DATA/valid at the end of each epoch, keeps the best as `lowrank train` does, and writes the
accuracies on valid and test to OUTPUT.
"""

import copy
import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict
from PIL import Image
from transformers import ViTForImageClassification
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

RANK, ALPHA, RATE, BATCH, EPOCHS, WARMUP = 8, 16, 1e-3, 32, 20, 0.06


def images(folder: Path, processor):
    classes = sorted(p.name for p in folder.iterdir())
    files = [(p, n) for n, c in enumerate(classes) for p in sorted((folder / c).iterdir())]
    pixels = [processor(Image.open(p).convert("RGB"), return_tensors="pt")["pixel_values"][0]
              for p, _ in files]
    return torch.stack(pixels), torch.tensor([n for _, n in files])


def accuracy(model, pixels, labels) -> float:
    model.eval()
    with torch.no_grad():
        said = torch.cat([model(pixel_values=p).logits.argmax(-1) for p in pixels.split(64)])
    return (said == labels).double().mean().item()


def main(base: Path, data: Path, output: Path, seed: int):
    torch.manual_seed(seed)
    processor = ViTImageProcessorPil.from_pretrained(base)
    sets = {name: images(data / name, processor) for name in ("train", "valid", "test")}
    pixels, labels = sets["train"]
    model = ViTForImageClassification.from_pretrained(
        base, num_labels=int(labels.max()) + 1, ignore_mismatched_sizes=True)
    model = get_peft_model(model, LoraConfig(
        r=RANK, lora_alpha=ALPHA, target_modules="all-linear", exclude_modules=["classifier"],
        modules_to_save=["classifier"]))
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=RATE, weight_decay=0.01)
    per_epoch = (len(pixels) + BATCH - 1) // BATCH
    steps, step = EPOCHS * per_epoch, 0
    warmup = round(WARMUP * steps)
    best, kept = -1.0, None
    for _ in range(EPOCHS):
        order = torch.randperm(len(pixels))
        for batch in order.split(BATCH):
            rate = (step + 1) / warmup if step < warmup else (steps - step) / (steps - warmup)
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1.0, rate)
            model.train()
            loss = model(pixel_values=pixels[batch], labels=labels[batch]).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            optimizer.zero_grad()
            step += 1
        if (now := accuracy(model, *sets["valid"])) > best:
            best, kept = now, copy.deepcopy(get_peft_model_state_dict(model))
    set_peft_model_state_dict(model, kept)
    output.write_text(json.dumps(dict(
        valid=accuracy(model, *sets["valid"]), test=accuracy(model, *sets["test"]))) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(f"usage: {sys.argv[0]} BASE DATA OUTPUT SEED")
    main(*map(Path, sys.argv[1:4]), int(sys.argv[4]))
