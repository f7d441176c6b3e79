import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BACKGROUND, ask, markBackground } from "../src/activity";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function requested(triggeringEvent: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  document.dispatchEvent(new CustomEvent("htmx:configRequest", { detail: { headers, triggeringEvent } }));
  return headers;
}

test("what a person clicks is activity, what the page fetches by itself is not", () => {
  markBackground();
  expect(requested({ isTrusted: true })).toEqual({});
  expect(requested(new Event("poll"))).toEqual({ [BACKGROUND]: "1" });
  expect(requested(undefined)).toEqual({ [BACKGROUND]: "1" });
});

test("a page is left for the lock page once the session is locked, not before", async () => {
  const answers = [
    { type: "basic", ok: true, text: async () => "10" },
    { type: "opaqueredirect", ok: false },
  ];
  vi.stubGlobal("fetch", vi.fn(async () => answers.shift()));
  const go = vi.fn();
  await ask(go);
  expect(go).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(11_000);
  expect(go).toHaveBeenCalledWith(expect.stringMatching(/^\/locked\/\?next=%2F/));
});

test("a server that is away is asked again", async () => {
  const fetched = vi.fn(async () => Promise.reject(new Error("away")));
  vi.stubGlobal("fetch", fetched);
  await ask(vi.fn());
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fetched).toHaveBeenCalledTimes(2);
});
