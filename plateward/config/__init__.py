"""Settings, addresses, and the `plateward` command."""
