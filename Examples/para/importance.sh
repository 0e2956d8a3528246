#!/bin/sh
# How small an adapter can become by each way to weigh components, at most 1 % more loss, and what healing gives back:
#   Examples/para/importance.sh MODEL DATA OUTPUT [SEEDS] [RANK] [STEPS]
# DATA has train, valid and test files; ranks are chosen on the first 256 rows of valid, and all losses are of the first 256 of test.
set -eu
model=$1 data=$2 output=$3 seeds=${4:-1 2 3} rank=${5:-16} steps=${6:-600}
lowrank=${LOWRANK:-lowrank}
mkdir -p "$output"
head -256 "$data/valid.jsonl" >"$output/valid.jsonl"
head -256 "$data/test.jsonl" >"$output/test.jsonl"
tail -512 "$data/train.jsonl" >"$output/calibration.jsonl"
for seed in $seeds; do
  adapter=$output/$seed
  [ -e "$adapter/adapter_config.json" ] || "$lowrank" train --model "$model" --data "$data" --adapter-path "$adapter" --rank "$rank" \
    --target all-linear --iters "$steps" --batch-size 16 --learning-rate 4e-3 --seed "$seed" --separator ' ' --no-store \
    --valid-file "$output/valid.jsonl" --quiet
  for importance in none inputs taylor fisher; do
    weighing=
    [ $importance = none ] || weighing="--calibrate $output/calibration.jsonl --importance $importance --calibration-rows 256"
    [ -e "$output/$seed-$importance.sweep.json" ] || "$lowrank" compress "$adapter" --sweep --max-loss-increase 1% --model "$model" \
      --data "$output/valid.jsonl" $weighing --json --quiet >"$output/$seed-$importance.sweep.json"
    for keep in 0.1 0.25 0.5; do
      [ -e "$output/$seed-$importance-$keep.json" ] || "$lowrank" compress "$adapter" --keep $keep --verify --model "$model" \
        --data "$output/test.jsonl" $weighing --heal 50 --heal-data "$output/calibration.jsonl" --heal-learning-rate 1e-3 \
        --output "$output/$seed-$importance-$keep" --json --quiet >"$output/$seed-$importance-$keep.json"
    done
  done
done
python3 "$(dirname "$0")/importance.py" "$output" $seeds
