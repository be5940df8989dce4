"""Who is no reader, by the name that a browser gives itself. Most bots run no script, and so are never asked."""

import re

# Words of crawlers, previews, monitors, libraries and browsers without a window: what the public lists of them share.
BOTS = re.compile(
    r"bot|crawl|spider|slurp|scrap|archiv|fetch|preview|monitor|uptime|check|validator|lighthouse|headless|phantom"
    r"|puppeteer|playwright|selenium|facebookexternalhit|whatsapp|telegram|embedly|feed|rss|http|curl|wget|python|java/"
    r"|perl|ruby|php|go-|okhttp|axios|node|libwww|postman|insomnia|scan|probe",
    re.IGNORECASE,
)
BROWSER = re.compile(r"^(Mozilla|Opera|Lynx|Links|w3m|Dillo|NetSurf|ELinks)/", re.IGNORECASE)
HARMLESS = re.compile(r"\bcubot\b", re.IGNORECASE)  # a maker of telephones


def is_bot(user_agent: str) -> bool:
    """Whoever does not say that they are a browser, or says that they are something else as well."""
    return not BROWSER.match(user_agent) or bool(BOTS.search(HARMLESS.sub("", user_agent)))
