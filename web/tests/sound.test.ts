import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { alertSound, HELD_BACK, OFF, REPEAT_MS } from "../src/sound";

const node = () => ({
  connect: (next: unknown) => next,
  start: vi.fn(),
  stop: vi.fn(),
  frequency: { value: 0 },
  gain: { setValueAtTime: vi.fn(), exponentialRampToValueAtTime: vi.fn() },
});
let tones: number;
let button: ReturnType<typeof alertSound>;

beforeEach(() => {
  tones = 0;
  localStorage.clear();
  vi.stubGlobal(
    "AudioContext",
    class {
      currentTime = 0;
      state = "running";
      destination = {};
      resume = () => Promise.resolve();
      close = () => Promise.resolve();
      createGain = node;
      createOscillator = () => (tones++, node());
    },
  );
});

afterEach(() => {
  button.destroy();
  vi.useRealTimers();
});

const settle = () => new Promise((done) => setTimeout(done));
const alertArrives = () => document.dispatchEvent(new Event("plateward:arrival"));

const touch = () => document.dispatchEvent(new Event("click"));
const waiting = (count: number) => document.dispatchEvent(new CustomEvent("plateward:unheard", { detail: { count } }));

test("the tone is on, waits for the first click or key, and says so", async () => {
  button = alertSound();
  button.init();
  expect([button.label, button.note]).toEqual(["Sound on", HELD_BACK]);
  alertArrives();
  expect(tones).toBe(0);
  touch();
  await settle();
  expect(button.note).toBe("");
  alertArrives();
  expect(tones).toBe(2);
});

test("off stays off for this person, in words, until it is switched on, which is heard", async () => {
  button = alertSound();
  button.init();
  button.toggle();
  touch();
  await settle();
  alertArrives();
  expect([button.label, button.note, tones]).toEqual(["Sound off", OFF, 0]);
  button.destroy();
  document.body.dataset["person"] = "doyle";
  expect(alertSound().on).toBe(true);
  delete document.body.dataset["person"];
  button = alertSound();
  button.init();
  expect(button.on).toBe(false);
  button.toggle();
  await settle();
  expect(tones).toBe(2);
});

test("the tone is repeated until the last new alert is acknowledged", async () => {
  button = alertSound();
  button.init();
  touch();
  await settle();
  vi.useFakeTimers();
  waiting(2);
  waiting(1);
  vi.advanceTimersByTime(2 * REPEAT_MS);
  expect(tones).toBe(4);
  waiting(0);
  vi.advanceTimersByTime(3 * REPEAT_MS);
  expect(tones).toBe(4);
});
