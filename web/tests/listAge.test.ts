import { afterEach, expect, test, vi } from "vitest";
import { listAge, STALE_MS } from "../src/listAge";

afterEach(() => vi.useRealTimers());

test("the list says how old it is, and that it is stale until a sign of life comes", () => {
  vi.useFakeTimers();
  document.body.innerHTML = `<div id="announcer"></div>`;
  const age = listAge();
  age.init.call(Object.assign(age, { $el: document.createElement("div") }));
  vi.advanceTimersByTime(12_000);
  expect([age.text, age.stale]).toEqual(["as of 12 s ago", false]);
  vi.advanceTimersByTime(STALE_MS - 11_000);
  expect(age.stale).toBe(true);
  expect(document.getElementById("announcer")!.textContent).toBe("The list is stale: it is not being renewed.");
  document.dispatchEvent(new Event("plateward:alive"));
  expect([age.text, age.stale]).toEqual(["as of 0 s ago", false]);
  age.destroy();
});
