"""The portal's own address, for what is read outside of a request: papers, QR codes, letters."""
from flask import current_app


def public_url() -> str:
    """PUBLIC_URL without a slash at its end; else the first trusted host, which is right on one's own machine."""
    config = current_app.config
    scheme = "http" if config["INSECURE_HTTP"] else "https"
    return str(config["PUBLIC_URL"] or f"{scheme}://{config['TRUSTED_HOSTS'][0]}").rstrip("/")
