"""Prints the share of components that PARA kept in ADAPTER.smallest.json; nothing where no smaller adapter was found.

    python3 share.py ADAPTER
"""

import json
import struct
import sys

with open(f"{sys.argv[1]}/adapter_model.safetensors", "rb") as file:
    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
components = sum(min(entry["shape"]) for name, entry in header.items() if name.endswith("lora_A.weight"))
with open(f"{sys.argv[1]}.smallest.json") as file:
    found = [point for point in json.load(file)["smallest"] if point["policy"] == "para"]
if found:
    print(found[0]["rank"] / components)
