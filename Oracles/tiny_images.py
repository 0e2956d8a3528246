"""Small image files of every kind that PNG and JPEG know, for fixtures and live checks.

A library for the other oracle scripts. PNG files are written here byte by byte, since Pillow writes neither interlaced ones
nor all depths.
"""

import io
import struct
import zlib

import numpy
from PIL import Image

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
SAMPLES = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
# Every depth that PNG allows for each kind of color.
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16),
          RGBA: (8, 16)}
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2)]


def chunk(name: bytes, content: bytes) -> bytes:
    return (struct.pack(">I", len(content)) + name + content
            + struct.pack(">I", zlib.crc32(name + content)))


def packed(samples: numpy.ndarray, depth: int) -> bytes:
    """The lines of an image, [height, width × samples], each behind its filter's number."""
    lines = []
    for line in samples:
        bits = "".join(format(int(v), f"0{depth}b") for v in line)
        bits += "0" * (-len(bits) % 8)
        lines.append(b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big"))
    return b"".join(lines)


def png(samples: numpy.ndarray, color: int, depth: int, interlaced=False, chunks=()) -> bytes:
    """A PNG file of [height, width, samples] whole numbers."""
    height, width, count = samples.shape
    assert count == SAMPLES[color]
    if interlaced:
        parts = [samples[y::down, x::right] for x, y, right, down in ADAM7]
        data = b"".join(packed(p.reshape(p.shape[0], -1), depth) for p in parts if p.size)
    else:
        data = packed(samples.reshape(height, -1), depth)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(chunks)
            + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def random_png(random: numpy.random.Generator, color: int, depth: int, size, interlaced=False,
               transparent=False, gamma=False, orientation=None) -> bytes:
    """A PNG file of noise: with a palette where it needs one, with tRNS, gAMA and eXIf where asked for."""
    samples = random.integers(0, 1 << depth, (*size, SAMPLES[color]))
    chunks = []
    if gamma:
        chunks.append(chunk(b"gAMA", struct.pack(">I", 100000)))
    if color == PALETTE:
        chunks.append(chunk(b"PLTE", random.integers(0, 256, 3 << depth, dtype="u1").tobytes()))
    if transparent and color in (GREY, RGB):
        first = samples[0, 0]
        chunks.append(chunk(b"tRNS", b"".join(struct.pack(">H", int(v)) for v in first)))
    if transparent and color == PALETTE:
        chunks.append(chunk(b"tRNS", random.integers(0, 256, 1 << depth, dtype="u1").tobytes()))
    if orientation:
        chunks.append(chunk(b"eXIf", exif(orientation)))
    return png(samples, color, depth, interlaced, chunks)


def exif(orientation: int, big=True) -> bytes:
    """A TIFF header with one tag, the orientation."""
    order = ">" if big else "<"
    return (b"MM" if big else b"II") + struct.pack(
        order + "HIHHHIHHI", 42, 8, 1, 0x112, 3, 1, orientation, 0, 0)


def picture(random: numpy.random.Generator, size) -> numpy.ndarray:
    """[height, width, 3] of smooth colors with a little noise, as JPEG is made for."""
    height, width = size
    y, x = numpy.mgrid[0:height, 0:width] / max(height, width)
    waves = [127 * (1 + numpy.sin(a * x + b * y + c)) for a, b, c in random.uniform(0, 7, (3, 3))]
    noise = random.normal(0, 6, (height, width, 3))
    return (numpy.stack(waves, -1) + noise).clip(0, 255).astype("u1")


def jpeg(random: numpy.random.Generator, mode: str, size, orientation=None, **options) -> bytes:
    """A JPEG file in Pillow's mode L, RGB or CMYK."""
    pixels = picture(random, size)
    if mode == "CMYK":
        pixels = numpy.concatenate([pixels, picture(random, size)[..., :1]], -1)
    image = Image.fromarray(pixels[..., 0] if mode == "L" else pixels, mode=mode)
    if orientation:
        options["exif"] = b"Exif\0\0" + exif(orientation, big=False)
    file = io.BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def huge_png(width: int, height: int) -> bytes:
    """A file of few bytes whose header promises many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, RGB, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b""))
