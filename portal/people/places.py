"""Where a session is, as far as its owner needs it to know it again: the network and the kind of device. Pure."""
from ipaddress import ip_address, ip_network

# What browsers call themselves, the more particular first: most also claim to be another.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("coc_coc", "Cốc Cốc"), ("SamsungBrowser", "Samsung Internet"),
             ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"),
             ("Safari", "Safari"))
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))


def network(address: str) -> str | None:
    """The network of an address, never the household's or the person's own: 203.0.113.7 → 203.0.113.0/24."""
    try:
        known = ip_address(address)
    except ValueError:  # a local socket has none
        return None
    known = getattr(known, "ipv4_mapped", None) or known
    return str(ip_network((known, 24 if known.version == 4 else 48), strict=False))


def device(agent: str) -> str | None:
    """The browser and the system in words that its owner uses: "Chrome, Android"; None where it says neither."""
    found = [next((words for sign, words in names if sign in agent), None) for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, found)) or None
