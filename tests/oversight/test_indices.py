"""An index is a tree of weights: what it makes of values, of gaps, of ties."""
from dataclasses import replace
from decimal import Decimal
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.oversight.indices import Index, Node, Scale, ranking, rounded, scores

D = Decimal
THREE = Node("root", {}, parts=(Node("technical", {}), Node("human", {}), Node("application", {})))
READINESS = Index("ict_readiness", {}, "2016", THREE)
EGDI = Index("egdi", {}, "2018", Node("root", {}, parts=(Node("osi", {}), Node("tii", {}), Node("hci", {}))))


def values(**of: tuple[str | None, ...]) -> dict[str, dict[str, Decimal | None]]:
    names = [part.key for part in THREE.parts]
    return {name: {key: D(one) if one is not None else None for key, one in zip(names, each, strict=True)}
            for name, each in of.items()}


def test_the_published_score_of_da_nang_is_the_mean_of_its_three_components() -> None:
    found = scores(READINESS, values(da_nang=("0.84", "0.76", "0.89")))["da_nang"]
    assert found.score is not None and rounded(found.score, 2) == D("0.83"), "0.8321 from unrounded components"


@pytest.mark.parametrize(("osi", "tii", "hci", "said"), [
    ("0.6529", "0.6694", "0.6779", "0.6667"), ("0.5725", "0.3715", "0.5989", "0.5143"),
    ("0.7418", "0.8780", "0.6930", "0.7709")])
def test_the_united_nations_index_of_viet_nam_is_worked_out_again(osi: str, tii: str, hci: str, said: str) -> None:
    found = scores(EGDI, {"Việt Nam": {"osi": D(osi), "tii": D(tii), "hci": D(hci)}})["Việt Nam"]
    assert found.score is not None and abs(rounded(found.score) - D(said)) <= D("0.0001")


def test_a_gap_is_neither_zero_nor_full_marks() -> None:
    found = ranking(READINESS, values(a=("0.5", "0.5", "0.5"), b=("0.9", None, "0.9")))
    assert [(one.member, one.rank, one.scored.missing) for one in found] == [("a", 1, ()), ("b", None, ("human",))]


def test_equal_scores_share_a_rank_and_the_next_one_is_left_out() -> None:
    found = ranking(READINESS, values(a=("0.5", "0.5", "0.5"), b=("0.6", "0.4", "0.5"), c=("0.1", "0.1", "0.1")))
    assert [(one.member, one.rank, one.tied) for one in found] == [("a", 1, True), ("b", 1, True), ("c", 3, False)]


def test_a_rank_that_hangs_on_the_weights_says_how_far_it_moves() -> None:
    found = {one.member: one for one in ranking(READINESS, values(
        a=("0.9", "0.1", "0.52"), b=("0.1", "0.9", "0.5"), c=("0.0", "0.0", "0.0")))}
    assert (found["a"].rank, found["a"].best, found["a"].worst) == (1, 1, 2)
    assert (found["c"].best, found["c"].worst) == (3, 3)


def test_what_is_less_the_better_is_turned_round() -> None:
    late = Node("late", {}, scale=Scale.min_max, down=True)
    found = scores(Index("x", {}, "1", late), {"a": {"late": D(0)}, "b": {"late": D(10)}, "c": {"late": D(5)}})
    assert [found[name].score for name in "abc"] == [D(1), D(0), D("0.5")]


@pytest.mark.parametrize("down", [False, True])
def test_where_all_are_alike_nobody_is_behind(down: bool) -> None:
    index = Index("x", {}, "1", Node("a", {}, scale=Scale.min_max, down=down))
    found = ranking(index, {name: {"a": D(7)} for name in "abc"})
    assert [(one.score, one.rank, one.tied) for one in found] == [(D(1), 1, True)] * 3


