"""Writes Parquet files that pyarrow does not write: older forms, encrypted ones, and ones made to do harm.

    parquet_handmade.py Tests/LowRankParquetTests/Fixtures/handmade

Each NAME.parquet that can be read gets NAME.rows with the rows that pyarrow reads, as parquet_conformance.py has them;
the file of bit-packed levels, which pyarrow misreads, gets the rows that the format's specification means.
"""

import base64
import struct
import sys
import warnings
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as encryption

from parquet_conformance import quoted, text

INT32, INT64, BYTE_ARRAY = 1, 2, 6
REQUIRED, OPTIONAL, REPEATED = 0, 1, 2
PLAIN, RLE, BIT_PACKED, DELTA_LENGTH, DELTA_BYTES = 0, 3, 4, 6, 7


class Long(int):
    """A number of 64 bits; other numbers have 32."""


def varint(number):
    made = b""
    while number >= 128:
        made += bytes([number & 127 | 128])
        number >>= 7
    return made + bytes([number])


def zigzag(number):
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def thrift(value):
    """A value in the compact protocol, with its type: structures are dictionaries by field number."""
    if isinstance(value, bool):
        return (1 if value else 2), b""
    if isinstance(value, int):
        return (6 if isinstance(value, Long) else 5), zigzag(value)
    if isinstance(value, (str, bytes)):
        data = value.encode() if isinstance(value, str) else value
        return 8, varint(len(data)) + data
    if isinstance(value, list):
        elements = [thrift(element) for element in value]
        kind = elements[0][0] if elements else 12
        size = bytes([len(elements) << 4 | kind]) if len(elements) < 15 else bytes([0xF0 | kind]) + varint(len(elements))
        return 9, size + b"".join(data for _, data in elements)
    made, last = b"", 0
    for number, field in sorted(value.items()):
        kind, data = thrift(field)
        made += bytes([number - last << 4 | kind]) + data
        last = number
    return 12, made + b"\0"


def leaf(name, physical, repetition, converted=None):
    element = {1: physical, 3: repetition, 4: name}
    return element | ({6: converted} if converted is not None else {})


def group(name, repetition, count, converted=None):
    element = {3: repetition, 4: name, 5: count}
    return element | ({6: converted} if converted is not None else {})


def page(values, content, size=None, encoding=PLAIN, levels=RLE):
    header = {1: 0, 2: len(content) if size is None else size, 3: len(content), 5: {1: values, 2: encoding, 3: levels, 4: levels}}
    return thrift(header)[1] + content


def file(schema, rows, columns):
    """A file of one row group; `columns` are pairs of a physical type, a number of values, pages, and a codec."""
    body, chunks = b"PAR1", []
    for physical, values, pages, codec in columns:
        size = Long(len(pages))
        meta = {1: physical, 2: [0], 3: ["x"], 4: codec, 5: Long(values), 6: size, 7: size, 9: Long(len(body))}
        chunks.append({2: Long(len(body)), 3: meta})
        body += pages
    root = {4: "schema", 5: sum(1 for element in schema if element.get("top"))}
    elements = [{key: value for key, value in element.items() if key != "top"} for element in schema]
    footer = thrift(
        {1: 1, 2: [root] + elements, 3: Long(rows), 4: [{1: chunks, 2: Long(1), 3: Long(rows)}]})[1]
    return body + footer + struct.pack("<I", len(footer)) + b"PAR1"


def top(element):
    return element | {"top": True}


def runs(levels):
    """Levels of one bit, each a run of its own, after their length."""
    data = b"".join(varint(1 << 1) + bytes([level]) for level in levels)
    return struct.pack("<I", len(data)) + data


def ints(*numbers):
    return b"".join(struct.pack("<i", number) for number in numbers)


def readable():
    """Files in older forms, by name."""
    # [[1, 2], [], null, [3]]: an optional list of required elements has definition levels 0 to 2.
    lists = runs([0, 1, 0, 0, 0]) + runs([2, 2, 1, 0, 2]) + ints(1, 2, 3)
    yield "two-levels", file(
        [top(group("a", OPTIONAL, 1, 3)), leaf("element", INT32, REPEATED)], 4, [(INT32, 5, page(5, lists), 0)])
    yield "array-of-structures", file(
        [top(group("a", OPTIONAL, 1, 3)), group("array", REPEATED, 1), leaf("x", INT32, REQUIRED)],
        4, [(INT32, 5, page(5, lists), 0)])
    yield "tuple", file(
        [top(group("a", OPTIONAL, 1, 3)), group("a_tuple", REPEATED, 1), leaf("x", INT32, REQUIRED)],
        4, [(INT32, 5, page(5, lists), 0)])
    # [[1, 2], [], [3]]: a repeated field alone.
    repeated = runs([0, 1, 0, 0]) + runs([1, 1, 0, 1]) + ints(1, 2, 3)
    yield "repeated", file([top(leaf("a", INT32, REPEATED))], 3, [(INT32, 4, page(4, repeated), 0)])
    # [1, null, 2, 3, null, 4, 5, 6, null, 7], a bit each from the highest of a byte on.
    packed = bytes([0b10110111, 0b01000000]) + ints(1, 2, 3, 4, 5, 6, 7)
    yield "bit-packed", file([top(leaf("a", INT32, OPTIONAL))], 10, [(INT32, 10, page(10, packed, levels=BIT_PACKED), 0)])
    yield "map-key-value", file(
        [top(group("a", REQUIRED, 1, 2)), group("map", REPEATED, 2), leaf("key", INT32, REQUIRED), leaf("value", INT32, REQUIRED)],
        2, [(INT32, 3, page(3, runs([0, 1, 0]) + runs([1, 1, 0]) + ints(1, 2)), 0)] * 2)


