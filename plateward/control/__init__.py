"""Control of accounts: ends that the clock brings, vendor windows, emergencies, account reviews."""
