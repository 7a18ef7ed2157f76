#!/usr/bin/env python3
"""Writes the table that Ogong.Core composes characters by (Unicode's form NFC), from the Unicode Character Database that Python carries.

    eng/canonical-composition.py > src/Ogong.Core/Models/Tokenizers/CanonicalComposition.txt
"""
import textwrap
import unicodedata

SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
HANGUL = range(0xAC00, 0xD7A4)  # composed by arithmetic


def ranges(values):
    start = previous = None
    for value in values + [None]:
        if previous is not None and value != previous + 1:
            yield f"{start:X}" if start == previous else f"{start:X}-{previous:X}"
            start = value
        if start is None:
            start = value
        previous = value


def decomposition(c):
    parts = unicodedata.decomposition(chr(c))
    if not parts or parts.startswith("<") or c in HANGUL:
        return None
    codes = [int(p, 16) for p in parts.split()]
    composes = len(codes) == 2 and unicodedata.normalize("NFC", "".join(map(chr, codes))) == chr(c)
    return f"{c:X}=" + "+".join(f"{d:X}" for d in codes) + ("" if composes or len(codes) == 1 else "!")


print(f"# Derived from the Unicode Character Database {unicodedata.unidata_version} (Copyright Unicode, Inc., Unicode License v3)")
print("# by eng/canonical-composition.py. CLASS:CHARACTERS gives canonical combining classes other than 0; CHARACTER=PARTS")
print("# gives canonical decompositions, one step each, with ! where the two parts do not compose again.")
classes = {}
for c in SCALARS:
    if unicodedata.combining(chr(c)):
        classes.setdefault(unicodedata.combining(chr(c)), []).append(c)
for value, characters in sorted(classes.items()):
    print("\n".join(textwrap.wrap(f"{value}: " + " ".join(ranges(characters)), 140, subsequent_indent=f"{value}: ", break_on_hyphens=False)))
print("\n".join(textwrap.wrap(" ".join(filter(None, map(decomposition, SCALARS))), 140)))
