"""Provinces and their wards, which the catalogue above knows: `create_app` hands its lists down."""
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Flask, current_app

Named = tuple[str, str]  # code of the statistics office, name


@dataclass(frozen=True)
class Places:
    """The lists in the order in which they are offered; `wards_url` is to be followed by a province's code."""

    provinces: Callable[[], Iterable[Named]]
    wards: Callable[[str], Iterable[Named]]
    wards_url: Callable[[], str]


def init_app(app: Flask, places: Places) -> None:
    app.extensions["forms.places"] = places


def _known() -> Places:
    found: Places = current_app.extensions["forms.places"]
    return found


def provinces() -> list[Named]:
    return list(_known().provinces())


def wards(province: str) -> list[Named]:
    return list(_known().wards(province))


def wards_url() -> str:
    return _known().wards_url()
