// Makes a passkey, or shows one, and sends the form with the browser's answer in it. Hidden where no passkeys exist.
const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function ask(address, token) {
  const answer = await fetch(address, {
    method: "POST", body: new URLSearchParams({ csrf_token: token }), credentials: "same-origin",
  });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function make(options) {
  const publicKey = {
    ...options, challenge: toBytes(options.challenge), user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map((one) => ({ ...one, id: toBytes(one.id) })),
  };
  const made = await navigator.credentials.create({ publicKey });
  return {
    id: made.id, rawId: toText(made.rawId), type: made.type,
    response: {
      attestationObject: toText(made.response.attestationObject), clientDataJSON: toText(made.response.clientDataJSON),
      transports: made.response.getTransports?.() ?? [],
    },
  };
}

async function show(options) {
  const publicKey = {
    ...options, challenge: toBytes(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map((one) => ({ ...one, id: toBytes(one.id) })),
  };
  const shown = await navigator.credentials.get({ publicKey });
  const { authenticatorData, clientDataJSON, signature, userHandle } = shown.response;
  return {
    id: shown.id, rawId: toText(shown.rawId), type: shown.type,
    response: {
      authenticatorData: toText(authenticatorData), clientDataJSON: toText(clientDataJSON),
      signature: toText(signature), userHandle: userHandle ? toText(userHandle) : undefined,
    },
  };
}

export default function passkey(button) {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const { form } = button;
  const trouble = form.querySelector("[data-passkey-trouble]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    if (trouble) trouble.hidden = true;
    try {
      const options = await ask(button.dataset.options, form.elements.csrf_token?.value ?? "");
      const answer = await (button.dataset.passkey === "make" ? make(options) : show(options));
      form.elements[button.dataset.into].value = JSON.stringify(answer);
      form.submit();
    } catch {
      button.disabled = false;
      if (trouble) trouble.hidden = false;
    }
  });
}
