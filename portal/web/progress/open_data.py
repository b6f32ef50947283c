"""Open data: the catalogue for people and for machines (DCAT), and the files."""
from typing import Any

from flask import Response, abort, jsonify, render_template, request, send_file, url_for

from portal.kit import files
from portal.kit.caching import public_cache
from portal.kit.i18n import _, _l
from portal.progress import open_data as room
from portal.progress.models import OpenDataFile
from portal.web.guard import anyone
from portal.web.progress import bp

HOUR = 3600
FORMATS = {"csv": ("text/csv", "http://publications.europa.eu/resource/authority/file-type/CSV"),
           "jsonl": ("application/x-ndjson", "http://publications.europa.eu/resource/authority/file-type/JSON")}
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
    "post": _l("Of those accepted: by public post"), "early": _l("Settled at least one working day early"),
    "on_time": _l("Settled by the due moment"), "late": _l("Settled after the due moment"),
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
    return render_template("progress/open_data.html", sets=sets)


@bp.get("/open-data/catalogue.jsonld")
@anyone
@public_cache(60)
def open_data_catalogue() -> Response:
    """The same for machines: a DCAT catalogue."""
    answer = jsonify(_catalogue(room.listed()))
    answer.mimetype = "application/ld+json"
    return answer


@bp.get("/open-data/files/<name>")
@anyone
def open_data_file(name: str) -> Response:
    """A file; a part of it to whoever goes on with a broken download."""
    file = room.by_name(name) or abort(404)
    response = send_file(files.where(file.blob), mimetype=file.media_type, as_attachment=True, download_name=file.name,
                         etag=file.sha256, last_modified=file.made_at, max_age=HOUR, conditional=True)
    response.headers["Cache-Control"] = f"public, max-age={HOUR}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _dataset(file: OpenDataFile) -> str:
    return file.name.partition(".")[0].partition("-")[0]


def _catalogue(listed: list[OpenDataFile]) -> dict[str, Any]:
    origin = request.host_url.rstrip("/")
    page = origin + url_for("progress.open_data")
    return {
        "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/",
                     "spdx": "http://spdx.org/rdf/terms#", "xsd": "http://www.w3.org/2001/XMLSchema#"},
        "@id": origin + url_for("progress.open_data_catalogue"), "@type": "dcat:Catalog",
        "dct:title": _("Open data of the public service portal"), "dcat:landingPage": {"@id": page},
        "dct:language": request.script_root.strip("/") or "vi",
        "dcat:dataset": [{
            "@id": f"{page}#{key}", "@type": "dcat:Dataset", "dct:title": str(title), "dct:description": str(about),
            "dct:identifier": key,
            "dct:accrualPeriodicity": {"@id": "http://publications.europa.eu/resource/authority/frequency/DAILY"},
            "dcat:distribution": [_distribution(origin, file) for file in listed if _dataset(file) == key],
        } for key, (title, about) in DATASETS.items()]}


def _distribution(origin: str, file: OpenDataFile) -> dict[str, Any]:
    media_type, kind = FORMATS[file.name.removesuffix(".gz").rpartition(".")[2]]
    where = origin + url_for("progress.open_data_file", name=file.name)
    return {"@id": where, "@type": "dcat:Distribution", "dct:title": file.name, "dcat:downloadURL": {"@id": where},
            "dcat:mediaType": media_type, "dct:format": {"@id": kind},
            "dcat:compressFormat": {"@id": "https://www.iana.org/assignments/media-types/application/gzip"},
            "dcat:byteSize": file.size, "spdx:checksum": {
                "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"}, "spdx:checksumValue": file.sha256},
            "dct:modified": {"@type": "xsd:dateTime", "@value": file.made_at.isoformat(timespec="seconds")}}
