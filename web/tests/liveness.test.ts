import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { liveness, POLL_MS, SILENCE_MS } from "../src/liveness";

let indicator: ReturnType<typeof liveness>;
let source: EventTarget;
let polls: number;
const count = () => (polls += 1);

beforeEach(() => {
  vi.useFakeTimers();
  polls = 0;
  document.body.addEventListener("poll", count);
  source = new EventTarget();
  indicator = liveness();
  indicator.init();
});
afterEach(() => {
  indicator.destroy();
  document.body.removeEventListener("poll", count);
  vi.useRealTimers();
});

const opens = () => document.dispatchEvent(new CustomEvent("htmx:sseOpen", { detail: { source } }));
const fails = () => document.dispatchEvent(new CustomEvent("htmx:sseError"));

test("an open stream is live, and what was missed before it opened is fetched", () => {
  expect(indicator.label).toBe("Connecting");
  opens();
  expect([indicator.label, polls]).toEqual(["Live", 1]);
});

test("a lost stream is said at once, polled meanwhile, and live again when it comes back", () => {
  opens();
  fails();
  expect(indicator.state).toBe("reconnecting");
  vi.advanceTimersByTime(2 * POLL_MS);
  expect([indicator.state, polls]).toEqual(["polling", 3]);
  fails();
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
