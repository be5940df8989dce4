"""Templates and style sheets, looked through: nothing that is not used, nothing that the policy would refuse."""

import re
from pathlib import Path

import pytest

from blog.assets import STYLES
from config import ROOT
from tests.code import name_of, sources

TEMPLATES = ROOT / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
SHEETS = sorted((ROOT / "static/css").glob("*.css"))
every_template = pytest.mark.parametrize("path", PAGES, ids=name_of)


def test_no_template_is_too_long() -> None:
    assert not [name_of(path) for path in PAGES if len(path.read_text().splitlines()) > 150]


def test_every_template_is_used() -> None:
    used: set[str] = set()
    for path in PAGES:
        used |= set(re.findall(r"{%-?\s*(?:extends|include|import|from)\s+\"([^\"]+)\"", path.read_text()))
    for path in sources():
        used |= set(re.findall(r"\"([\w/]+\.html)\"", path.read_text()))
    assert {str(path.relative_to(TEMPLATES)) for path in PAGES} == used


TRUSTS = {"_prose.html": "was sanitised when it was saved"}


@every_template
def test_html_is_trusted_in_one_partial(path: Path) -> None:
    found = re.findall(r"\|\s*safe\b|autoescape\s+false", path.read_text())
    assert len(found) <= (str(path.relative_to(TEMPLATES)) in TRUSTS)


@every_template
def test_pages_hold_no_style_and_no_handler(path: Path) -> None:
    """The content security policy would refuse them."""
    assert not re.findall(r"<style|\sstyle=|\son\w+=|javascript:", path.read_text())
    for script in re.findall(r"<script[^>]*>", path.read_text()):
        assert 'nonce="{{ csp_nonce() }}"' in script


@every_template
def test_every_form_that_changes_something_carries_a_token(path: Path) -> None:
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL):
        assert re.search(r"csrf\(\)|hidden_tag\(\)|sent\.fields|csrf_token", form)


# Style


def test_every_style_sheet_is_sent() -> None:
    assert {path.stem for path in SHEETS} == set(STYLES)
    assert len(set(STYLES)) == len(STYLES)


MADE = {
    "code.css",
    "corners.css",
}  # whose classes are put together: by Pygments, and from the colours of pictures


def styled() -> set[str]:
    """The classes that the style sheets know, without those that no page or module spells out."""
    found: set[str] = set()
    for path in SHEETS:
        rules = re.sub(r"/\*.*?\*/|url\([^)]*\)|\"[^\"]*\"", "", path.read_text(), flags=re.DOTALL)
        selectors = " ".join(re.findall(r"([^{};]+){", rules))
        names = set(re.findall(r"\.(-?[a-z][\w-]*)", selectors))
        found |= names & {"code"} if path.name in MADE else names
    return found


def classes_in_pages() -> set[str]:
    found: set[str] = set()
    for path in PAGES:
        for given in re.findall(r"class=\"([^\"]*)\"", path.read_text()):
            found |= set(re.sub(r"{[{%].*?[}%]}", " ", given).split())
    return found


FOR_PROGRAMS = re.compile(r"(h|p|u|dt|e)-[a-z]+")  # http://microformats.org/wiki/microformats2


def test_every_class_of_a_page_has_a_style() -> None:
    unknown = classes_in_pages() - styled()
    assert {name for name in unknown if not FOR_PROGRAMS.fullmatch(name)} == set()


def test_every_style_is_used() -> None:
    texts = [path.read_text() for path in [*sources(), *(ROOT / "static/js").glob("*.js")]]
    words = set(re.findall(r"[\w-]+", " ".join(texts)))
    assert styled() - classes_in_pages() - words == set()


def test_every_colour_has_a_name() -> None:
    """Raw colours stand in one sheet; all others use the names, which the dark scheme redefines."""
    raw = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|lab|lch)a?\(", re.IGNORECASE)
    found = {
        path.stem
        for path in SHEETS
        if raw.search(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL))
    }
    assert found <= {"colours", "print", "corners"}  # the last are made by number
