"""The catalogue's provinces and wards for address questions, which stand a floor below it."""
from flask import Flask, url_for

from portal.catalogue import queries
from portal.forms import places


def _provinces() -> list[places.Named]:
    return [(agency.gso_code, agency.name) for agency in queries.provinces() if agency.gso_code]


def _wards(province: str) -> list[places.Named]:
    return [(ward.code, ward.name) for ward in queries.wards(province)]


def _wards_url() -> str:
    return url_for("public.wards", gso="00").removesuffix("00")


def init_app(app: Flask) -> None:
    places.init_app(app, places.Places(provinces=_provinces, wards=_wards, wards_url=_wards_url))
