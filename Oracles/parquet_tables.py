"""Random tables for Parquet files: schemas, values and the options of the writer."""

import datetime
import decimal
import string
import uuid

import pyarrow as pa

EPOCH = datetime.datetime(1970, 1, 1)
UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
WORDS = ["", "a", "low", "rank", "Übung", "日本語", "é", "🙂", "\n", '"quoted"', "back\\slash", "\x00", "the same prefix of words "]


def leaf_type(random):
    """A type of single values."""
    return random.choice([
        pa.string, pa.string, pa.string, pa.large_string, pa.binary, pa.bool_, pa.int8, pa.int16,
        pa.int32, pa.int64, pa.uint8, pa.uint16, pa.uint32, pa.uint64, pa.float16, pa.float32,
        pa.float64, pa.date32, pa.date64, pa.null, pa.uuid,
        lambda: pa.binary(random.choice([1, 3, 16])),
        lambda: pa.time32(random.choice(["s", "ms"])),
        lambda: pa.time64(random.choice(["us", "ns"])),
        lambda: pa.timestamp(random.choice(list(UNITS)), random.choice([None, "UTC", "Europe/Berlin"])),
        lambda: pa.duration(random.choice(list(UNITS))),
        lambda: pa.decimal128(*random.choice([(4, 2), (9, 0), (18, 6), (38, 10)])),
        lambda: pa.decimal256(*random.choice([(40, 5), (76, 20)])),
        lambda: pa.dictionary(pa.int32(), pa.string()),
    ])()


def any_type(random, depth):
    kind = random.random()
    if depth == 0 or kind < 0.55:
        return leaf_type(random)
    if kind < 0.75:
        of = random.choice([pa.list_, pa.list_, pa.large_list, lambda field: pa.list_(field, random.choice([1, 3]))])
        element = any_type(random, depth - 1)
        return of(pa.field("element", element, nullable=element == pa.null() or random.random() < 0.7))
    if kind < 0.92:
        return pa.struct(fields(random, depth - 1, random.randint(1, 3)))
    key = random.choice([pa.string(), pa.int32(), pa.date32()])
    return pa.map_(key, any_type(random, depth - 1))


def fields(random, depth, count):
    names = random.sample(["a", "b", "c", "role", "content", "name with spaces", "dotted.name", "größe"], count)
    made = []
    for name in names:
        kind = any_type(random, depth)
        # Nothing but null has no place in a field that must be there.
        made.append(pa.field(name, kind, nullable=kind == pa.null() or random.random() < 0.75))
    return made


