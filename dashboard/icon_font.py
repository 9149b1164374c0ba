"""A font of icons with the outlines of a few of them: WOFF in, WOFF out, much smaller (tables as the OpenType specification has them).

Glyphs keep their numbers; those of other icons are empty. So no table but those of outlines and of code points is another.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection, Mapping

_HEADER, _ENTRY = struct.Struct(">4sIIHHIHHIIIII"), struct.Struct(">4sIIII")
_KEPT = (b"OS/2", b"cmap", b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp", b"name", b"post")
"""Left out are ligatures, which write an icon for its name."""
_NO_NAMES = 0x00030000
"""The version of a `post` table without names of glyphs."""


def with_icons(font: bytes, codes: Collection[int]) -> bytes:
    """The font with the glyphs of these code points alone.

    Args:
        font: WOFF with TrueType outlines and a `cmap` of format 12.

    Raises:
        ValueError: it is none, lacks a code point, or has glyphs made of other glyphs.
    """
    tables = _tables(font)
    known = _glyphs(tables[b"cmap"])
    lacking = [code for code in codes if code not in known]
    if lacking:
        raise ValueError(f"the font has no glyph for {', '.join(f'U+{code:04X}' for code in lacking)}")
    wanted = {code: known[code] for code in sorted(codes)}
    tables[b"glyf"], tables[b"loca"] = _outlines(tables, {0, *wanted.values()})
    tables[b"cmap"] = _cmap(wanted)
    tables[b"post"] = struct.pack(">I", _NO_NAMES) + tables[b"post"][4:32]
    tables[b"head"] = tables[b"head"][:50] + struct.pack(">h", 1) + tables[b"head"][52:]
    return _woff(font, {tag: tables[tag] for tag in _KEPT if tag in tables})


def _tables(font: bytes) -> dict[bytes, bytes]:
    if font[:4] != b"wOFF":
        raise ValueError("this is no WOFF font")
    found = {}
    for at in range(_HEADER.unpack_from(font)[3]):
        tag, offset, packed, length, _ = _ENTRY.unpack_from(font, _HEADER.size + at * _ENTRY.size)
        body = font[offset : offset + packed]
        found[tag] = zlib.decompress(body) if packed < length else body
    return found


def _glyphs(cmap: bytes) -> dict[int, int]:
    """Code point -> number of its glyph."""
    for at in range(struct.unpack_from(">H", cmap, 2)[0]):
        (offset,) = struct.unpack_from(">I", cmap, 8 + 8 * at)
        if struct.unpack_from(">H", cmap, offset)[0] == 12:
            (groups,) = struct.unpack_from(">I", cmap, offset + 12)
            found = (struct.unpack_from(">III", cmap, offset + 16 + 12 * group) for group in range(groups))
            return {code: glyph + code - first for first, last, glyph in found for code in range(first, last + 1)}
    raise ValueError("the font has no cmap of format 12")


def _outlines(tables: Mapping[bytes, bytes], glyphs: Collection[int]) -> tuple[bytes, bytes]:
    """`glyf` and `loca` with these glyphs, all others empty."""
    wide = struct.unpack_from(">h", tables[b"head"], 50)[0] == 1
    places = [place * (1 if wide else 2) for (place,) in struct.iter_unpack(">I" if wide else ">H", tables[b"loca"])]
    body, starts = b"", []
    for glyph in range(len(places) - 1):
        starts.append(len(body))
        outline = tables[b"glyf"][places[glyph] : places[glyph + 1]] if glyph in glyphs else b""
        if outline and struct.unpack_from(">h", outline)[0] < 0:
            raise ValueError(f"glyph {glyph} is made of other glyphs")
        body += outline + bytes(-len(outline) % 4)
    return body, struct.pack(f">{len(places)}I", *starts, len(body))


def _cmap(glyphs: Mapping[int, int]) -> bytes:
    """A `cmap` of format 4 with a segment for each code point, in their order."""
    ends, deltas = [*glyphs, 0xFFFF], [*((glyph - code) % 0x10000 for code, glyph in glyphs.items()), 1]
    n = len(ends)
    steps = n.bit_length() - 1
    search = 2 * 2**steps
    columns = [*ends, 0, *ends, *deltas, *[0] * n]
    body = struct.pack(f">HHHH{len(columns)}H", 2 * n, search, steps, 2 * n - search, *columns)
    return struct.pack(">HHHHI", 0, 1, 3, 1, 12) + struct.pack(">HHH", 4, len(body) + 6, 0) + body


def _woff(font: bytes, tables: Mapping[bytes, bytes]) -> bytes:
    first = _HEADER.size + len(tables) * _ENTRY.size
    entries, bodies, size = b"", b"", 12 + 16 * len(tables)
    for tag, body in sorted(tables.items()):
        padded = body + bytes(-len(body) % 4)
        packed = min(zlib.compress(body, 9), body, key=len)
        checksum = sum(struct.unpack(f">{len(padded) // 4}I", padded)) % 2**32
        entries += _ENTRY.pack(tag, first + len(bodies), len(packed), len(body), checksum)
        bodies += packed + bytes(-len(packed) % 4)
        size += len(padded)
    flavour = font[4:8]
    head = _HEADER.pack(b"wOFF", int.from_bytes(flavour), first + len(bodies), len(tables), 0, size, 1, 0, 0, 0, 0, 0, 0)
    return head + entries + bodies
