import { beforeEach, expect, test, vi } from "vitest";
import { bytes, text } from "../src/securityKeys";
import { explained, spelled, tellingBrowsers } from "../src/telling";

const KEY = text(Uint8Array.from({ length: 65 }, (_, index) => index));
const MADE = { endpoint: "https://push.example/1", keys: { p256dh: "BA", auth: "AQ" } };

function stub(permission: string, known: unknown = null) {
  const subscribe = vi.fn(async () => ({ toJSON: () => MADE }));
  const registration = { active: {}, pushManager: { getSubscription: async () => known, subscribe } };
  vi.stubGlobal("PushManager", class {});
  vi.stubGlobal("Notification", { requestPermission: async () => permission });
  Object.defineProperty(navigator, "serviceWorker", { value: { register: async () => registration }, configurable: true });
  return subscribe;
}

beforeEach(() => {
  document.body.innerHTML = `
    <form data-push="${KEY}" data-worker="/field/worker.js" data-scope="/field/">
      <input type="hidden" name="endpoint"><input type="hidden" name="p256dh"><input type="hidden" name="auth">
      <input name="name" value="My phone"><p data-push-problem hidden></p>
    </form>`;
});

const form = () => document.querySelector("form")!;
const problem = () => document.querySelector<HTMLElement>("[data-push-problem]")!;

async function sent(): Promise<boolean> {
  const submit = vi.spyOn(form(), "submit").mockImplementation(() => undefined);
  tellingBrowsers();
  form().dispatchEvent(new SubmitEvent("submit", { cancelable: true }));
  await vi.waitFor(() => expect(submit.mock.calls.length + Number(!problem().hidden)).toBe(1));
  return submit.mock.calls.length === 1;
}

test("what the browser's push service says is sent with the form", async () => {
  const subscribe = stub("granted");
  expect(await sent()).toBe(true);
  expect(new FormData(form()).get("endpoint")).toBe(MADE.endpoint);
  expect(new FormData(form()).get("auth")).toBe("AQ");
  expect(subscribe).toHaveBeenCalledWith({ userVisibleOnly: true, applicationServerKey: bytes(KEY) });
});

test("a subscription under another key is given up first", async () => {
  const unsubscribe = vi.fn(async () => true);
  stub("granted", { options: { applicationServerKey: Uint8Array.of(1).buffer }, unsubscribe });
  await sent();
  expect(unsubscribe).toHaveBeenCalledOnce();
});

test("one under this key is kept", async () => {
  const unsubscribe = vi.fn(async () => true);
  stub("granted", { options: { applicationServerKey: bytes(KEY).buffer }, unsubscribe });
  await sent();
  expect(unsubscribe).not.toHaveBeenCalled();
});

test("who forbids notifications is told what to do, and nothing is sent", async () => {
  stub("denied");
  expect(await sent()).toBe(false);
  expect(problem().textContent).toContain("Allow them");
});

test("each trouble is explained, and a browser that gives nothing sends nothing", () => {
  expect(explained(new DOMException("", "NotSupportedError"))).toContain("Home Screen");
  expect(explained(new Error("no service"))).toContain("no service");
  expect(spelled({ toJSON: () => ({}) } as unknown as PushSubscription)).toEqual({ endpoint: "", p256dh: "", auth: "" });
});
