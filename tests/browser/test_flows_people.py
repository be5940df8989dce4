"""How people come in, and back in, in a browser: invited, joined, with codes and passkeys, and without all of them."""

import re
from collections.abc import Callable
from io import BytesIO

import pyotp
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from blog import settings
from blog.accounts.models import User
from blog.db import db, now, transaction
from tests import make
from tests.browser.person import Person
from tests.letters import letters_to
from tests.working import do_jobs

PASSWORD = "a sentence that nobody guesses"
MAILBOX = "zelda@example.com"
NAMES = {"Name": "Zelda", "Username": "zelda"}
TWICE = {"Password": PASSWORD, "The same again": PASSWORD}
SIGN_IN = {"Username or e-mail": "zelda", "Password": PASSWORD}


def newest_link_to(recipient: str) -> str:
    """The first link of the newest letter, whichever process has written it."""
    do_jobs()
    found = re.search(r"https?://\S+/\S+", letters_to(recipient)[-1].body)
    assert found
    return re.sub(r"https?://[^/]+", "", found[0])


class Authenticator:
    """Shows a code that was not used before: where the present one was, the one that comes next."""

    def __init__(self, secret: str) -> None:
        self.codes = pyotp.TOTP(secret)
        self.step = 0

    def shows(self) -> str:
        self.step = max(self.step + 1, self.codes.timecode(now()))
        return self.last

    @property
    def last(self) -> str:
        return self.codes.generate_otp(self.step)


class Telephone:
    """A passkey in Chromium, without a finger to touch it."""

    def __init__(self, page: Page) -> None:
        self.tools = page.context.new_cdp_session(page)
        self.tools.send("WebAuthn.enable")
        kind = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
        }
        options = {**kind, "isUserVerified": True, "automaticPresenceSimulation": True}
        self.id = self.tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def is_lost(self) -> None:
        self.tools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})


def invite(host: Person, **chosen: str) -> str:
    """The link that she is shown."""
    host.follows("Settings")
    host.follows("Invitations")
    host.follows("Invite somebody")
    for label, choice in chosen.items():
        host.field(label).select_option(choice)
    host.presses("Invite")
    host.is_headed("An invitation")
    return host.page.locator("main code").inner_text()


def join(guest: Person, link: str) -> None:
    guest.goes_to(link)
    guest.reads("You are invited as an editor")
    guest.types({**NAMES, "E-mail": MAILBOX, **TWICE, "The same again": "something else"})
    guest.presses("Join")
    guest.is_told_beside("The same again", "The two are not the same.")
    guest.finds_typed({**NAMES, "E-mail": MAILBOX})
    guest.types(TWICE)
    guest.presses("Join")
    guest.is_told("Welcome, Zelda.")


def set_codes_up(person: Person) -> tuple[Authenticator, list[str]]:
    """With the recovery codes."""
    person.goes_to("/account/")
    person.follows("One-time codes")
    authenticator = Authenticator(person.page.locator("main form code").inner_text().replace(" ", ""))
    person.types({"Code": "000000"})
    person.presses("Set up one-time codes")
    person.is_told_beside("Code", "This is not the present code.")
    person.types({"Code": authenticator.shows()})
    person.presses("Set up one-time codes")
    person.is_headed("Recovery codes")
    codes = person.page.locator(".register code").all_inner_texts()
    person.follows("I have kept them")
    person.reads("10 recovery codes are left")
    return authenticator, codes


def sign_in(person: Person) -> None:
    person.goes_to("/login")
    person.types(SIGN_IN)
    person.presses("Sign in")


def sign_out(person: Person) -> None:
    person.presses("Sign out")
    person.is_told("You are signed out.")


def add_passkey(person: Person) -> Telephone:
    telephone = Telephone(person.page)
    person.goes_to("/account/")
    person.follows("Passkeys")
    person.types({"Name": "My telephone"})
    person.presses("Add a passkey")
    person.follows("My telephone")
    person.is_headed("My telephone")
    return telephone


