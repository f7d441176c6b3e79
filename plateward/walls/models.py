"""No tables. Django tells only apps with this file that migrations are done (post_migrate)."""
