// A button that asks the browser for a passkey, and sends what it answers with the form around the button.

export function enhance(button) {
  if (!window.PublicKeyCredential) return;
  button.hidden = false;
  button.closest("[data-needs-script]")?.removeAttribute("hidden");
  button.addEventListener("click", () => ask(button));
}

async function ask(button) {
  const { form } = button;
  if (button.ariaDisabled) return;
  button.ariaDisabled = "true";
  try {
    const question = await questionFor(button);
    const answer = button.dataset.act === "create" ? await make(question) : await use(question);
    form.querySelector("[data-answer]").value = JSON.stringify(answer);
    form.requestSubmit();
  } catch (error) {
    tell(form, error);
  }
  button.ariaDisabled = null;
}

async function questionFor(button) {
  const body = new URLSearchParams({ csrf_token: button.form.elements.csrf_token?.value ?? "" });
  const answer = await fetch(button.dataset.question, { method: "POST", body });
  if (!answer.ok) throw new Error(answer.statusText);
  const { publicKey } = await answer.json();
  return { ...publicKey, challenge: bytes(publicKey.challenge) };
}

async function make(question) {
  const user = { ...question.user, id: bytes(question.user.id) };
  const excludeCredentials = (question.excludeCredentials ?? []).map((known) => ({ ...known, id: bytes(known.id) }));
  const made = await navigator.credentials.create({ publicKey: { ...question, user, excludeCredentials } });
  const { clientDataJSON, attestationObject } = made.response;
  return told(made, { clientDataJSON: text(clientDataJSON), attestationObject: text(attestationObject) });
}

async function use(question) {
  const used = await navigator.credentials.get({ publicKey: question });
  const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
  return told(used, {
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    userHandle: userHandle && text(userHandle),
  });
}

function told(credential, response) {
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
}

// Bytes travel in base64, in the alphabet for addresses, without padding.

function bytes(written) {
  const plain = atob(written.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

const REASONS = {
  NotAllowedError: "No passkey was given, or it took too long. You can try again.",
  InvalidStateError: "This device holds a passkey for your account already.",
};

function tell(form, error) {
  const place = form.querySelector("[data-problem]");
  place.textContent = REASONS[error.name] ?? "That did not work. Load the page again and retry.";
  place.hidden = false;
}
