"""Text typed in the fonts of before Unicode (TCVN3 with .VnTime, VNI): seen, so that it can be called by name. Pure."""
import re
from typing import Final

from portal.kit.text import normal

TCVN3, VNI = "TCVN3", "VNI"
_TCVN3: Final = dict(zip(
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦",
    "aaaaaaaaaaaaaaaaadeeeeeeeeeeeiiiiiooooooooooooooooouuuuuuuuuuuyyyyyaadeoou", strict=True))
_VNI_LETTERS: Final = dict(zip("ñÑôÔöÖíìæóòîÍÌÆÓÒÎ", "ddoouuiiiiiyiiiiiy", strict=True))
_VNI_MARKS = re.compile(r"(?<=[aeouyAEOUYôöÔÖ])[ùøûõïâêáàåãäéèúüëÙØÛÕÏÂÊÁÀÅÃÄÉÈÚÜË]")


def readings(text: str) -> dict[str, str]:
    """What a text says if it was typed in each of these fonts, in small letters without accents; only where it can
    have been."""
    text = normal("NFC", text)
    if text.isascii():
        return {}
    found = {TCVN3: "".join(_TCVN3.get(letter, letter) for letter in text).lower()}
    found[VNI] = "".join(_VNI_LETTERS.get(letter, letter) for letter in _VNI_MARKS.sub("", text)).lower()
    return {font: said for font, said in found.items() if said.isascii()}
