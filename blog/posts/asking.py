"""Asking other sites whether what a text links to is there: one request at a time for each site, by a job."""

import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import delete, update

from blog import fetching, jobs
from blog.db import db, now, transaction
from blog.fetching import Unreachable
from blog.posts.checked_links import (
    ASKED_AGAIN_AFTER,
    FORGOTTEN_AFTER,
    LONGEST_ADDRESS,
    LONGEST_HOST,
    CheckedLink,
    key_of,
)

MOST_LINKS = 200  # of one text
MOST_AT_ONCE = 10  # of one site, before other work has its turn
SECONDS = 10.0  # for each of the two requests
PAUSE = 1.0  # seconds between two pages of one site
MOST_BYTES = 1_000
NOT_TAKING_HEAD = frozenset({400, 403, 404, 405, 406, 410, 429, 500, 501, 503})


def asked_for(addresses: Sequence[str]) -> dict[str, CheckedLink]:
    """What is known of these, as far as they are of other sites; what is not, or not of late, a job asks for."""
    hosts = {address: host for address in addresses[:MOST_LINKS] if (host := host_of(address))}
    at = now()
    CheckedLink.want(hosts, at)
    known = {link.address: link for link in CheckedLink.known(hosts)}
    keep_wanted([key_of(address) for address in hosts])
    for host in sorted({link.host for link in known.values() if link.has_to_be_asked(at)}):
        jobs.enqueue("links.ask", key=f"links.ask {host}", host=host)
    return known


def keep_wanted(keys: Sequence[str]) -> None:
    """They are still in a text: noted once a day."""
    old = CheckedLink.wanted_at < now() - ASKED_AGAIN_AFTER
    if keys:
        db.session.execute(update(CheckedLink).where(CheckedLink.key.in_(keys), old).values(wanted_at=now()))


def host_of(address: str) -> str:
    """The site that an address is of; nothing for what is not of the web, or too long."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return ""
    usual = (
        parts.scheme in {"http", "https"} and len(address) <= LONGEST_ADDRESS and len(host) <= LONGEST_HOST
    )
    return host.lower() if usual else ""


@jobs.job("links.ask", slow=True, attempts=3)
def ask(host: str) -> None:
    """Ask a site for its pages one after another. The same job asks for the rest: never two at once."""
    with transaction():
        due = db.session.scalars(CheckedLink.due_at(host, now()).limit(MOST_AT_ONCE + 1)).all()
        addresses = [link.address for link in due]
    found = {}
    for number, address in enumerate(addresses[:MOST_AT_ONCE]):
        if number:
            time.sleep(PAUSE)
        found[address] = answer_of(address)
    with jobs.finished():
        for link in CheckedLink.known(found):
            link.note(*found[link.address], now())
        if len(addresses) > MOST_AT_ONCE:
            jobs.enqueue("links.ask", key=f"links.ask {host}", host=host)


def answer_of(address: str) -> tuple[int | None, str]:
    """(status, problem). HEAD first; where that is not taken, or not to be believed, GET."""
    try:
        status = status_of(address, "HEAD")
        return status_of(address, "GET") if status in NOT_TAKING_HEAD else status, ""
    except Unreachable as problem:
        return None, str(problem)


def status_of(address: str, method: str) -> int:
    agent = f"{fetching.AGENT} (checks links of {current_app.config['SITE_URL']})"
    headers = {"User-Agent": agent, "Accept": "*/*"}
    answer = fetching.fetch(address, method=method, headers=headers, seconds=SECONDS, most_bytes=MOST_BYTES)
    return answer.status


@jobs.every("links.forget", hours=24)
def forget() -> None:
    db.session.execute(delete(CheckedLink).where(CheckedLink.wanted_at < now() - FORGOTTEN_AFTER))
