// Passkeys: the one thing of these pages that a browser knows only by script. What the server sent goes to the device, what the device
// answers goes back; nothing is decided here.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const post = async (address, body) => {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body ?? {}),
    signal: AbortSignal.timeout(30_000),
  });
  const kind = answer.headers.get("content-type") ?? "";
  const said = kind.startsWith("application/json") ? await answer.json() : {};
  if (!answer.ok) throw new Error(said.said ?? "");
  return said;
};

const create = async (button) => {
  const asked = await post(button.dataset.begin);
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: bytes(asked.challenge),
      rp: { id: asked.site, name: asked.operator },
      user: { id: bytes(asked.user), name: asked.login, displayName: asked.name },
      pubKeyCredParams: asked.algorithms.map((alg) => ({ type: "public-key", alg })),
      excludeCredentials: asked.known.map((id) => ({ type: "public-key", id: bytes(id) })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
      timeout: 300_000,
    },
  });
  const name = document.querySelector("[data-passkey-name]")?.value ?? "";
  return post(button.dataset.finish, {
    name,
    made: { client_data: text(made.response.clientDataJSON), attestation: text(made.response.attestationObject) },
  });
};

const get = async (button) => {
  const asked = await post(button.dataset.begin);
  const answer = await navigator.credentials.get({
    publicKey: { challenge: bytes(asked.challenge), rpId: asked.site, userVerification: "required", timeout: 300_000 },
  });
  return post(button.dataset.finish, {
    id: text(answer.rawId),
    client_data: text(answer.response.clientDataJSON),
    authenticator: text(answer.response.authenticatorData),
    signature: text(answer.response.signature),
    user: answer.response.userHandle ? text(answer.response.userHandle) : null,
  });
};

for (const button of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-busy") === "true") return;
    const alert = document.querySelector("[data-passkey-error]");
    alert.hidden = true;
    button.setAttribute("aria-busy", "true");
    try {
      const done = await (button.dataset.passkey === "create" ? create(button) : get(button));
      location.assign(done.to);
    } catch (error) {
      // What the browser says of a cancelled prompt is for programmers; ours is for whoever pressed.
      alert.textContent = error instanceof DOMException || !error.message ? button.dataset.failed : error.message;
      alert.hidden = false;
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}