def harmful():
    """Files that would take all memory if what they say were believed, by name."""
    most = 2**31 - 1
    run = varint(most << 1)
    null = struct.pack("<I", len(run) + 1) + run + b"\0"
    yield "endless-nulls", file([top(leaf("a", INT32, OPTIONAL))], most, [(INT32, most, page(most, null), 0)])
    # One row, a list of as many nulls.
    one, three = varint(1 << 1) + b"\0" + varint(most - 1 << 1) + b"\1", run + b"\2"
    levels = struct.pack("<I", len(one)) + one + struct.pack("<I", len(three)) + three
    yield "endless-list", file(
        [top(group("a", OPTIONAL, 1, 3)), group("list", REPEATED, 1), leaf("element", INT32, OPTIONAL)],
        1, [(INT32, most, page(most, levels), 0)])
    yield "huge-page", file(
        [top(leaf("a", INT32, REQUIRED))], 1, [(INT32, 1, page(1, bytes(pa.compress(ints(1), "zstd", asbytes=True)), size=most), 6)])
    yield "huge-snappy", file(
        [top(leaf("a", INT32, REQUIRED))], 1, [(INT32, 1, page(1, varint(most) + b"\0\0", size=most), 1)])
    # A copy of four bytes that stand five bytes before the content.
    yield "snappy-before", file(
        [top(leaf("a", INT32, REQUIRED))], 1, [(INT32, 1, page(1, b"\x04\x0e\x05\x00", size=4), 1)])
    zeros = pa.compress(bytes(1 << 27), "zstd", asbytes=True)
    yield "zeros", file([top(leaf("a", INT32, REQUIRED))], 1, [(INT32, 1, page(1, zeros, size=100), 6)])
    # Many lengths of no bits: block of 128 in 4 parts, all numbers, the first 0, then differences of 0 in 0 bits.
    lengths = varint(128) + varint(4) + varint(most) + b"\0" + b"\0\0\0\0\0"
    for name, encoding in [("endless-lengths", DELTA_LENGTH), ("endless-prefixes", DELTA_BYTES)]:
        yield name, file(
            [top(leaf("a", BYTE_ARRAY, REQUIRED, 0))], most, [(BYTE_ARRAY, most, page(most, lengths, encoding=encoding), 0)])
    # A text of 64 KB, and then 30,000 texts that share all of it. In blocks of 4096 numbers, of which only the first
    # has bits: shared lengths are 0, 65536, 65536, …, lengths of the rest are 65536, 0, 0, …
    count, block, size = 30_000, 4096, 1 << 16
    head = varint(block) + varint(1) + varint(count)
    tail = (zigzag(0) + b"\0") * (-(-(count - 1) // block) - 1)
    shared = head + zigzag(0) + zigzag(0) + b"\x11" + packed(17, [size] + [0] * (block - 1)) + tail
    rest = head + zigzag(size) + zigzag(-size) + b"\x11" + packed(17, [0] + [size] * (block - 1)) + tail
    yield "growing-texts", file(
        [top(leaf("a", BYTE_ARRAY, REQUIRED, 0))], count,
        [(BYTE_ARRAY, count, page(count, shared + rest + b"x" * size, encoding=DELTA_BYTES), 0)])


def packed(bits, numbers):
    """Numbers of some bits each, from the lowest bit of a byte on."""
    whole = sum(number << bits * index for index, number in enumerate(numbers) if number)
    return whole.to_bytes(bits * len(numbers) // 8, "little")


class Keys(encryption.KmsClient):
    def __init__(self, _):
        encryption.KmsClient.__init__(self)

    def wrap_key(self, key, _):
        return base64.b64encode(key)

    def unwrap_key(self, key, _):
        return base64.b64decode(key)


def write_refused(folder):
    table = pa.table({"a": [1, 2, 3], "text": ["x", "y", "z"]})
    for codec in ["brotli", "lz4"]:
        pq.write_table(table, folder / f"{codec}.parquet", compression=codec)
    factory = encryption.CryptoFactory(Keys)
    for name, plain in [("encrypted", False), ("encrypted-column", True)]:
        settings = encryption.EncryptionConfiguration(
            footer_key="footer", column_keys={"column": ["text"]}, plaintext_footer=plain)
        properties = factory.file_encryption_properties(encryption.KmsConnectionConfig(), settings)
        with pq.ParquetWriter(folder / f"{name}.parquet", table.schema, encryption_properties=properties) as writer:
            writer.write_table(table)


def write_patterns(path):
    """Texts that Snappy writes as copies of bytes at every small distance, and a header longer than a kilobyte."""
    texts = [("abcdefghijklmnopqrstuvwxyz"[:length] * 60)[: 700 + length] for length in range(1, 27)]
    table = pa.table({"a": pa.array(texts + ["z" * 3000])})
    pq.write_table(table, path, compression="snappy", use_dictionary=False)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write_patterns(folder / "patterns.parquet")
    for name, data in [*readable(), ("patterns", (folder / "patterns.parquet").read_bytes())]:
        (folder / f"{name}.parquet").write_bytes(data)
        read = pq.ParquetFile(folder / f"{name}.parquet").read()
        rows = [
            "{" + ",".join(f"{quoted(column)}:{text(read.column(column)[row])}" for column in read.column_names) + "}\n"
            for row in range(read.num_rows)
        ]
        if name == "bit-packed":
            rows = ['{"a":%s}\n' % value for value in [1, "null", 2, 3, "null", 4, 5, 6, "null", 7]]
        (folder / f"{name}.rows").write_text("".join(rows))
    for name, data in harmful():
        (folder / f"{name}.parquet").write_bytes(data)
    write_refused(folder)


if __name__ == "__main__":
    warnings.simplefilter("error")
    main()
