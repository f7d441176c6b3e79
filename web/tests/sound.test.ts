import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { alertSound } from "../src/sound";

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
      destination = {};
      resume = () => Promise.resolve();
      close = () => Promise.resolve();
      createGain = node;
      createOscillator = () => (tones++, node());
    },
  );
});

afterEach(() => button.destroy());

const settle = () => new Promise((done) => setTimeout(done));
const alertArrives = () => document.dispatchEvent(new Event("plateward:arrival"));

test("turning the sound on plays it, and then each new alert does", async () => {
  button = alertSound();
  button.init();
  button.toggle();
  await settle();
  expect([button.label, tones]).toEqual(["Alert sound: on", 2]);
  alertArrives();
  expect(tones).toBe(4);
  button.toggle();
  alertArrives();
  expect([button.label, tones]).toEqual(["Alert sound: off", 4]);
});

test("a remembered sound stays silent until the person has touched the page", async () => {
  localStorage.setItem("plateward.alert-sound", "on");
  button = alertSound();
  button.init();
  alertArrives();
  expect(tones).toBe(0);
  document.dispatchEvent(new Event("pointerdown"));
  await settle();
  alertArrives();
  expect(tones).toBe(2);
});
