"""The register of cameras and other sources: where, whose, with which key."""