class Values:
    """Random values; few different ones in some columns, so that dictionaries and runs occur."""

    def __init__(self, random):
        self.random = random
        self.nulls = random.choice([0.0, 0.1, 0.5, 0.95])
        self.pool = random.choice([0, 0, 2, 10])
        self.pools = {}

    def value(self, kind, nullable=True, path=""):
        if pa.types.is_null(kind) or nullable and self.random.random() < self.nulls:
            return None
        if self.pool and not pa.types.is_nested(kind):
            pool = self.pools.setdefault(path, [self.some(kind, path) for _ in range(self.pool)])
            return self.random.choice(pool)
        return self.some(kind, path)

    def some(self, kind, path):
        random, types = self.random, pa.types
        if types.is_fixed_size_list(kind):
            return [self.value(kind.value_type, kind.value_field.nullable, path + "*") for _ in range(kind.list_size)]
        if types.is_list(kind) or types.is_large_list(kind):
            return [
                self.value(kind.value_type, kind.value_field.nullable, path + "*")
                for _ in range(random.choice([0, 1, 2, 3, 9]))
            ]
        if types.is_struct(kind):
            return {field.name: self.value(field.type, field.nullable, path + "/" + field.name) for field in kind}
        if types.is_map(kind):
            return [
                (self.value(kind.key_type, False, path + "k"), self.value(kind.item_type, True, path + "v"))
                for _ in range(random.choice([0, 1, 2]))
            ]
        if types.is_dictionary(kind):
            return self.some(kind.value_type, path)
        if types.is_string(kind) or types.is_large_string(kind):
            if random.random() < 0.02:
                return "".join(random.choice(string.printable) for _ in range(random.choice([300, 5000])))
            return " ".join(random.choice(WORDS) for _ in range(random.randint(0, 8)))
        if types.is_fixed_size_binary(kind) and not types.is_decimal(kind):
            return random.randbytes(kind.byte_width)
        if types.is_binary(kind):
            return random.randbytes(random.choice([0, 1, 5, 40]))
        if types.is_boolean(kind):
            return random.random() < 0.5
        if types.is_integer(kind):
            bits = kind.bit_width - (0 if types.is_unsigned_integer(kind) else 1)
            size = random.choice([3, bits // 2, bits])
            low = 0 if types.is_unsigned_integer(kind) else -(1 << size)
            return random.randint(low, (1 << size) - 1)
        if types.is_float16(kind):
            return random.choice([0.0, -0.0, 1.5, -2.25, 65504.0, 6e-8, float("inf"), float("nan")])
        if types.is_floating(kind):
            return random.choice([random.gauss(0, 1), random.gauss(0, 1) * 1e30, 0.0, -0.0, float("-inf"), float("nan")])
        if types.is_date(kind):
            return datetime.date(1, 1, 1) + datetime.timedelta(days=random.randrange(3_650_000))
        if types.is_time(kind):
            return random.randrange(86_400 * UNITS[kind.unit])
        if types.is_timestamp(kind):
            # What 64 bits of nanoseconds can hold, which the oldest timestamps are read as.
            seconds = random.randrange(-9_000_000_000, 9_000_000_000)
            return seconds * UNITS[kind.unit] + random.choice([0, random.randrange(UNITS[kind.unit])])
        if types.is_duration(kind):
            return random.randrange(-10**12, 10**12)
        if types.is_decimal(kind):
            digits = random.randint(1, kind.precision)
            number = decimal.Decimal(random.randrange(10**digits) * random.choice([1, -1]))
            return number.scaleb(-kind.scale, decimal.Context(prec=80))
        if isinstance(kind, pa.UuidType):
            return uuid.UUID(int=random.getrandbits(128)).bytes
        raise NotImplementedError(str(kind))


def table(random):
    schema = pa.schema(fields(random, random.choice([0, 1, 2, 3]), random.randint(1, 5)))
    values = Values(random)
    count = random.choice([0, 1, 2, 7, 30, 30, 30, 300, 300, 2000 if random.random() < 0.2 else 50])
    columns = []
    for field in schema:
        column = [values.value(field.type, field.nullable, field.name) for _ in range(count)]
        columns.append(pa.array(column, field.type))
    return pa.Table.from_arrays(columns, schema=schema)


ENCODINGS = {
    "BOOLEAN": ["PLAIN", "RLE"],
    "INT32": ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    "INT64": ["PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"],
    "INT96": ["PLAIN"],
    "FLOAT": ["PLAIN", "BYTE_STREAM_SPLIT"],
    "DOUBLE": ["PLAIN", "BYTE_STREAM_SPLIT"],
    "BYTE_ARRAY": ["PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"],
    "FIXED_LEN_BYTE_ARRAY": ["PLAIN", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT"],
}


def options(random):
    """Options of `pyarrow.parquet.write_table`, all but the encodings of columns."""
    codec = random.choice(["none", "snappy", "gzip", "zstd"])
    return dict(
        compression=codec,
        use_dictionary=random.random() < 0.5,
        data_page_version=random.choice(["1.0", "2.0"]),
        version=random.choice(["1.0", "2.4", "2.6"]),
        data_page_size=random.choice([1, 64, 1000, 1 << 20]),
        dictionary_pagesize_limit=random.choice([16, 1000, 1 << 20]),
        row_group_size=random.choice([1, 5, 100, 1 << 20]),
        write_batch_size=random.choice([1, 7, 1024]),
        write_page_checksum=random.random() < 0.3,
        write_statistics=random.random() < 0.7,
        write_page_index=random.random() < 0.3,
        store_schema=random.random() < 0.5,
        use_compliant_nested_type=random.random() < 0.7,
        use_deprecated_int96_timestamps=random.random() < 0.1,
        store_decimal_as_integer=random.random() < 0.5,
    )


def encodings(random, metadata):
    """An encoding for each column of a file, where there is no dictionary."""
    columns = [metadata.schema.column(index) for index in range(metadata.num_columns)]
    return {column.path: random.choice(ENCODINGS[column.physical_type]) for column in columns}
