"""Security incidents: from discovery to the notice that Civil Code 1798.29 demands."""
