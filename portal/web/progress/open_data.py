"""Open data: the catalogue for people and for machines (DCAT), and the files."""
from typing import Any

from flask import Response, abort, current_app, jsonify, render_template, send_file, url_for

from portal.kit import files
from portal.kit.addresses import public_url
from portal.kit.caching import public_cache
from portal.kit.i18n import _, _l, lang
from portal.kit.web import for_every_site
from portal.statistics import open_data as room
from portal.statistics.models import OpenDataFile
from portal.web.guard import anyone
from portal.web.progress import bp

HOUR = 3600
IANA = "https://www.iana.org/assignments/media-types"
AUTHORITY = "http://publications.europa.eu/resource/authority"
# JSON lines have no type that is registered: it is named, not linked
FORMATS: dict[str, tuple[dict[str, str], str]] = {
    "csv": ({"@id": f"{IANA}/text/csv"}, f"{AUTHORITY}/file-type/CSV"),
    "jsonl": ({"@type": "dct:MediaType", "dct:title": "application/x-ndjson"}, f"{AUTHORITY}/file-type/JSON")}
CONTEXT = {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/",
           "foaf": "http://xmlns.com/foaf/0.1/", "spdx": "http://spdx.org/rdf/terms#",
           "vcard": "http://www.w3.org/2006/vcard/ns#", "xsd": "http://www.w3.org/2001/XMLSchema#"}
DATASETS = {
    "counters": (_l("Dossiers by agency and month"), _l(
        "How many dossiers each agency was handed in, accepted and settled in each full month. Whole, and month "
        "by month.")),
    "sectors": (_l("Dossiers by sector and month"), _l("The same counts by sector, for the whole country.")),
    "agencies": (_l("Agencies"), _l("Ministries, central bodies, provinces and cities, those of today and before.")),
    "services": (_l("Services"), _l("Which agency offers which procedure, at which level and on what terms.")),
}
MEANINGS = {
    "month": _l("Month, as year and month"), "agency": _l("Key of the agency"), "sector": _l("Key of the sector"),
    "submitted": _l("Dossiers handed in"), "received": _l("Dossiers accepted as complete"),
    "online": _l("Of those accepted: handed in online"), "counter": _l("Of those accepted: at the counter"),
    "post": _l("Of those accepted: by public post"), "otherwise": _l("Of those accepted: in a way that nobody told"),
    "early": _l("Settled at least one working day early"),
    "on_time": _l("Settled by the due moment"), "late": _l("Settled after the due moment"),
    "untimed": _l("Settled, and no due date was told"), "stopped": _l("Ended by the agency without a result"),
    "done": _l("Settled in all"), "refused": _l("Not accepted"), "withdrawn": _l("Taken back by the applicant"),
    "key": _l("Key of the agency"), "code": _l("Code of the agency, where one is confirmed"), "name": _l("Name"),
    "kind": _l("Kind: ministry, ministry_level, government_agency or province"),
    "valid_from": _l("First day, where known"), "valid_to": _l("Last day; empty while it exists"),
    "procedure": _l("Code of the procedure"), "level": _l("Level of the service, 1 to 4"),
    "class": _l("Class: whole, part or information"), "basis": _l("Basis: assigned or own_initiative"),
    "limit_amount": _l("Time limit, a number"), "limit_unit": _l("Unit of the time limit"),
    "fee": _l("Fee in đồng; empty where not known"),
}


@bp.get("/open-data")
@anyone
@public_cache(60)
def open_data() -> str:
    """What there is, what each column means, and the files."""
    listed = room.listed()
    sets = [{"key": key, "title": title, "about": about, "columns": [(c, MEANINGS[c]) for c in room.COLUMNS[key]],
             "files": [file for file in listed if _dataset(file) == key and "-" not in file.name],
             "monthly": [file for file in reversed(listed) if _dataset(file) == key and "-" in file.name]}
            for key, (title, about) in DATASETS.items()]
    config = current_app.config
    return render_template("progress/open_data.html", sets=sets, publisher=config["PUBLISHER_NAME"],
                           contact=config["PUBLISHER_CONTACT"],
                           licence=(config["LICENCE_NAME"], config["LICENCE_URL"]))


@bp.get("/open-data/catalogue.jsonld")
@anyone
@public_cache(60)
def open_data_catalogue() -> Response:
    """The same for machines: a DCAT catalogue."""
    for_every_site()
    answer = jsonify(_catalogue(room.listed()))
    answer.mimetype = "application/ld+json"
    return answer


@bp.get("/open-data/dictionary.json")
@anyone
@public_cache(60)
def open_data_dictionary() -> Response:
    """What each column of each file is, for programs: a data package (Frictionless) with a table schema a dataset."""
    for_every_site()
    listed = room.listed()
    return jsonify({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json", "name": "open-data", "id": _id(),
        "title": _("Open data of the public service portal"), "resources": [{
            "name": key, "$id": f"{_id('/dictionary.json')}#{key}", "title": str(title), "description": str(about),
            "path": [_id(f"/files/{file.name}") for file in listed if _dataset(file) == key and ".csv" in file.name] or
            [_id(f"/files/{key}.csv.gz")],
            "format": "csv", "compression": "gz", "encoding": "utf-8", "dialect": {"delimiter": ",", "quoteChar": '"'},
            "schema": {"missingValues": [""], "fields": [
                {"name": column.name, "type": column.type, "description": str(MEANINGS[column.name])}
                for column in room.typed(key)]}} for key, (title, about) in DATASETS.items()]})


