"""Data handed to other agencies, and to the public as the law says."""
