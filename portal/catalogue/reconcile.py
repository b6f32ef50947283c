"""What to do with each fact of a release in a database that has been in use: pure, over digests by key.

Nobody edited a row whose content is what was loaded into it: the release's new content replaces it, and a row that
the release no longer has goes. A row that was changed here, or taken away here, stays as it is and is told of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Digests = Mapping[str, str]


@dataclass(frozen=True)
class Plan:
    """Keys of facts: `missing` ones come, `outdated` ones are replaced, `gone` ones leave, `edited` ones stay as they
    are here although the release says otherwise."""

    missing: list[str] = field(default_factory=list)
    outdated: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)


def plan(shipped: Digests, held: Digests, known: Digests, *, deletable: bool) -> Plan:
    """`shipped` by the release, `held` in the database, `known` to have been loaded earlier.

    `deletable`: a row of this kind may be taken away, by a release or here. What is not deletable and missing was
    never loaded, and what is not deletable stays when a release has it no longer.
    """
    made = Plan()
    for key in shipped:
        if key not in held:
            (made.edited if deletable and key in known else made.missing).append(key)
        elif held[key] != shipped[key]:
            (made.outdated if held[key] == known.get(key) else made.edited).append(key)
    if deletable:
        for key in (held.keys() - shipped.keys()) & known.keys():
            (made.gone if held[key] == known[key] else made.edited).append(key)
    return made
