import { expect, test, vi } from "vitest";
import { watchArrivals } from "../src/arrivals";

const item = (id: number) => `<li data-arrival="${id}" data-announce="New alert ${id}."></li>`;

test("only items not seen before are marked, said and sounded, once", () => {
  document.body.innerHTML = `<ul data-arrivals>${item(1)}</ul><div id="announcer"></div>`;
  const heard = vi.fn();
  document.addEventListener("plateward:arrival", heard);
  watchArrivals();
  const list = document.querySelector("ul")!;
  const refresh = (html: string) => {
    list.innerHTML = html;
    list.dispatchEvent(new Event("htmx:afterSettle", { bubbles: true }));
  };

  refresh(item(1));
  expect(heard).not.toHaveBeenCalled();

  refresh(item(2) + item(1));
  expect(heard).toHaveBeenCalledOnce();
  expect(document.getElementById("announcer")!.textContent).toBe("New alert 2.");
  expect([...list.children].map((each) => each.classList.contains("pw-arrived"))).toEqual([true, false]);

  refresh(item(2) + item(1));
  expect(heard).toHaveBeenCalledOnce();
});
