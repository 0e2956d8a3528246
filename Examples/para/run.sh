#!/bin/sh
# Pre-trains a decoder of ten million parameters, adapts it with rank 16, and finds for every way of choosing
# ranks the smallest adapter whose validation loss is at most one per cent above.
#
#   Examples/para/run.sh TEXT E2E TOKENIZER OUTPUT
#
# TEXT is tinyshakespeare's input.txt, E2E the folder of the E2E data, TOKENIZER a folder with the tokenizer.json
# of stories260K. Takes about an hour on two cores. What is there already is not made again.
set -eu

[ $# -eq 4 ] || { echo "usage: $0 TEXT E2E TOKENIZER OUTPUT" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
lowrank=${LOWRANK:-$here/../../.build/release/lowrank}
text=$1 e2e=$2 tokenizer=$3 output=$4
mkdir -p "$output"

[ -d "$output/corpus" ] || python3 "$here/corpus.py" "$text" "$e2e" "$output/corpus"
# Fewer rows than E2E's 4,672: the sweeps evaluate on them hundreds of times.
head -n 512 "$e2e/valid.jsonl" >"$output/valid.jsonl"
head -n 256 "$e2e/valid.jsonl" >"$output/pick.jsonl"

[ -d "$output/base" ] || "$lowrank" pretrain --config "$here/config.json" --tokenizer "$tokenizer" \
  --data "$output/corpus" --output "$output/base" --iters 1000 --batch-size 32 --learning-rate 2e-3 \
  --lr-schedule cosine --warmup 50 --max-grad-norm 1

for seed in 1 2 3; do
  adapter=$output/adapter-$seed
  [ -d "$adapter" ] || "$lowrank" train --model "$output/base" --data "$e2e" \
    --valid-file "$output/valid.jsonl" --adapter-path "$adapter" --target all-linear --rank 16 \
    --iters 600 --batch-size 16 --learning-rate 2e-3 --seed "$seed"
  [ -s "$adapter.smallest.json" ] || "$lowrank" compress "$adapter" --sweep --max-loss-increase 1% \
    --model "$output/base" --data "$output/pick.jsonl" --json >"$adapter.smallest.json"
done
[ -s "$output/adapter-1.sweep.json" ] || "$lowrank" compress "$output/adapter-1" --sweep \
  --model "$output/base" --data "$output/pick.jsonl" --report "$output/sweep.html" --overwrite --json \
  >"$output/adapter-1.sweep.json"
python3 "$here/table.py" "$output"
