import { beforeEach, expect, test, vi } from "vitest";
import { bytes, creation, explained, request, securityKeys, spelled, text } from "../src/securityKeys";

beforeEach(() => {
  document.body.innerHTML = `
    <div data-security-key="get" data-options='{"challenge": "AQ", "rpId": "alpr.example"}'>
      <p data-with-keys hidden></p><p data-without-keys hidden></p><p data-key-problem hidden></p>
      <form><input type="hidden" name="answer"><button type="submit">Continue</button></form>
    </div>`;
});

test("bytes travel as base64url and back", () => {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  expect(text(all)).not.toMatch(/[+/=]/);
  expect(bytes(text(all))).toEqual(all);
});

test("questions get their bytes back", () => {
  const made = creation({ challenge: "AQ", user: { id: "Ag", name: "ortiz" } });
  expect([made.challenge, made.user.id]).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
  const asked = request({ challenge: "AQ", allowCredentials: [{ id: "Aw", type: "public-key" }] });
  expect(asked.allowCredentials).toEqual([{ id: Uint8Array.of(3), type: "public-key" }]);
});

test("an answer holds what the browser gave, and nothing that it did not", () => {
  const response = { clientDataJSON: Uint8Array.of(1).buffer, attestationObject: Uint8Array.of(2).buffer };
  const made = { id: "Aw", rawId: Uint8Array.of(3).buffer, type: "public-key", response };
  expect(spelled(made as unknown as PublicKeyCredential)).toEqual({
    id: "Aw",
    rawId: "Aw",
    type: "public-key",
    response: { clientDataJSON: "AQ", attestationObject: "Ag" },
  });
});

test("a browser without keys says so, and its form sends nothing", () => {
  vi.stubGlobal("PublicKeyCredential", undefined);
  Reflect.deleteProperty(window, "PublicKeyCredential");
  securityKeys();
  expect(document.querySelector<HTMLElement>("[data-without-keys]")!.hidden).toBe(false);
  expect(document.querySelector<HTMLButtonElement>("button")!.disabled).toBe(true);
});

test("a key that does not answer is told of, and the form stays", async () => {
  Object.assign(window, { PublicKeyCredential: class {} });
  const refused = Object.assign(new Error("timed out"), { name: "NotAllowedError" });
  vi.stubGlobal("navigator", { credentials: { get: vi.fn(async () => Promise.reject(refused)) } });
  securityKeys();
  document.querySelector("form")!.requestSubmit();
  const problem = document.querySelector<HTMLElement>("[data-key-problem]")!;
  await vi.waitFor(() => expect(problem.hidden).toBe(false));
  expect(problem.textContent).toBe(explained(refused));
});
