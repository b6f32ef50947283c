"""The door for machines. Its resources come with the progress feed; today it holds no endpoint."""
from flask import Flask


def init_app(_app: Flask) -> None:
    """Nothing to register yet."""
