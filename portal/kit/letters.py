"""The letters that papers are printed in: what the portal's own fonts have, and what is composed for them out of that.

Names of the peoples of the Central Highlands (Jrai, Ê Đê, Ba Na, Mnông, Xơ Đăng) need Ƀ ƀ Ĕ ĕ Ĭ ĭ Ŏ ŏ Ŭ ŭ, which Be
Vietnam Pro lacks: each is a letter of the font with a mark of the font. A letter that is neither would be drawn by
whatever font a machine happens to have, or as a blank. `PRINTED` is written out, so that nothing that judges a name
needs to open a font; a test holds it against the fonts.
"""
import unicodedata
from math import radians, tan
from typing import Any

STROKED = {"Ƀ": "B", "ƀ": "b"}  # a stroke is part of the letter: Unicode does not take it apart
#: Where composed letters are looked for: Latin Extended A and B, and Additional.
_COMPOSED_IN = (*range(0x100, 0x250), *range(0x1E00, 0x1F00))
#: Letters and signs that every face can print, as ranges of code points.
_RANGES = """
20-7e a0-131 134-137 139-13e 141-148 14c-17e 180 1a0-1a1 1af-1b0 1cd-1d4 1e2-1e3 1e6-1eb 1f0 1f4-1f5 1f8-1f9
1fc-1ff 218-21b 21e-21f 226-229 22e-22f 232-233 243 2c6-2c7 2d8-2dc 300-304 306-30c 312 31b 323 326-328
1e02-1e05 1e0a-1e0d 1e10-1e11 1e1e-1e29 1e30-1e33 1e36-1e37 1e3e-1e47 1e54-1e5b 1e60-1e63 1e6a-1e6d 1e7c-1e93
1e97-1e99 1e9e 1ea0-1ef9 2013-2014 2018-201a 201c-201e 2020-2022 2026 2030 2039-203a 2044 2070 2074-2079
2080-2089 20ab-20ac 2122 215b-215e 2212 2215 2248 2260 2264-2265
"""


def _read(ranges: str) -> frozenset[str]:
    found: set[str] = set()
    for each in ranges.split():
        first, _, last = each.partition("-")
        found |= {chr(code) for code in range(int(first, 16), int(last or first, 16) + 1)}
    return frozenset(found)


PRINTED = _read(_RANGES)


def composed(cmap: dict[int, str]) -> dict[str, tuple[str, str]]:
    """Letters that a font lacks → (letter, mark) that it has, of which they can be put together."""
    found = {}
    for code in _COMPOSED_IN:
        parts = unicodedata.normalize("NFD", chr(code))
        if code not in cmap and len(parts) == 2 and all(ord(part) in cmap for part in parts):
            found[chr(code)] = (parts[0], parts[1])
    return found


def complete(font: Any) -> None:
    """Give a font (fontTools' TTFont with outlines in `glyf`) the letters that it lacks."""
    cmap = font.getBestCmap()
    slant = _slant(font)
    for letter, (base, mark) in composed(cmap).items():
        bare = "ı" if base == "i" and unicodedata.combining(mark) == 230 and ord("ı") in cmap else base
        dx, dy = _above(font, cmap[ord(bare)], cmap[ord(mark)], slant, mark)
        _add(font, letter, cmap[ord(bare)], [(cmap[ord(mark)], dx, dy)])
    for letter, base in STROKED.items():
        if ord(letter) not in cmap:
            _add(font, letter, cmap[ord(base)], [], bar=_bar(font, base, cmap, slant))


def _slant(font: Any) -> float:
    """How far to the right the face leans for each unit upwards."""
    return tan(radians(-font["post"].italicAngle))


def _above(font: Any, base: str, mark: str, slant: float, sign: str) -> tuple[int, int]:
    """Where the mark goes: over the middle of the letter, as high over a tall letter as the font has it over a low."""
    letter, over = font["glyf"][base], font["glyf"][mark]
    tall = unicodedata.combining(sign) == 230 and letter.yMax > font["OS/2"].sxHeight + 40
    dy = letter.yMax - font["OS/2"].sxHeight - 10 if tall else 0
    middle = (letter.xMin + letter.xMax) / 2 + slant * (
        (over.yMin + over.yMax) / 2 + dy - (letter.yMin + letter.yMax) / 2)
    return round(middle - (over.xMin + over.xMax) / 2), dy


def _bar(font: Any, base: str, cmap: dict[int, str], slant: float) -> list[tuple[int, int]]:
    """The stroke of Ƀ and ƀ, as the font draws that of Đ and đ: across the stem on the left."""
    letter, dash = font["glyf"][cmap[ord(base)]], font["glyf"][cmap[ord("-")]]
    thick = round((dash.yMax - dash.yMin) * 0.9)
    middle = round(letter.yMax * 0.5) if base == "B" else round((font["OS/2"].sxHeight + letter.yMax) / 2)
    low, high = middle - thick // 2, middle + thick // 2
    left, right = letter.xMin - 85, letter.xMin + 260
    return [(round(x + slant * y), y) for x, y in ((left, low), (left, high), (right, high), (right, low))]


def _add(font: Any, letter: str, base: str, marks: list[tuple[str, int, int]],
         bar: list[tuple[int, int]] | None = None) -> None:
    """A glyph of its own: the base's outline, its marks moved into place, and a bar where it has one."""
    from fontTools.pens.recordingPen import DecomposingRecordingPen  # noqa: PLC0415
    from fontTools.pens.transformPen import TransformPen  # noqa: PLC0415
    from fontTools.pens.ttGlyphPen import TTGlyphPen  # noqa: PLC0415

    glyphs, pen = font.getGlyphSet(), TTGlyphPen(None)
    for name, dx, dy in [(base, 0, 0), *marks]:
        whole = DecomposingRecordingPen(glyphs)
        glyphs[name].draw(whole)
        whole.replay(TransformPen(pen, (1, 0, 0, 1, dx, dy)))
    if bar:
        pen.moveTo(bar[0])
        for point in bar[1:]:
            pen.lineTo(point)
        pen.closePath()
    name = f"uni{ord(letter):04X}"
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = pen.glyph()
    font["glyf"][name].recalcBounds(font["glyf"])
    font["hmtx"][name] = (font["hmtx"][base][0], font["glyf"][name].xMin)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[ord(letter)] = name
