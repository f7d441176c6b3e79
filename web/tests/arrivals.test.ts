import { expect, test, vi } from "vitest";
import { sentence, watchArrivals } from "../src/arrivals";

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

test("late ones come without a word, and what nobody acknowledged is counted", () => {
  document.body.innerHTML = `<ul data-arrivals></ul><div id="announcer"></div>`;
  const heard = vi.fn();
  const counted: number[] = [];
  document.addEventListener("plateward:unheard", (event) => counted.push((event as CustomEvent).detail.count));
  watchArrivals();
  document.addEventListener("plateward:arrival", heard);
  const list = document.querySelector("ul")!;
  list.innerHTML = `<li data-arrival="1" data-quiet data-announce="Late."></li>`;
  list.dispatchEvent(new Event("htmx:afterSettle", { bubbles: true }));
  expect(heard).not.toHaveBeenCalled();
  expect(document.getElementById("announcer")!.textContent).toBe("");
  list.innerHTML = `<li data-arrival="2" data-unheard></li>`;
  list.dispatchEvent(new Event("htmx:afterSettle", { bubbles: true }));
  expect(counted.at(-1)).toBe(1);
});

test("ten alerts are one sentence, and a warning beside them is said in full", () => {
  document.body.innerHTML = `<p data-arrival="j" data-announce="Journal down."></p>` + Array.from({ length: 10 }, (_, at) => `<p data-row data-announce="Alert ${at}."></p>`).join("");
  const items = [...document.querySelectorAll<HTMLElement>("p")];
  expect(sentence(items)).toBe("Journal down. 10 new alerts. The first: Alert 0.");
  expect(sentence(items.slice(1, 3))).toBe("Alert 0. Alert 1.");
});
