"""The receiver's ASGI application, on the process's own settings. It needs no Django."""

from plateward.config.environment import Environment
from plateward.ingest.app import create_app

application = create_app(Environment.load().ingest_url)
