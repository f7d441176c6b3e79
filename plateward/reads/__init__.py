"""Reads and their pictures, from the durable inbox to the partitioned store."""
