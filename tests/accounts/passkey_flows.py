"""What a browser does with a passkey, request by request."""

from werkzeug.test import TestResponse

from tests.authenticator import Authenticator
from tests.visitor import Visitor

NO_ANSWER = "That was no answer to the present question."


def add(client: Visitor, device: Authenticator, name: str = "Telephone") -> TestResponse:
    question = client.post("/account/passkeys/question").get_json()
    return client.post("/account/passkeys", data={"name": name, "passkey": device.make(question)})


def come_in(client: Visitor, device: Authenticator, **more: str) -> TestResponse:
    question = client.post("/login/passkey/question").get_json()
    return client.post("/login/passkey", data={"passkey": device.sign(question), **more})