def test_a_target_gives_no_more_than_full_marks_and_bands_the_first_that_is_reached() -> None:
    target = Index("x", {}, "1", Node("a", {}, scale=Scale.target, target=D("0.8")))
    assert [scores(target, {"m": {"a": D(n)}})["m"].score for n in ("0.4", "0.8", "1")] == [D("0.5"), D(1), D(1)]
    bands = Index("x", {}, "1", Node("a", {}, scale=Scale.bands, bands=((D(90), D(1)), (D(50), D("0.5")))))
    assert [scores(bands, {"m": {"a": D(n)}})["m"].score for n in ("95", "90", "89", "10")] == [
        D(1), D(1), D("0.5"), D(0)]


def test_a_relative_scale_moves_with_the_others() -> None:
    """A rise may be others' fall: the same value has another score beside other neighbours."""
    index = Index("x", {}, "1", Node("a", {}, scale=Scale.min_max))
    before = scores(index, {"me": {"a": D(5)}, "low": {"a": D(0)}, "high": {"a": D(10)}})["me"].score
    after = scores(index, {"me": {"a": D(5)}, "low": {"a": D(0)}, "high": {"a": D(6)}})["me"].score
    assert before is not None and after is not None and before < after


Z = Index("x", {}, "1", Node("z", {}, scale=Scale.z_min_max, parts=(
    Node("a", {}, D(2), scale=Scale.min_max), Node("b", {}, scale=Scale.min_max, down=True))))


def by_hand(values_: dict[str, tuple[int, int]]) -> dict[str, float]:
    """As the United Nations write it: z-scores, their weighted mean, then between the lowest and the highest."""
    columns = list(zip(*values_.values(), strict=True))
    z = [[(one - fmean(column)) / pstdev(column) for one in column] for column in columns]
    mean = [(2 * a - b) / 3 for a, b in zip(*z, strict=True)]
    return {name: (one - min(mean)) / (max(mean) - min(mean)) for name, one in zip(values_, mean, strict=True)}


def test_z_scores_are_averaged_before_they_are_set_between_the_lowest_and_the_highest() -> None:
    given_ = {"p": (10, 3), "q": (40, 9), "r": (25, 1), "s": (11, 30)}
    found = scores(Z, {name: {"a": D(a), "b": D(b)} for name, (a, b) in given_.items()})
    for name, said in by_hand(given_).items():
        score = found[name].score
        assert score is not None and float(score) == pytest.approx(said)
    assert {0, 1} <= {found[name].score for name in given_}
    plain = scores(replace(Z, root=replace(Z.root, scale=Scale.as_is)), {
        name: {"a": D(a), "b": D(b)} for name, (a, b) in given_.items()})
    assert plain["q"].score != found["q"].score


def test_a_gap_among_z_scores_has_no_score_and_moves_nobody_else() -> None:
    full = {name: {"a": D(a), "b": D(b)} for name, a, b in (("p", 10, 3), ("q", 40, 9), ("r", 25, 1))}
    found = scores(Z, {**full, "gap": {"a": D(20), "b": None}})
    assert found["gap"].score is None and found["gap"].missing == ("b",)
    assert 0 <= found["gap"].least <= found["gap"].most <= 1
    assert {one.member: one.rank for one in ranking(Z, {**full, "gap": {"a": D(20), "b": None}})}["gap"] is None


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.tuples(
    *[st.decimals(0, 1, places=3, allow_nan=False)] * 3), min_size=1, max_size=12))
def test_ranks_go_with_scores_and_every_score_lies_between(given_: dict[str, tuple[Decimal, ...]]) -> None:
    names = [part.key for part in THREE.parts]
    places = ranking(READINESS, {name: dict(zip(names, each, strict=True)) for name, each in given_.items()})
    made = [rounded(one.scored.score) for one in places if one.scored.score is not None]
    assert made == sorted(made, reverse=True) and all(0 <= one <= 1 for one in made)
    assert [one.rank for one in places] == [1 + sum(other > one for other in made) for one in made]
    assert all(one.best is not None and one.rank is not None and one.worst is not None
               and one.best <= one.rank <= one.worst for one in places)
