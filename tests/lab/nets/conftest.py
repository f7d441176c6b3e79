"""These modules import PyTorch, so that without it they cannot even be collected."""

from tests.tools import find_torch

collect_ignore_glob = [] if find_torch() else ["test_*.py"]
