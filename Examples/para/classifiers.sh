#!/bin/sh
# Trains classifiers of rank 16 on SST-2 and CoLA, and finds for every way of choosing ranks the smallest adapter
# whose accuracy (SST-2) or Matthews correlation (CoLA, in and out of its domain) is at most half a point lower.
#
#   Examples/para/classifiers.sh MODEL SST2 COLA OUTPUT
#
# MODEL is an encoder, such as all-MiniLM-L6-v2; SST2 and COLA are the folders of their .tsv files. Takes about half
# an hour on two cores. What is there already is not made again.
set -eu

[ $# -eq 4 ] || { echo "usage: $0 MODEL SST2 COLA OUTPUT" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
lowrank=${LOWRANK:-$here/../../.build/release/lowrank}
model=$1 sst2=$2 cola=$3 output=$4
mkdir -p "$output"

smallest() { # ADAPTER DATA METRIC NAME
  [ -s "$output/$4.smallest.json" ] || "$lowrank" compress "$1" --sweep --max-metric-drop 0.005 \
    --metric "$3" --model "$model" --data "$2" --json >"$output/$4.smallest.json"
}

for seed in 0 1 2; do
  adapter=$output/sst2-$seed
  [ -d "$adapter" ] || "$lowrank" train --task classification --model "$model" --data "$sst2" \
    --rank 16 --batch-size 32 --iters 600 --learning-rate 1e-3 --warmup 36 --weight-decay 0.01 \
    --seed "$seed" --adapter-path "$adapter"
  smallest "$adapter" "$sst2/dev.tsv" accuracy "sst2-$seed"

  adapter=$output/cola-$seed
  [ -d "$adapter" ] || "$lowrank" train --task classification --model "$model" \
    --train-file "$cola/in_domain_train.tsv" --valid-file "$cola/in_domain_dev.tsv" \
    --text-column 4 --label-column 2 --metric matthews --rank 16 --batch-size 32 --epochs 5 \
    --learning-rate 1e-3 --warmup 0.06 --weight-decay 0.01 --eval-every 268 --seed "$seed" \
    --adapter-path "$adapter"
  smallest "$adapter" "$cola/in_domain_dev.tsv" matthews "cola-$seed"
  smallest "$adapter" "$cola/out_of_domain_dev.tsv" matthews "cola-out-$seed"
done
for task in sst2 cola cola-out; do
  mkdir -p "$output/$task" && cp "$output/$task"-[0-9].smallest.json "$output/$task/"
  echo "$task" && python3 "$here/table.py" "$output/$task"
done
