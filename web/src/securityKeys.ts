/**
 * Asks a security key or passkey (WebAuthn): `<div data-security-key="get|create" data-options="{…}">` around a form with
 * a hidden field `answer`. The server's question is in the page; sending the form asks the key and sends its answer.
 */
type Bytes = Uint8Array<ArrayBuffer>;
type Descriptor = { id: string; type: "public-key" };

export function securityKeys(): void {
  for (const box of document.querySelectorAll<HTMLElement>("[data-security-key]")) {
    const able = "PublicKeyCredential" in window;
    show(box, able ? "[data-with-keys]" : "[data-without-keys]");
    const form = box.querySelector("form")!;
    if (!able) form.querySelector<HTMLButtonElement>("button[type=submit]")!.disabled = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void answer(box, form);
    });
  }
}

async function answer(box: HTMLElement, form: HTMLFormElement): Promise<void> {
  const problem = box.querySelector<HTMLElement>("[data-key-problem]")!;
  problem.hidden = true;
  try {
    const options = JSON.parse(box.dataset["options"] ?? "{}");
    const made =
      box.dataset["securityKey"] === "create"
        ? await navigator.credentials.create({ publicKey: creation(options) })
        : await navigator.credentials.get({ publicKey: request(options) });
    const field = form.elements.namedItem("answer") as HTMLInputElement;
    field.value = JSON.stringify(spelled(made as PublicKeyCredential));
    form.submit();
  } catch (error) {
    problem.textContent = explained(error as Error);
    problem.hidden = false;
  }
}

/** What went wrong in words: browsers say the same for a time run out, a refusal and a key that holds nothing. */
export function explained(error: Error): string {
  if (error.name === "InvalidStateError") return "This key is set up already. Use another one.";
  if (error.name === "NotAllowedError") return "The key did not answer. Continue again, and touch it when it blinks.";
  return `The key could not be used: ${error.message}`;
}

export function creation(options: Record<string, any>): PublicKeyCredentialCreationOptions {
  return {
    ...options,
    challenge: bytes(options["challenge"]),
    user: { ...options["user"], id: bytes(options["user"].id) },
    excludeCredentials: descriptors(options["excludeCredentials"]),
  } as unknown as PublicKeyCredentialCreationOptions;
}

export function request(options: Record<string, any>): PublicKeyCredentialRequestOptions {
  return {
    ...options,
    challenge: bytes(options["challenge"]),
    allowCredentials: descriptors(options["allowCredentials"]),
  };
}

function descriptors(known: Descriptor[] | undefined): PublicKeyCredentialDescriptor[] {
  return (known ?? []).map((descriptor) => ({ ...descriptor, id: bytes(descriptor.id) }));
}

/** A credential as JSON, its bytes in base64url (WebAuthn level 3, `RegistrationResponseJSON` and its sibling). */
export function spelled(made: PublicKeyCredential): Record<string, unknown> {
  const given = made.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature"] as const;
  const response = Object.fromEntries(
    parts.filter((part) => given[part]).map((part) => [part, text(new Uint8Array(given[part]))]),
  );
  return { id: made.id, rawId: text(new Uint8Array(made.rawId)), type: made.type, response };
}

export function bytes(spelling: string): Bytes {
  return Uint8Array.from(atob(spelling.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
}

export function text(found: Uint8Array): string {
  return btoa(String.fromCharCode(...found)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function show(box: HTMLElement, selector: string): void {
  box.querySelector<HTMLElement>(selector)!.hidden = false;
}
