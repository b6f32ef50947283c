"""Subset Be Vietnam Pro to WOFF2 for the web: `python tools/fonts.py` at set-up; safe to run again."""
import copy
import importlib.util
import sys
from pathlib import Path

from fontTools import subset
from fontTools.otlLib import builder
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables import otTables

TARGET = Path(__file__).resolve().parent.parent / "static" / "fonts"
FACES = {"BeVietnamPro-Regular.ttf": "be-vietnam-pro-400.woff2",
         "BeVietnamPro-SemiBold.ttf": "be-vietnam-pro-600.woff2"}
# What Vietnamese and English pages print: ASCII, the Latin-1 letters that Vietnamese uses, Ă Đ Ĩ Ũ Ơ Ư, the
# combining marks (for text typed decomposed), all of U+1EA0–1EF9, dashes, quotes, bullets, ₫, arrows.
RANGES = ((0x20, 0x7E), (0xA0, 0xA0), (0xA7, 0xA7), (0xAB, 0xAB), (0xB0, 0xB2), (0xB7, 0xB7), (0xBB, 0xBB),
          (0xC0, 0xC3), (0xC8, 0xCA), (0xCC, 0xCD), (0xD2, 0xD5), (0xD7, 0xD7), (0xD9, 0xDA), (0xDD, 0xDD),
          (0xE0, 0xE3), (0xE8, 0xEA), (0xEC, 0xED), (0xF2, 0xF5), (0xF9, 0xFA), (0xFD, 0xFD),
          (0x102, 0x103), (0x110, 0x111), (0x128, 0x129), (0x168, 0x169), (0x1A0, 0x1A1), (0x1AF, 0x1B0),
          (0x300, 0x303), (0x309, 0x309), (0x323, 0x323), (0x1EA0, 0x1EF9),
          (0x2011, 0x2014), (0x2018, 0x2019), (0x201C, 0x201D), (0x2022, 0x2022), (0x2026, 0x2026),
          (0x20AB, 0x20AB), (0x2190, 0x2193), (0x2212, 0x2212), (0x2264, 0x2265))
FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum"]


def source_folder() -> Path:
    """Where the PyPI package fontpkg-be-vietnam-pro keeps its TTF files. SystemExit without it."""
    spec = importlib.util.find_spec("fontpkg_be_vietnam_pro")
    if spec is None or spec.origin is None:
        raise SystemExit("fontpkg-be-vietnam-pro is not installed: install requirements/run.txt first")
    return Path(spec.origin).parent / "files"


def letters() -> list[int]:
    """The code points to keep."""
    return [point for first, last in RANGES for point in range(first, last + 1)]


def add_tabular_figures(font: TTFont) -> None:
    """Give the face the feature `tnum`, which it lacks: ten figures of one width; columns align."""
    cmap, metrics, outlines = font.getBestCmap(), font["hmtx"], font["glyf"]
    figures = [cmap[ord(figure)] for figure in "0123456789"]
    width = metrics[cmap[ord("0")]][0]
    for name in figures:
        advance, bearing = metrics[name]
        shift = (width - advance) // 2
        outlines[f"{name}.tnum"] = outline = copy.deepcopy(outlines[name])
        outline.expand(outlines)
        outline.coordinates.translate((shift, 0))
        metrics[f"{name}.tnum"] = (width, bearing + shift)
        outline.recalcBounds(outlines)
    table = font["GSUB"].table
    swap = builder.buildSingleSubstSubtable({name: f"{name}.tnum" for name in figures})
    table.LookupList.Lookup.append(builder.buildLookup([swap]))
    record = otTables.FeatureRecord()
    record.FeatureTag, record.Feature = "tnum", otTables.Feature()
    record.Feature.FeatureParams = None
    record.Feature.LookupListIndex = [len(table.LookupList.Lookup) - 1]
    record.Feature.LookupCount = 1
    table.FeatureList.FeatureRecord.append(record)
    table.LookupList.LookupCount = len(table.LookupList.Lookup)
    table.FeatureList.FeatureCount = len(table.FeatureList.FeatureRecord)
    for script in table.ScriptList.ScriptRecord:
        languages = [language.LangSys for language in script.Script.LangSysRecord]
        for language in [script.Script.DefaultLangSys, *languages]:
            if language is not None:
                language.FeatureIndex.append(table.FeatureList.FeatureCount - 1)
                language.FeatureCount = len(language.FeatureIndex)


def make(source: Path, target: Path) -> None:
    """Write the subset of `source` to `target` (WOFF2) in one step: a broken run leaves nothing half."""
    options = subset.Options()
    options.flavor = "woff2"
    options.layout_features = FEATURES
    options.hinting = False
    options.desubroutinize = True
    options.name_IDs = [0, 1, 2, 13, 14]  # the names and the licence stay in the file: the OFL asks for it
    options.notdef_outline = True
    font = subset.load_font(str(source), options)
    add_tabular_figures(font)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters())
    cutter.subset(font)
    half = target.with_suffix(".part")
    subset.save_font(font, str(half), options)
    half.replace(target)


def main() -> int:
    """Make what is missing or older than this file; say what was done."""
    folder = source_folder()
    TARGET.mkdir(parents=True, exist_ok=True)
    newest_rule = Path(__file__).stat().st_mtime
    for name, wanted in FACES.items():
        target = TARGET / wanted
        source = folder / name
        if target.exists() and target.stat().st_mtime >= max(newest_rule, source.stat().st_mtime):
            continue
        make(source, target)
        print(f"{wanted}: {target.stat().st_size / 1024:.1f} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
