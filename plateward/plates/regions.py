"""States, provinces and countries as plates, registers and makers of cameras name them (ISO 3166)."""

from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia",
    "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana",
    "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland",
    "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri",
    "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio",
    "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah",
    "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin",
    "WY": "Wyoming",
}  # fmt: skip
"""The States and the District of Columbia by their postal codes."""

PROVINCES: Mapping[str, str] = {
    "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
    "NL": "Newfoundland and Labrador", "NS": "Nova Scotia", "NT": "Northwest Territories",
    "NU": "Nunavut", "ON": "Ontario", "PE": "Prince Edward Island", "QC": "Quebec",
    "SK": "Saskatchewan", "YT": "Yukon",
}  # fmt: skip
"""Canada's provinces and territories; none shares its code with a State."""

COUNTRIES: Mapping[str, str] = {
    "USA": "US", "CAN": "CA", "MEX": "MX", "ALB": "AL", "AND": "AD", "ARG": "AR", "AUS": "AU",
    "AUT": "AT", "BEL": "BE", "BGR": "BG", "BIH": "BA", "BLR": "BY", "BRA": "BR", "CHE": "CH",
    "CHL": "CL", "CHN": "CN", "COL": "CO", "CYP": "CY", "CZE": "CZ", "DEU": "DE", "DNK": "DK",
    "ESP": "ES", "EST": "EE", "FIN": "FI", "FRA": "FR", "GBR": "GB", "GRC": "GR", "GTM": "GT",
    "HRV": "HR", "HUN": "HU", "IND": "IN", "IRL": "IE", "ISL": "IS", "ISR": "IL", "ITA": "IT",
    "JPN": "JP", "KOR": "KR", "LIE": "LI", "LTU": "LT", "LUX": "LU", "LVA": "LV", "MCO": "MC",
    "MDA": "MD", "MKD": "MK", "MLT": "MT", "MNE": "ME", "NLD": "NL", "NOR": "NO", "NZL": "NZ",
    "POL": "PL", "PRT": "PT", "ROU": "RO", "RUS": "RU", "SAU": "SA", "SMR": "SM", "SRB": "RS",
    "SVK": "SK", "SVN": "SI", "SWE": "SE", "THA": "TH", "TUR": "TR", "TWN": "TW", "UKR": "UA",
    "ZAF": "ZA",
}  # fmt: skip
"""Alpha-2 codes of countries by alpha-3, of those whose plates cameras tell apart."""

_ISSUERS = {name.upper(): f"US-{code}" for code, name in STATES.items()} | {
    name.upper(): f"CA-{code}" for code, name in PROVINCES.items()
}


def issuer_named(name: str) -> str | None:
    """ISO 3166-2 of a North American state or province by its name or postal code: "Virginia", "VA"."""
    word = name.strip().upper()
    if word in STATES:
        return f"US-{word}"
    return f"CA-{word}" if word in PROVINCES else _ISSUERS.get(word)
