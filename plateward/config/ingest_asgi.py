"""The receiver's ASGI application, on the process's own settings. It needs no Django."""

from plateward.config.environment import Environment
from plateward.ingest.app import create_app
from plateward.vault.chosen import masters_of

_environment = Environment.load()
application = create_app(
    _environment.ingest_url, (_environment.data, _environment.pictures), masters_of(_environment)
)
