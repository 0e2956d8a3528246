"""Writes the decomposition tables of the Unicode version that PyPI `tokenizers` normalizes with.

    python Oracles/unicode_decompositions.py

The tables are what the reference itself answers for every scalar by itself; Hangul syllables are left
out, since they follow a formula.
"""

from pathlib import Path

from tokenizers import __version__, normalizers

FOLDER = Path(__file__).parent.parent / "Sources/LowRankTokenizers/Normalizers"
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000 and not 0xAC00 <= c < 0xD7A4]
NFD, NFKD = normalizers.NFD(), normalizers.NFKD()


def decompositions(form, other=None):
    for scalar in SCALARS:
        text = form.normalize_str(chr(scalar))
        if text != chr(scalar) and (other is None or text != other.normalize_str(chr(scalar))):
            yield scalar, [ord(c) for c in text]


def runs(table):
    """Joins neighbours whose single results are neighbours as well."""
    joined = []
    for scalar, result in table:
        if joined and len(result) == 1:
            first, last, start = joined[-1]
            if len(start) == 1 and scalar == last + 1 and result[0] == start[0] + scalar - first:
                joined[-1] = (first, scalar, start)
                continue
        joined.append((scalar, scalar, result))
    return joined


def write(name, summary, table):
    entries = []
    previous = 0
    for first, last, result in runs(table):
        key = f"{first - previous:X}" + (f"+{last - first:X}" if last > first else "")
        entries.append(key + "=" + " ".join(f"{c:X}" for c in result))
        previous = last
    lines, line = [], ""
    for entry in entries:
        if len(line) + len(entry) > 92:
            lines.append(line)
            line = ""
        line += entry + ";"
    lines.append(line)
    body = "\\\n".join(f"    {line}" for line in lines)
    (FOLDER / f"{name}.swift").write_text(
        f"// Written by Oracles/unicode_decompositions.py with tokenizers {__version__}.\n\n"
        f"extension Decompositions {{\n"
        f"  /// {summary}\n"
        f"  static let {name[0].lower() + name[1:]}: StaticString = \"\"\"\n{body}\n    \"\"\"\n}}\n"
    )
    print(name, len(entries), "entries", len(lines), "lines")


write("CanonicalTable", "Unicode 9's full canonical decompositions.", decompositions(NFD))
write("CompatibilityTable", "Unicode 9's full compatibility decompositions, where they differ.",
      decompositions(NFKD, NFD))
