"""Whether a word could be Vietnamese: what is spelled right is a word, known to a catalogue or not, and no slip."""
import re
from functools import lru_cache
from itertools import chain
from unicodedata import normalize

_ONSETS = "b|ch|c|d|đ|gh|gi|g|h|kh|k|l|m|ngh|ng|nh|n|ph|p|qu|r|s|th|tr|t|v|x|"
_RIMES: dict[str, str] = {
    "a": "a ac ach ai am an ang anh ao ap at au ay",
    "ă": "ăc ăm ăn ăng ăp ăt",
    "â": "âc âm ân âng âp ât âu ây",
    "e": "e ec em en eng eo ep et",
    "ê": "ê êch êm ên ênh êp êt êu",
    "i": "i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu",
    "o": "o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong "
         "ooc oong op ot",
    "ô": "ô ôc ôi ôm ôn ông ôp ôt",
    "ơ": "ơ ơi ơm ơn ơp ơt",
    "u": "u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt up ut uơ uy uya uych uyên uyêt "
         "uynh uyt uyu",
    "ư": "ư ưa ưc ưi ưng ươc ươi ươm ươn ương ươp ươt ưt ưu",
    "y": "y yêm yên yêng yêt yêu",
}
_TONES = {"\u0300": 1, "\u0301": 2, "\u0303": 3, "\u0309": 4, "\u0323": 5}
#: how a sound is written before these letters, and before the others
_FRONT, _FRONT_ONLY, _BACK_ONLY = "ieêy", ("k", "gh", "ngh"), ("c", "g", "ng")
_STOPPED = re.compile(r".*(c|ch|p|t)")
_SYLLABLE = re.compile(f"({_ONSETS})({'|'.join(chain(*map(str.split, _RIMES.values())))})")


@lru_cache(maxsize=4_096)
def is_syllable(word: str) -> bool:
    """Whether a word in small letters, with its marks, is spelled as a Vietnamese syllable can be."""
    letters, tone = [], 0
    for letter in normalize("NFD", word):
        if letter in _TONES:
            if tone:
                return False
            tone = _TONES[letter]
        else:
            letters.append(letter)
    bare = normalize("NFC", "".join(letters))
    if bare.startswith("gi") and bare[2:] in ("", "n", "m", "êt", "êng"):
        bare = f"gi{'i' + bare[2:]}"  # gì, gìn: the i is of both
    found = _SYLLABLE.fullmatch(bare)
    if not found or (found[2][0] in _FRONT and found[1] in _BACK_ONLY) or (found[2][0] not in _FRONT and found[1] in
                                                                           _FRONT_ONLY):
        return False
    return not _STOPPED.fullmatch(bare) or tone in (2, 5)
