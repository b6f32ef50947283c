"""Who of an agency receives the dossiers of a procedure."""
import pytest

from portal.catalogue import reference
from portal.catalogue.reception import Reception, of


@pytest.mark.parametrize(("levels", "kind", "who"), [
    (["commune"], "province", Reception.commune), (["ministry", "commune"], "province", Reception.commune),
    (["commune", "other"], "province", Reception.commune), (["province", "commune"], "province", Reception.either),
    (["province"], "province", Reception.agency), (["ministry"], "ministry", Reception.agency),
    (["ministry", "commune"], "ministry", Reception.agency), ([], "province", Reception.agency)])
def test_the_levels_of_execution_say_it(levels: list[str], kind: str, who: Reception) -> None:
    assert of(levels, kind) is who


def test_births_are_registered_by_communes_and_licences_exchanged_by_nobody_of_them() -> None:
    levels = {row.code: row.government_levels for row in reference.procedures()}
    assert of(levels["1.001193"], "province") is Reception.commune
    assert of(levels["2.000635"], "province") is Reception.either
    assert of(levels["1.001456"], "province") is Reception.agency
