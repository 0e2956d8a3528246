"""PEFT's side of the first acceptance run: English names adapted to Turkish ones.

    python Oracles/acceptance/names_turkish.py --assets DIR [--base-dropout 0]
        [--write-rows FILE] [--adapter OUT | --evaluate ADAPTER]

`gpt2-names` on `names/turkish`: all-linear, r 8, alpha 16, 1,000 steps of 64 rows, linear decay
from 1e-2 without warm-up. Prints the validation loss before and after as one JSON object. Ours:

    lowrank train --model gpt2-names --data names/turkish --adapter-path OUT --target all-linear \
        --rank 8 --alpha 16 --batch-size 64 --iters 1000 --learning-rate 1e-2 \
        --lr-schedule linear --warmup 0 --weight-decay 0 --base-dropout 0
"""

import argparse
import json
import time

from peft_training import Encoder, add_arguments, load, mean_loss, read_rows, train_or_load


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser, steps=1000, batch=64, rate=1e-2)
    parser.add_argument("--base-dropout", type=float, help="instead of the configuration's")
    options = parser.parse_args()
    folder = options.assets / "models/gpt2-names"
    data = options.assets / "data/names/turkish"
    model = load(folder, options.base_dropout)
    encoder = Encoder(folder, model.config)
    valid = read_rows(data / "valid.jsonl")
    before = mean_loss(model, encoder, valid)
    start = time.perf_counter()
    model = train_or_load(model, encoder, read_rows(data / "train.jsonl"), options)
    seconds = time.perf_counter() - start
    print(json.dumps(dict(before=before, valid_loss=mean_loss(model, encoder, valid),
                          seconds=seconds)))


if __name__ == "__main__":
    main()
