"""What somebody signed in with, in a few words: enough to tell one's own devices apart."""

# In this order: most browsers also name those that they descend from.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Vivaldi", "Vivaldi"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("X11", "Unix"),
)


def device_of(user_agent: str) -> str:
    """`Firefox on Windows`; what the browser says of itself decides, which may be untrue."""
    browser = first_in(user_agent, BROWSERS)
    system = first_in(user_agent, SYSTEMS)
    return f"{browser or 'A browser'} on {system}" if system else browser or "An unknown device"


def first_in(text: str, names: tuple[tuple[str, str], ...]) -> str | None:
    return next((name for part, name in names if part in text), None)
