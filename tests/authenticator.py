"""A passkey without a device, which does what it is told: also what no device would do."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG


@dataclass
class Authenticator:
    """Holds one key, and signs with it."""

    origin: str = "http://localhost"
    party: str = "localhost"
    flags: AuthenticatorData.FLAG = FLAG.UP | FLAG.UV
    count: int = 0
    id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, question: dict[str, Any], **changed: Any) -> str:
        """The answer to the question for a new passkey."""
        public = ES256.from_cryptography_key(self.key.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        data = AuthenticatorData.create(self.party_hash(), self.flags | FLAG.AT, self.count, credential)
        client = self.client_data("create", question, changed)
        attested = AttestationObject.create("none", data, {})
        return self.told(clientDataJSON=client, attestationObject=attested)

    def sign(self, question: dict[str, Any], **changed: Any) -> str:
        """The answer to the question who it is."""
        data = AuthenticatorData.create(self.party_hash(), self.flags, self.count)
        client = self.client_data("get", question, changed)
        signature = self.key.sign(bytes(data) + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self.told(clientDataJSON=client, authenticatorData=data, signature=signature)

    def client_data(self, act: str, question: dict[str, Any], changed: dict[str, Any]) -> bytes:
        challenge = question["publicKey"]["challenge"]
        told = {"type": f"webauthn.{act}", "challenge": challenge, "origin": self.origin, **changed}
        return CollectedClientData.create(**told)

    def party_hash(self) -> bytes:
        return hashlib.sha256(self.party.encode()).digest()

    def told(self, **response: bytes) -> str:
        known = websafe_encode(self.id)
        parts = {name: websafe_encode(part) for name, part in response.items()}
        return json.dumps({"id": known, "rawId": known, "type": "public-key", "response": parts})