@bp.get("/open-data/files/<name>")
@anyone
def open_data_file(name: str) -> Response:
    """A file; a part of it to whoever goes on with a broken download."""
    for_every_site()
    file = room.by_name(name) or abort(404)
    place = files.where(file.blob)
    if not place.is_file():  # swept or lost: the next night makes it anew
        abort(404)
    response = send_file(place, mimetype=file.media_type, as_attachment=True, download_name=file.name,
                         etag=file.sha256, last_modified=file.made_at, max_age=HOUR, conditional=True)
    response.headers["Cache-Control"] = f"public, max-age={HOUR}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _dataset(file: OpenDataFile) -> str:
    return file.name.partition(".")[0].partition("-")[0]


def _catalogue(listed: list[OpenDataFile]) -> dict[str, Any]:
    """DCAT 3 as JSON-LD: everything that a harvester must know is named by its address."""
    page, shared = _id(), _shared(public_url() + url_for("public.about"))
    return {
        "@context": CONTEXT, "@id": _id("/catalogue.jsonld"), "@type": "dcat:Catalog",
        "dct:title": _words(_("Open data of the public service portal")),
        "dct:description": _words(_("How dossiers of public services progress in the whole country, who offers which "
                                    "service, and the agencies: the published figures as files.")),
        "dcat:landingPage": {"@id": page}, "foaf:homepage": {"@id": page}, **shared, **_modified(listed),
        "dcat:dataset": [{
            "@id": f"{page}#{key}", "@type": "dcat:Dataset", "dct:title": _words(title),
            "dct:description": _words(about_it), "dct:identifier": key, "dcat:landingPage": {"@id": f"{page}#{key}"},
            "dct:conformsTo": {"@id": f"{_id('/dictionary.json')}#{key}"},
            "dct:accrualPeriodicity": {"@id": f"{AUTHORITY}/frequency/DAILY"}, **shared, **_modified(files_of),
            "dcat:distribution": [_distribution(file) for file in files_of],
        } for key, (title, about_it) in DATASETS.items()
            for files_of in [[file for file in listed if _dataset(file) == key]]]}


def _shared(about: str) -> dict[str, Any]:
    """What is true of the catalogue and of each of its datasets."""
    config = current_app.config
    name, contact = config["PUBLISHER_NAME"], config["PUBLISHER_CONTACT"]
    return {
        "dct:publisher": {"@id": f"{public_url()}/about#publisher", "@type": "foaf:Agent", "foaf:name": name,
                          "foaf:homepage": {"@id": about}},
        "dcat:contactPoint": {"@type": "vcard:Organization", "vcard:fn": name, **(
            {"vcard:hasEmail": {"@id": f"mailto:{contact}"}} if contact else {"vcard:hasURL": {"@id": about}})},
        "dct:license": {"@id": config["LICENCE_URL"]}, "dct:spatial": {"@id": f"{AUTHORITY}/country/VNM"},
        "dct:language": {"@id": f"{AUTHORITY}/language/{'ENG' if lang() == 'en' else 'VIE'}"}}


def _modified(listed: list[OpenDataFile]) -> dict[str, Any]:
    """When the newest of these files was made; nothing where there is none yet."""
    newest = max((file.made_at for file in listed), default=None)
    return {"dct:modified": _typed("dateTime", newest.isoformat(timespec="seconds"))} if newest else {}


def _distribution(file: OpenDataFile) -> dict[str, Any]:
    media_type, kind = FORMATS[file.name.removesuffix(".gz").rpartition(".")[2]]
    where = _id(f"/files/{file.name}")
    return {"@id": where, "@type": "dcat:Distribution", "dct:title": file.name, "dcat:downloadURL": {"@id": where},
            "dcat:accessURL": {"@id": _id()},
            "dct:license": {"@id": current_app.config["LICENCE_URL"]},
            "dcat:mediaType": media_type, "dct:format": {"@id": kind},
            "dcat:compressFormat": {"@id": f"{IANA}/application/gzip"},
            "dcat:byteSize": _typed("nonNegativeInteger", str(file.size)), "spdx:checksum": {
                "@type": "spdx:Checksum", "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                "spdx:checksumValue": _typed("hexBinary", file.sha256)},
            **_modified([file])}


def _id(path: str = "") -> str:
    """What names a thing of open data: the same in every language and by whatever name the portal was called."""
    return f"{public_url()}/open-data{path}"


def _words(text: Any) -> dict[str, str]:
    return {"@value": str(text), "@language": lang()}


def _typed(kind: str, value: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": value}
