import { beforeEach, expect, test, vi } from "vitest";
import { looks } from "../src/looks";
import { NO_MAP } from "../src/cameraMap";
import { gathered, spotsMap } from "../src/spotsMap";

beforeEach(() => {
  document.body.innerHTML = `
    <a href="/search/1/?show=list" data-look="list" aria-current="true">List</a>
    <a href="/search/1/?show=map" data-look="map">Map</a>
    <a href="/search/1/?show=elsewhere" data-look="elsewhere">Elsewhere</a>
    <section id="look-list"></section><section id="look-map" hidden></section>
    <a id="older" href="/search/1/?after=2~x&show=list" data-keeps-look>Older</a>`;
});
looks();

const link = (name: string) => document.querySelector<HTMLAnchorElement>(`[data-look="${name}"]`)!;
const isHidden = (name: string) => document.getElementById(`look-${name}`)!.hasAttribute("hidden");

function click(name: string, options: MouseEventInit = {}): boolean {
  return link(name).dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ...options }));
}

test("another way of looking shows what the page holds, keeps the address in step and asks nothing", () => {
  const replaced = vi.spyOn(history, "replaceState");
  expect(click("map")).toBe(false);
  expect([isHidden("list"), isHidden("map")]).toEqual([true, false]);
  expect([link("list").getAttribute("aria-current"), link("map").getAttribute("aria-current")]).toEqual([null, "true"]);
  expect(replaced).toHaveBeenCalledWith(null, "", link("map").href);
  expect(document.querySelector<HTMLAnchorElement>("#older")!.search).toBe("?after=2%7Ex&show=map");
});

test("what the page does not hold, or a new tab, is left to the address", () => {
  window.addEventListener("click", (event) => event.preventDefault(), { once: true });
  click("elsewhere");
  expect(isHidden("list")).toBe(false);
  window.addEventListener("click", (event) => event.preventDefault(), { once: true });
  click("map", { ctrlKey: true });
  expect(isHidden("map")).toBe(true);
});

test("the map takes places and their order from the list beside it", () => {
  document.body.innerHTML = `<section data-spots><ol>
    <li id="spot-1" data-spot="Main St" data-count="3" data-latitude="34.9" data-longitude="-117.0"></li>
    <li id="spot-2" data-spot="Car 12" data-count="1"></li>
    <li data-stop="spot-2"></li><li data-stop="spot-1"></li></ol></section>`;
  const { spots, way } = gathered(document.querySelector("[data-spots]")!);
  expect(spots).toEqual([{ id: "spot-1", name: "Main St", count: 3, at: [-117, 34.9] }]);
  expect(way).toEqual([[-117, 34.9]]);
});

test("without WebGL, or where the map cannot be loaded, the list is named instead", async () => {
  const map = Object.assign(spotsMap(), { $el: document.createElement("div") });
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  map.init();
  expect(map.note).toContain("The list of places holds the same facts");
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue({} as RenderingContext);
  let seen: (entries: unknown[]) => Promise<void> = async () => {};
  vi.stubGlobal("IntersectionObserver", class {
    constructor(callback: typeof seen) {
      seen = callback;
    }
    observe(): void {}
    disconnect(): void {}
  });
  const other = Object.assign(spotsMap(), { $el: document.createElement("div") });
  other.init();
  await seen([{ isIntersecting: true }]);
  expect(other.note).toBe(NO_MAP);
});
