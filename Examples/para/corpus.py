"""Writes the texts that the small decoder is pre-trained on: Shakespeare's speeches and E2E's sentences.

    python3 corpus.py TINYSHAKESPEARE.txt E2E_FOLDER OUTPUT_FOLDER

Of E2E only the sentences are taken, not what they say: putting facts into words is what the adapter
learns later. One row in a hundred is for validation.
"""

import json
import random
import sys
from pathlib import Path


def main(shakespeare, e2e, output):
    speeches = [text for text in Path(shakespeare).read_text().split("\n\n") if text.strip()]
    rows = Path(e2e, "train.jsonl").read_text().splitlines()
    sentences = [json.loads(row)["completion"].strip() for row in rows]
    random.seed(0)
    texts = speeches + random.sample(sentences, 20_000)
    random.shuffle(texts)
    cut = len(texts) // 100
    output = Path(output)
    output.mkdir(parents=True, exist_ok=True)
    for name, part in (("valid", texts[:cut]), ("train", texts[cut:])):
        with open(output / f"{name}.jsonl", "w") as file:
            file.writelines(json.dumps({"text": text}) + "\n" for text in part)


if __name__ == "__main__":
    main(*sys.argv[1:])