def test_somebody_is_invited_joins_loses_everything_and_gets_back_in(
    owner: User, arrive: Callable[..., Person], named_address: str, scripted: bool
) -> None:
    host, zelda = (arrive(base_url=named_address) for _ in range(2))
    host.goes_to("/login")
    host.types({"Username or e-mail": "owner", "Password": make.PASSWORD})
    host.presses("Sign in")
    link = invite(host, Role="editor")
    join(zelda, link)
    host.goes_to("/admin/invitations")
    host.reads("zelda", "used")
    host.goes_to(link)
    host.is_headed("There is nothing at this address")

    authenticator, recovery_codes = set_codes_up(zelda)
    sign_out(zelda)
    sign_in(zelda)
    zelda.is_headed("One-time code")
    zelda.types({"Code": authenticator.last})  # it was used
    zelda.presses("Sign in")
    zelda.is_told_beside("Code", "This code is wrong, too old, or was used before.")
    zelda.types({"Code": authenticator.shows()})
    zelda.presses("Sign in")
    zelda.follows("Zelda")
    zelda.is_headed("Your account")

    if scripted:
        telephone = add_passkey(zelda)
        sign_out(zelda)
        zelda.goes_to("/login")
        zelda.presses("Sign in with a passkey")
        zelda.follows("Zelda")
        telephone.is_lost()

    elsewhere = arrive(base_url=named_address)  # another telephone, on which there is nothing
    sign_in(elsewhere)
    elsewhere.types({"Code": recovery_codes[0]})
    elsewhere.presses("Sign in")
    elsewhere.is_told("That recovery code is used up; 9 are left.")
    elsewhere.goes_to("/account/sessions")
    elsewhere.presses("Sign out everywhere but here")
    elsewhere.is_told("You are signed out everywhere but here.")
    elsewhere.goes_to("/account/codes")
    elsewhere.presses("Ask for codes no longer")
    set_codes_up(elsewhere)
    zelda.goes_to("/account/")
    zelda.is_headed("Sign in")


def test_a_passkey_proves_who_it_is_where_that_is_asked_again(
    alice: User, new_page: Callable[..., Page], named_address: str
) -> None:
    her = Person(new_page(base_url=named_address))
    her.goes_to("/login")
    her.types({"Username or e-mail": "alice", "Password": make.PASSWORD})
    her.presses("Sign in")
    expect(her.page.get_by_role("link", name="Alice", exact=True)).to_be_visible()
    add_passkey(her)
    with transaction():
        db.session.execute(db.text("UPDATE sign_ins SET confirmed_at = '2026-01-01 00:00:00+00:00'"))
    her.goes_to("/account/password")
    her.is_headed("Is it still you?")
    her.presses("Use a passkey")
    her.is_headed("Password")


def test_who_is_invited_by_letter_has_a_confirmed_address(owner: User, arrive: Callable[..., Person]) -> None:
    host, zelda = arrive(owner), arrive()
    host.goes_to("/admin/invitations/new")
    host.types({"E-mail": MAILBOX})
    host.field("Role").select_option("author")
    host.presses("Invite")
    host.is_told(f"An invitation is on its way to {MAILBOX}.")
    zelda.goes_to(newest_link_to(MAILBOX))
    zelda.reads("You are invited as an author", MAILBOX)
    zelda.types({**NAMES, **TWICE})
    zelda.presses("Join")
    zelda.is_told("Welcome, Zelda.")
    zelda.goes_to("/account/email")
    zelda.reads("and you have confirmed it")


def test_an_invitation_is_withdrawn(owner: User, arrive: Callable[..., Person]) -> None:
    host, zelda = arrive(owner), arrive()
    link = invite(host, Role="editor")
    zelda.goes_to(link)
    zelda.types({**NAMES, "E-mail": MAILBOX, **TWICE})
    host.follows("I have copied it")
    host.reads("whoever has the link")
    host.presses("Withdraw")
    host.is_told("That invitation is withdrawn: its link leads nowhere.")
    zelda.presses("Join")
    zelda.is_headed("There is nothing at this address")
    zelda.reads("This invitation was used or withdrawn")


