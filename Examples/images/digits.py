"""Draws the images of the example: scikit-learn's digits made larger, and shapes.

    python digits.py OUTPUT

Writes OUTPUT/old and OUTPUT/new, each with train, valid and test and a folder for each class in them: the digits 0 to 4, a
disc and a cross to pre-train on; the digits 5 to 9, a ring and a square to adapt to. The 8 × 8 digits are drawn at 32 × 32
as grey PNG files, the shapes in colors as JPEG. The same files are written each time.
"""

import sys
from pathlib import Path

import numpy
from PIL import Image, ImageDraw
from sklearn.datasets import load_digits

SIDE = 32
SHAPES = {"old": ["cross", "disc"], "new": ["ring", "square"]}
COUNT = 180
# Of five images of a class, three are trained on, one judged by while training, one kept for the test.
SPLITS = ["train", "train", "train", "valid", "test"]


def digits(root: Path):
    data = load_digits()
    seen = {}
    for pixels, digit in zip(data.images, data.target):
        half = "old" if digit < 5 else "new"
        small = Image.fromarray((pixels * 255 / 16).round().astype("u1"))
        number = seen[digit] = seen.get(digit, -1) + 1
        save(small.resize((SIDE, SIDE), Image.Resampling.BICUBIC), root / half, str(digit), number, "png")


def shapes(root: Path):
    random = numpy.random.default_rng(0)
    for half, names in SHAPES.items():
        for name in names:
            for number in range(COUNT):
                save(shape(name, random), root / half, name, number, "jpg")


def shape(name: str, random: numpy.random.Generator) -> Image.Image:
    """A shape of any place, size and colors, with noise."""
    colors = random.integers(0, 256, (2, 3))
    image = Image.new("RGB", (SIDE, SIDE), tuple(map(int, colors[0])))
    draw = ImageDraw.Draw(image)
    radius = random.uniform(6, 12)
    x, y = random.uniform(radius, SIDE - radius, 2)
    box, color = (x - radius, y - radius, x + radius, y + radius), tuple(map(int, colors[1]))
    width = int(radius / 3) + 1
    if name == "disc":
        draw.ellipse(box, fill=color)
    elif name == "ring":
        draw.ellipse(box, outline=color, width=width)
    elif name == "square":
        draw.rectangle(box, outline=color, width=width)
    else:
        draw.line((x - radius, y, x + radius, y), fill=color, width=width)
        draw.line((x, y - radius, x, y + radius), fill=color, width=width)
    noisy = numpy.asarray(image) + random.normal(0, 12, (SIDE, SIDE, 3))
    return Image.fromarray(noisy.clip(0, 255).astype("u1"))


def save(image: Image.Image, half: Path, label: str, number: int, ending: str):
    folder = half / SPLITS[number % len(SPLITS)] / label
    folder.mkdir(parents=True, exist_ok=True)
    image.save(folder / f"{number:03}.{ending}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} OUTPUT")
    digits(Path(sys.argv[1]))
    shapes(Path(sys.argv[1]))
