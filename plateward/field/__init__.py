"""Officers' work on alerts away from the station: handed over, verified, closed; also without network."""
