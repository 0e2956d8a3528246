#!/bin/sh
# Adapts a real decoder to E2E with ranks 16 and 64, and finds for every way of choosing ranks the smallest adapter
# whose loss on held-out rows is at most one per cent above.
#
#   Examples/para/gemma.sh MODEL E2E OUTPUT [STEPS] [ROWS]
#
# MODEL is Gemma 3 270M as a folder or a GGUF file, E2E the folder of the E2E data. Ranks are chosen on the first ROWS
# rows of the validation file; as many of the test file show what PARA's choice loses on others. Takes about an hour on
# two cores. What is there already is not made again.
set -eu

[ $# -ge 3 ] || { echo "usage: $0 MODEL E2E OUTPUT [STEPS] [ROWS]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
lowrank=${LOWRANK:-$here/../../.build/release/lowrank}
model=$1 e2e=$2 output=$3 steps=${4:-300} rows=${5:-256}
mkdir -p "$output"
head -n "$rows" "$e2e/valid.jsonl" >"$output/pick.jsonl"
head -n "$rows" "$e2e/test.jsonl" >"$output/test.jsonl"

for seed in 1 2 3; do
  for rank in 16 64; do
    mkdir -p "$output/r$rank"
    adapter=$output/r$rank/adapter-$seed
    [ -e "$adapter/adapter_config.json" ] || "$lowrank" train --model "$model" --train-file "$e2e/train.jsonl" \
      --valid-file "$output/pick.jsonl" --separator ' ' --adapter-path "$adapter" --target all-linear --rank "$rank" \
      --iters "$steps" --batch-size 16 --learning-rate 5e-4 --seed "$seed" --no-store --quiet
    [ -s "$adapter.smallest.json" ] || "$lowrank" compress "$adapter" --sweep --max-loss-increase 1% \
      --model "$model" --data "$output/pick.jsonl" --json --quiet >"$adapter.smallest.json"
    share=$(python3 "$here/share.py" "$adapter")
    [ -z "$share" ] || [ -s "$adapter.test.json" ] || "$lowrank" compress "$adapter" --keep "$share" --verify \
      --model "$model" --data "$output/test.jsonl" --output "$adapter-para" --overwrite --json --quiet >"$adapter.test.json"
  done
done
for rank in 16 64; do
  echo "rank $rank"
  python3 "$here/table.py" "$output/r$rank"
  for file in "$output/r$rank"/*.test.json; do
    python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print("test", r["loss_before"], r["loss_after"])' "$file"
  done
done
