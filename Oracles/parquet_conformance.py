"""Writes random tables as Parquet files, each with the rows that pyarrow reads from it as lines of text.

    parquet_conformance.py FOLDER [COUNT] [SEED]

FOLDER gets 0.parquet, 0.rows and so on. Tests/LowRankParquetTests reads the files and compares; its fixtures are the
first tables of `parquet_conformance.py Tests/LowRankParquetTests/Fixtures/tables 60 7 --small`.
"""

import datetime
import json
import random
import struct
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import parquet_tables
from parquet_tables import EPOCH, UNITS


def fraction(count, unit):
    nanoseconds = count * (1_000_000_000 // UNITS[unit])
    if nanoseconds == 0:
        return ""
    return f".{nanoseconds // 1000:06}" if nanoseconds % 1000 == 0 else f".{nanoseconds:09}"


def clock(count, unit):
    seconds, rest = divmod(count, UNITS[unit])
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}" + fraction(rest, unit)


def text(value, is_utc=True):
    """A value as text, the same for no two values."""
    kind, types = value.type, pa.types
    if types.is_dictionary(kind):
        value, kind = value.value, kind.value_type
    if value is None or not value.is_valid:
        return "null"
    if isinstance(kind, pa.ExtensionType) or isinstance(kind, pa.UuidType):
        return quoted(str(value.as_py()))
    if types.is_struct(kind):
        names = [field.name for field in kind]
        return "{" + ",".join(f"{quoted(name)}:{text(value[name], is_utc)}" for name in names) + "}"
    if types.is_map(kind):
        entries = [(text(entry[0], is_utc), text(entry[1], is_utc)) for entry in zip(value.values.field(0), value.values.field(1))]
        return "<" + ",".join(f"{key}={item}" for key, item in entries) + ">"
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return "[" + ",".join(text(element, is_utc) for element in value.values) + "]"
    if types.is_boolean(kind):
        return "true" if value.as_py() else "false"
    if types.is_integer(kind):
        return str(value.as_py())
    if types.is_floating(kind):
        number = float(value.as_py())
        return "fnan" if number != number else "f" + struct.pack(">d", number).hex()
    if types.is_decimal(kind):
        return "d" + format(value.as_py(), "f")
    if types.is_date(kind):
        return quoted(value.as_py().isoformat())
    if types.is_time(kind):
        return quoted(clock(value.value, kind.unit))
    if types.is_timestamp(kind):
        seconds, rest = divmod(value.value, UNITS[kind.unit])
        whole = (EPOCH + datetime.timedelta(seconds=seconds)).isoformat()
        return quoted(whole + fraction(rest, kind.unit) + ("Z" if is_utc and kind.tz else ""))
    if types.is_duration(kind):
        return str(value.value)
    if types.is_string(kind) or types.is_large_string(kind):
        return quoted(value.as_py())
    return "x" + value.as_py().hex()


def quoted(string):
    return json.dumps(string, ensure_ascii=False)


def write(path, dice, is_small):
    """Writes one file; returns the names of the encodings in it."""
    table = parquet_tables.table(dice)
    options = parquet_tables.options(dice)
    if is_small:
        table = table.slice(0, 40)
    # Timestamps of 96 bits do not say whether they are in UTC.
    options["store_schema"] &= not options["use_deprecated_int96_timestamps"]
    pq.write_table(table, path, **options)
    if not options["use_dictionary"]:
        options["column_encoding"] = parquet_tables.encodings(dice, pq.read_metadata(path))
        pq.write_table(table, path, **options)
    # Read by the same library, not by the table that was written: files keep less than tables say.
    read = pq.ParquetFile(path).read()
    if read.num_rows != table.num_rows:
        raise pa.ArrowInvalid("pyarrow reads fewer rows of a map than it wrote")
    is_utc = not options["use_deprecated_int96_timestamps"]
    lines = []
    columns = [(quoted(name), read.column(name)) for name in read.column_names]
    for row in range(read.num_rows):
        lines.append("{" + ",".join(f"{name}:{text(column[row], is_utc)}" for name, column in columns) + "}\n")
    Path(path).with_suffix(".rows").write_text("".join(lines), encoding="utf-8")
    used = {options["compression"], "page " + options["data_page_version"]}
    metadata = pq.read_metadata(path)
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            used.update(metadata.row_group(group).column(column).encodings)
    return used


def attempt(path, seed, is_small):
    """Writes one file; pyarrow can neither write nor read some tables, in whose place another is taken."""
    for trial in range(20):
        try:
            return write(path, random.Random(f"{seed}-{trial}"), is_small) | ({"another table"} if trial else set())
        except (pa.ArrowException, OSError) as error:
            reason = error
    raise reason


def main():
    arguments = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    folder = Path(arguments[0])
    count = int(arguments[1]) if len(arguments) > 1 else 1000
    seed = int(arguments[2]) if len(arguments) > 2 else 1
    folder.mkdir(parents=True, exist_ok=True)
    used = {}
    for number in range(count):
        for name in attempt(folder / f"{number}.parquet", f"{seed}-{number}", "--small" in sys.argv):
            used[name] = used.get(name, 0) + 1
    print(f"{count} tables, seed {seed}:", ", ".join(f"{name} {used[name]}" for name in sorted(used)))


if __name__ == "__main__":
    main()
