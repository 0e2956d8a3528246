"""Writes the data sets as Parquet files that LowRankTrainingTests and LowRankCommandTests read, as `datasets` stores them,
each with the rows that pyarrow reads as a .jsonl file.

    parquet_data_fixture.py Tests/LowRankTrainingTests/Fixtures/parquet Tests/LowRankCommandTests/Fixtures/parquet

The second folder gets the files that the tests of the program train on.
"""

import datetime
import decimal
import gzip
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def features(**columns):
    """What the library stores of the types of columns."""
    return {"huggingface": json.dumps({"info": {"features": columns}})}


def labels(names):
    return {"names": names, "_type": "ClassLabel"}


def tables():
    message = pa.struct({"content": pa.string(), "role": pa.string()})
    yield "chat", pa.table(
        {
            "prompt": ["Who was Ada?", "Say hello."],
            "prompt_id": ["a1", "b2"],
            "messages": pa.array(
                [
                    [
                        {"role": "system", "content": "Answer briefly."},
                        {"role": "user", "content": "Who was Ada?"},
                        {"role": "assistant", "content": "A mathematician – the first programmer."},
                    ],
                    [{"role": "user", "content": "Say hello."}, {"role": "assistant", "content": "Hello!"}],
                ],
                pa.list_(message)),
            "category": ["Closed QA", "Chat"],
        })
    yield "sentiment", pa.table(
        {"text": ["dull", "a fine film", "so so", "dull again"], "label": pa.array([0, 2, 0, 2], pa.int64())},
        metadata=features(text={"dtype": "string", "_type": "Value"}, label=labels(["neg", "neutral", "pos"])))
    yield "emotions", pa.table(
        {"text": ["x", "y", "z"], "labels": pa.array([[0, 2], [], [1]], pa.list_(pa.int64()))},
        metadata=features(labels={"feature": labels(["anger", "joy", "love"]), "_type": "List"}))
    yield "images", pa.table(
        {
            "image": pa.array(
                [{"bytes": b"\x89PNG", "path": "a.png"}, {"bytes": b"\xff\xd8", "path": None}],
                pa.struct({"bytes": pa.binary(), "path": pa.string()})),
            "audio": [b"\0", b"\1"],
            "text": ["a cat", "a dog"],
        })
    yield "types", pa.table(
        {
            "text": ["x", None],
            "similarity": pa.array([3.8, float("nan")], pa.float32()),
            "big": pa.array([2**64 - 1, 0], pa.uint64()),
            "price": pa.array([decimal.Decimal("-12.30"), None], pa.decimal128(9, 2)),
            "day": [datetime.date(2024, 2, 29), None],
            "time": pa.array([datetime.datetime(2024, 2, 29, 13, 5, 0, 250000), None], pa.timestamp("us", "UTC")),
            "flag": [True, False],
            "map": pa.array([[("a", 1)], []], pa.map_(pa.string(), pa.int32())),
            "numbered": pa.array([[(1, "a"), (2, "b")], []], pa.map_(pa.int32(), pa.string())),
        })


def plain(value):
    """A value of pyarrow as JSON has it."""
    if isinstance(value, decimal.Decimal):
        # Marked, to become a number with these digits.
        return f"@{value}@"
    if isinstance(value, datetime.datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if not isinstance(item, bytes)}
    return [plain(item) for item in value] if isinstance(value, list) else value


def write_for_program(folder):
    """Conversations and labelled texts in the words of the tests' models, and rows compressed by Python."""
    folder.mkdir(parents=True, exist_ok=True)
    turns = [[("user", "hi"), ("assistant", "ho")], [("user", "ab"), ("assistant", "cd")]]
    messages = [[{"role": role, "content": content} for role, content in row] for row in turns]
    pq.write_table(pa.table({"messages": messages, "id": [1, 2]}), folder / "chat.parquet")
    names = ["bad", "fine", "good"]
    nouns = ["film", "book", "song"]
    rows = [(f"the {nouns[row % 3]} was {names[row * 7 // 3 % 3]}", row * 7 // 3 % 3) for row in range(60)]
    table = pa.table(
        {"sentence": [text for text, _ in rows], "label": [label for _, label in rows]},
        metadata=features(label=labels(names)))
    pq.write_table(table, folder / "sentiment.parquet", row_group_size=25)
    lines = "".join(f"{text}\t{names[label]}\n" for text, label in rows[:24])
    (folder / "valid.tsv.gz").write_bytes(gzip.compress(("sentence\tlabel\n" + lines).encode(), mtime=0))
    objects = "".join(json.dumps({"sentence": text}) + "\n" for text, _ in rows[:24])
    (folder / "test.jsonl.zst").write_bytes(pa.compress(objects.encode(), "zstd", asbytes=True))


def main():
    write_for_program(Path(sys.argv[2]))
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables():
        pq.write_table(table, folder / f"{name}.parquet")
        rows = pq.read_table(folder / f"{name}.parquet").to_pylist()
        lines = []
        for row in rows:
            kept = {
                key: plain(dict(value) if pa.types.is_map(table.schema.field(key).type) else value)
                for key, value in row.items() if not isinstance(value, bytes)
            }
            line = json.dumps(kept, ensure_ascii=False)
            lines.append(line.replace('"@', "").replace('@"', "") + "\n")
        (folder / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
