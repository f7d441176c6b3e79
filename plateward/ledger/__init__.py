"""The provable journal: canonical bytes, a Merkle tree (RFC 6962), signed checkpoints, proofs, their checks.

Pure: no database, no clock, no files. `verifier.py` is the exception by design: a program of one file that an
outside auditor runs with Python alone; it repeats what it needs rather than import anything of this folder.
"""
