#!/bin/sh
# Pre-trains a small ViT on half of the classes of digits.py, adapts it to the other half with LoRA of rank 8 and three seeds,
# by LowRank and by PEFT, and finds for every way of choosing ranks the smallest adapter whose accuracy is at most half a point
# lower.
#
#   Examples/images/run.sh OUTPUT
#
# PYTHON names an interpreter with scikit-learn and Pillow, and for the comparison torch, transformers and PEFT; LOWRANK another
# program. Takes about ten minutes on two cores. What is there already is not made again.
set -eu

[ $# -eq 1 ] || { echo "usage: $0 OUTPUT" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
lowrank=${LOWRANK:-$here/../../.build/release/lowrank}
python=${PYTHON:-python3}
output=$1
data=$output/data
base=$output/base
mkdir -p "$output"

[ -d "$data/new" ] || "$python" "$here/digits.py" "$data"
[ -d "$base" ] || "$lowrank" pretrain --task image-classification --config "$here/config.json" \
  --data "$data/old" --output "$base" --epochs 60 --batch-size 32 --learning-rate 1e-3 \
  --warmup 0.06 --weight-decay 0.01 --max-grad-norm 1 --precision f32 --quiet

for seed in 0 1 2; do
  adapter=$output/adapter-$seed
  [ -d "$adapter" ] || "$lowrank" train --task image-classification --model "$base" \
    --data "$data/new" --adapter-path "$adapter" --target all-linear --rank 8 --epochs 20 \
    --batch-size 32 --learning-rate 1e-3 --warmup 0.06 --weight-decay 0.01 --max-grad-norm 1 \
    --eval-every 24 --precision f32 --seed "$seed" --quiet
  for split in valid test; do
    [ -s "$output/ours-$seed-$split.json" ] || "$lowrank" evaluate --model "$base" \
      --adapter "$adapter" --data "$data/new/$split" --precision f32 --json --quiet \
      >"$output/ours-$seed-$split.json"
  done
  [ -s "$output/$seed.smallest.json" ] || "$lowrank" compress "$adapter" --sweep \
    --max-metric-drop 0.005 --model "$base" --data "$data/new/valid" --precision f32 --json \
    --quiet >"$output/$seed.smallest.json"
  [ -s "$output/peft-$seed.json" ] ||
    "$python" "$here/peft_digits.py" "$base" "$data/new" "$output/peft-$seed.json" "$seed"
done
"$python" "$here/table.py" "$output"
