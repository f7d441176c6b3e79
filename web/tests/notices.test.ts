import { expect, test, vi } from "vitest";
import { watchNotices } from "../src/notices";

test("an event has the count fetched, and only what is new is said", () => {
  document.body.innerHTML = `<a id="for-you"><span data-waiting="1"></span></a><div id="announcer"></div>`;
  const streams: EventTarget[] = [];
  watchNotices(() => {
    const stream = Object.assign(new EventTarget(), { close: vi.fn() });
    streams.push(stream);
    return stream as unknown as EventSource;
  });
  const asked = vi.fn();
  document.body.addEventListener("notices-changed", asked);
  streams[0]!.dispatchEvent(new Event("notices"));
  expect(asked).toHaveBeenCalledOnce();

  const badge = document.getElementById("for-you")!;
  const answered = (number: number) => {
    badge.innerHTML = `<span data-waiting="${number}"></span>`;
    badge.dispatchEvent(new Event("htmx:afterSettle", { bubbles: true }));
  };
  answered(0);
  expect(document.getElementById("announcer")!.textContent).toBe("");
  answered(2);
  expect(document.getElementById("announcer")!.textContent).toBe("2 waiting for you.");
});
