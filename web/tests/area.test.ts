import { expect, test, vi } from "vitest";
import { areaMap, fieldsIn, NO_DRAWING } from "../src/areaMap";
import { formatPoint, parsePoint, parsePoints, pixelsAtZero, shapeOf, type Typed } from "../src/areaShape";

const TYPED: Typed = { kind: "POLYGON", center: "", radius: 500, points: "", width: 200 };

function form(kind: string): HTMLElement {
  document.body.innerHTML = `<div id="place">
    <input type="radio" name="area_kind" value="${kind}" checked>
    <input name="center"><input name="radius_m" value="500">
    <textarea name="points"></textarea><input name="width_m" value="200">
    <div data-frame><div data-canvas></div></div></div>`;
  return document.querySelector<HTMLElement>("#place")!;
}

test.each([
  ["34.89859, -117.02280", [34.89859, -117.0228]],
  [" 34.9;-117 ", [34.9, -117]],
  ["34.9 -117", [34.9, -117]],
  ["1st and Main", undefined],
  ["117.0, -234.9", undefined],
])("%s is the place %j", (line, point) => {
  expect(parsePoint(line)).toEqual(point);
});

test("what is drawn is written as it can be typed", () => {
  expect(parsePoints("34.9, -117\nnothing\n34.8, -117.1")).toEqual([[34.9, -117], [34.8, -117.1]]);
  expect(formatPoint([34.898587, -117.0228])).toBe("34.89859, -117.02280");
});

test("a circle, an area and a route are drawn with their points", () => {
  const types = (typed: Typed) => shapeOf(typed).features.map((each) => each.geometry.type);
  expect(types({ ...TYPED, kind: "CIRCLE", center: "34.9, -117" })).toEqual(["Polygon", "Point"]);
  const points = "34.9, -117\n34.8, -117\n34.8, -117.1";
  expect(types({ ...TYPED, points })).toEqual(["Polygon", "Point", "Point", "Point"]);
  expect(types({ ...TYPED, kind: "CORRIDOR", points })).toEqual(["LineString", "Point", "Point", "Point"]);
  expect(types({ ...TYPED, points: "34.9, -117\n34.8, -117" })).toEqual(["Point", "Point"]);
  expect(types({ ...TYPED, kind: "", points })).toEqual([]);
});

test("meters become pixels, more of them far from the equator", () => {
  expect(pixelsAtZero(1000, 0) * 2 ** 15).toBeCloseTo(419.1, 0);
  expect(pixelsAtZero(1000, 60)).toBeCloseTo(2 * pixelsAtZero(1000, 0), 9);
});

test("a click sets the point of a circle and adds corners to an area, and the form hears of it", () => {
  const heard = vi.fn();
  const circle = form("CIRCLE");
  document.body.addEventListener("change", heard);
  fieldsIn(circle).add([34.9, -117]);
  expect(fieldsIn(circle).add([34.8, -117.1])).toBe("Point set to 34.80000, -117.10000.");
  expect(fieldsIn(circle).typed().center).toBe("34.80000, -117.10000");
  const area = fieldsIn(form("POLYGON"));
  area.add([34.9, -117]);
  expect(area.add([34.8, -117.1])).toBe("Corner 2 added at 34.80000, -117.10000.");
  expect(area.undo()).toBe("Corner 2 taken back.");
  expect(area.typed().points).toBe("34.90000, -117.00000");
  area.clear();
  expect(area.undo()).toBe("There is nothing to take back.");
  expect(heard).toHaveBeenCalled();
});

test("a browser without WebGL is told to type; everywhere needs no map", async () => {
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  const map = Object.assign(areaMap(), { $el: form("CIRCLE") });
  map.init();
  expect(map.note).toBe(NO_DRAWING);
  const everywhere = Object.assign(areaMap(), { $el: form("") });
  everywhere.init();
  expect(everywhere.note).toBe("");
});
