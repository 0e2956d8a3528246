"""What the library `datasets` finds as splits in folders of given files, beside what LowRank expects.

    pip install datasets
    python splits_reference.py

Prints each list of files with the files of every split. Tests/LowRankTrainingTests/Splits expects the same, except where
LowRank refuses what `datasets` joins: files whose names differ in more than a number.
"""

import os
import tempfile
from pathlib import Path

from datasets import load_dataset_builder
from datasets.data_files import DataFilesDict, get_data_patterns

FOLDERS = [
    ["data/train-00001-of-00002.csv", "data/train-00000-of-00002-9ab.csv"],
    ["train/b.csv", "train/a.csv"],
    ["data/train/a/b.csv", "data/train/c.csv"],
    ["train-3.csv", "train-2.csv", "train-1.csv"],
    ["gsm8k_train.csv", "gsm8k_test.csv"],
    ["dolly-15k.csv"],
    ["data/train_sft-00000-of-00001.csv", "data/test_sft-00000-of-00001.csv"],
    ["train.csv", "validation.csv", "test.csv"],
]

CARD = """---
configs:
- config_name: main
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: main/t?st.csv
- config_name: soc
  data_files: soc/**
- config_name: x
  default: true
  data_dir: main
  data_files:
  - split: a
    path: "*.csv"
---
"""
DECLARED = ["main/train-00000-of-00001.csv", "main/test.csv", "soc/a/b.csv"]


def write(folder: Path, paths: list[str]):
    for path in paths:
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("text\na\n")


def shown(files: DataFilesDict, folder: Path) -> dict:
    return {str(split): [os.path.relpath(file, folder) for file in found]
            for split, found in files.items()}


def main():
    for paths in FOLDERS:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), paths)
            patterns = get_data_patterns(folder)
            print(paths, shown(DataFilesDict.from_patterns(patterns, base_path=folder), folder))
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), DECLARED)
        (Path(folder) / "README.md").write_text(CARD)
        for name in ("main", "soc", "x", None):
            builder = load_dataset_builder(folder, name)
            print(name, shown(builder.config.data_files, folder))


if __name__ == "__main__":
    main()