def test_a_reader_joins_by_themselves_and_comments(owner: User, arrive: Callable[..., Person]) -> None:
    make.post(owner, title="A quiet morning", slug="quiet")
    host, zelda = arrive(owner), arrive()
    zelda.goes_to("/join")
    zelda.is_headed("There is nothing at this address")
    host.goes_to("/admin/settings")
    host.field("Readers may join by themselves").check()
    host.presses("Save settings")
    host.is_told("The settings are saved.")
    zelda.goes_to("/")
    zelda.follows("Join")
    zelda.types({"E-mail": "zelda"})
    zelda.presses("Send the link")
    zelda.is_told_beside("E-mail", "This is no e-mail address.")
    zelda.types({"E-mail": MAILBOX})
    zelda.presses("Send the link")
    zelda.is_told(f"A letter is on its way to {MAILBOX}.")
    zelda.goes_to(newest_link_to(MAILBOX))
    zelda.types({**NAMES, "Username": "owner", **TWICE})
    zelda.presses("Join")
    zelda.is_told_beside("Username", "That username is taken, or looks just like one that is.")
    zelda.types({"Username": "zelda", **TWICE})
    zelda.presses("Join")
    zelda.is_told("Welcome, Zelda.")
    zelda.goes_to("/posts/quiet")
    zelda.types({"Your comment": "Well said."})
    zelda.presses("Send comment")
    zelda.reads("Zelda", "Well said.")


def test_who_is_here_already_is_told_by_letter_alone(alice: User, arrive: Callable[..., Person]) -> None:
    with transaction():
        settings.save(joining_open=True)
    somebody = arrive()
    somebody.goes_to("/join")
    somebody.types({"E-mail": "alice@example.com"})
    somebody.presses("Send the link")
    somebody.is_told("A letter is on its way to alice@example.com.")
    assert newest_link_to("alice@example.com") == "/login"


def test_a_forgotten_password_is_set_anew_by_letter(alice: User, arrive: Callable[..., Person]) -> None:
    elsewhere, her = arrive(alice), arrive()
    her.goes_to("/login")
    her.follows("Forgot your password?")
    her.types({"E-mail or username": "alice"})
    her.presses("Send the link")
    her.is_told("If somebody here has that address, a letter is on its way to it.")
    link = newest_link_to("alice@example.com")
    her.goes_to(link)
    her.types({"New password": "qwertyuiop", "The same again": "qwertyuiop"})
    her.presses("Change password")
    her.is_told_beside("New password", "commonest")
    her.types({"New password": PASSWORD, "The same again": PASSWORD})
    her.presses("Change password")
    her.is_told("Your password is changed. Sign in with it.")
    her.types({"Username or e-mail": "alice", "Password": PASSWORD})
    her.presses("Sign in")
    her.follows("Alice")
    her.is_headed("Your account")
    elsewhere.goes_to("/account/")
    elsewhere.is_headed("Sign in")
    elsewhere.goes_to(link)
    elsewhere.is_told("This link was used before, or it is too old.")


def test_sessions_are_listed_and_ended(alice: User, arrive: Callable[..., Person]) -> None:
    desk, telephone, library = (arrive(alice) for _ in range(3))
    desk.goes_to("/account/sessions")
    rows = desk.page.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.filter(has_text="(this one)")).to_have_count(1)
    desk.page.get_by_role("button", name="End", exact=True).first.click()
    desk.is_told("That session is over.")
    expect(rows).to_have_count(2)
    library.goes_to("/account/")
    library.is_headed("Sign in")
    telephone.goes_to("/account/sessions")
    telephone.presses("Sign out everywhere but here")
    desk.goes_to("/account/")
    desk.is_headed("Sign in")


@pytest.fixture
def photograph() -> dict[str, object]:
    written = BytesIO()
    Image.linear_gradient("L").resize((600, 400)).save(written, "JPEG")
    return {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}


def test_somebody_shows_their_face_and_chooses_a_clock(
    alice: User, arrive: Callable[..., Person], photograph: dict[str, object]
) -> None:
    make.post(alice, title="A quiet morning", slug="quiet")
    her, reader = arrive(alice), arrive()
    her.goes_to("/account/")
    her.presses("Save picture")
    her.is_told_beside("Picture", "Choose a picture first.")
    her.field("Picture").set_input_files(
        {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
    )
    her.presses("Save picture")
    her.is_told_beside("Picture", "This cannot be read.")
    her.field("Picture").set_input_files(photograph)  # type: ignore[arg-type]  # a file without a path
    her.presses("Save picture")
    her.is_told("This is your picture now.")
    reader.goes_to("/authors/alice")
    expect(reader.page.locator(".portrait")).to_have_js_property("naturalWidth", 96)
    her.types({"Language": "de"})
    her.field("Time zone").select_option("Asia/Tokyo")
    her.presses("Save profile")
    her.is_told("Your profile is saved.")
    her.presses("Remove the picture")
    her.is_told("Your picture is removed.")
    reader.goes_to("/authors/alice")
    expect(reader.page.locator(".portrait")).to_have_count(0)
