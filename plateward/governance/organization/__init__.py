"""The organization of an agency: positions, delegations, authorizations for data, units and contracts."""
