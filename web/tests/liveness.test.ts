import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { liveness, POLL_MS, REOPENED_MS, SILENCE_MS } from "../src/liveness";

let indicator: ReturnType<typeof liveness>;
let source: EventTarget;
let polls: number;
let reloads: number;
const count = () => (polls += 1);

beforeEach(() => {
  vi.useFakeTimers();
  polls = reloads = 0;
  vi.stubGlobal("EventSource", { CONNECTING: 0, CLOSED: 2 });
  document.body.addEventListener("poll", count);
  source = new EventTarget();
  indicator = liveness(() => (reloads += 1));
  indicator.init();
});
afterEach(() => {
  indicator.destroy();
  document.body.removeEventListener("poll", count);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const opens = () => document.dispatchEvent(new CustomEvent("htmx:sseOpen", { detail: { source } }));
const breaks = () => document.dispatchEvent(new CustomEvent("htmx:sseError"));

test("an open stream is live, and what was missed before it opened is fetched", () => {
  expect(indicator.label).toBe("Connecting");
  opens();
  expect([indicator.label, polls]).toEqual(["Live", 1]);
});

test("a lost stream is said at once, polled meanwhile, and live again when it comes back", () => {
  opens();
  breaks();
  expect(indicator.state).toBe("reconnecting");
  vi.advanceTimersByTime(2 * POLL_MS);
  expect([indicator.state, polls]).toEqual(["polling", 3]);
  breaks();
  expect(indicator.state).toBe("polling");
  opens();
  vi.advanceTimersByTime(3 * POLL_MS);
  expect([indicator.state, polls]).toEqual(["live", 4]);
});

test("a stream that opens and never speaks counts as lost", () => {
  opens();
  vi.advanceTimersByTime(SILENCE_MS + 1);
  expect(indicator.state).toBe("reconnecting");
});

test("a stream that falls silent counts as lost until it speaks again", () => {
  opens();
  source.dispatchEvent(new Event("alive"));
  vi.advanceTimersByTime(SILENCE_MS + 1);
  expect(indicator.state).toBe("reconnecting");
  source.dispatchEvent(new Event("alive"));
  expect(indicator.state).toBe("live");
});

const fails = (readyState: number) =>
  document.dispatchEvent(
    new CustomEvent("htmx:sseError", { detail: { source: Object.assign(source, { readyState, url: "/live/stream" }) } }),
  );

test("a stream that the server ends and another that follows are no interruption", () => {
  opens();
  source.dispatchEvent(new Event("reopen"));
  fails(EventSource.CONNECTING);
  expect(indicator.label).toBe("Live");
  vi.advanceTimersByTime(REOPENED_MS - 1);
  opens();
  vi.advanceTimersByTime(REOPENED_MS);
  expect([indicator.label, polls]).toEqual(["Live", 2]);
  fails(EventSource.CONNECTING);
  expect(indicator.state, "what was not announced is an interruption").toBe("reconnecting");
});

test("a stream that ended and does not come back is lost", () => {
  opens();
  source.dispatchEvent(new Event("reopen"));
  fails(EventSource.CONNECTING);
  vi.advanceTimersByTime(REOPENED_MS + 1);
  expect(indicator.state).toBe("reconnecting");
});

test.each([
  ["a refused stream loads the page again, which says why", { status: 403 }, 1],
  ["one that leads to the log-in too", { type: "opaqueredirect", status: 0 }, 1],
  ["one that the server could not answer does not", { status: 503 }, 0],
])("%s", async (_, answer, times) => {
  vi.stubGlobal("fetch", () => Promise.resolve(answer));
  opens();
  source.dispatchEvent(new Event("reopen"));
  fails(EventSource.CLOSED);
  expect(indicator.state).toBe("reconnecting");
  await vi.runOnlyPendingTimersAsync();
  expect(reloads).toBe(times);
});
