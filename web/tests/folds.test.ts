import { expect, test } from "vitest";
import { keepFolds } from "../src/folds";

const part = (...folds: string[]) => `<section>${folds.map((fold) => `<details><summary>${fold}</summary></details>`).join("")}</section>`;

/** The part that stands has its first fold open; returns which folds of the part that comes are open. */
function openAfter(standing: string, coming: string): boolean[] {
  document.body.innerHTML = standing;
  const target = document.querySelector("section")!;
  target.querySelector("details")!.open = true;
  const fragment = document.createRange().createContextualFragment(coming);
  target.dispatchEvent(new CustomEvent("htmx:oobBeforeSwap", { bubbles: true, detail: { target, fragment } }));
  return [...fragment.querySelectorAll("details")].map(({ open }) => open);
}

test("an opened fold stays open in the part that comes in its place, a closed one closed", () => {
  keepFolds();
  expect(openAfter(part("Take it over", "Why"), part("Take it over", "Why"))).toEqual([true, false]);
});

test("another fold than the opened one is not opened in its place", () => {
  expect(openAfter(part("Take it over"), part("Hand it over"))).toEqual([false]);
});
