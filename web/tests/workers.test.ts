import { expect, test } from "vitest";
import { keeps } from "../src/workers";

/** A browser that answers to a registration so. */
const registers = (register: () => Promise<unknown>) =>
  Object.defineProperty(navigator, "serviceWorker", { value: { register }, configurable: true });

/** A worker on its way to this state. */
const becoming = (state: string) => ({
  installing: { state, addEventListener: (_: string, told: () => void) => told() },
});

test("a page is kept once its worker is at work, and not where the worker could not fetch its files", async () => {
  registers(async () => ({ active: {} }));
  expect(await keeps("/worker.js", "/field/")).toBe(true);
  registers(async () => becoming("activated"));
  expect(await keeps("/worker.js", "/field/")).toBe(true);
  registers(async () => becoming("redundant"));
  expect(await keeps("/worker.js", "/field/")).toBe(false);
});

test("a browser that refuses or knows no workers keeps nothing", async () => {
  registers(() => Promise.reject(new DOMException("", "SecurityError")));
  expect(await keeps("/worker.js", "/field/")).toBe(false);
  Object.defineProperty(navigator, "serviceWorker", { value: undefined, configurable: true });
  expect(await keeps("/worker.js", "/field/")).toBe(false);
});
