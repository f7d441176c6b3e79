"""These modules import PyTorch, so that without it they cannot even be collected."""

from tests.tools import find_torch

if find_torch():
    import torch

    torch.set_num_threads(1)  # threads of small networks wait for each other on busy computers

collect_ignore_glob = [] if find_torch() else ["test_*.py"]
