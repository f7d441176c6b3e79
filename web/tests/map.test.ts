import { expect, test, vi } from "vitest";
import { cameraMap, NO_WEBGL } from "../src/cameraMap";
import { boxAround, type Colors, graticule, gridStep, labelAnchors, mapStyle } from "../src/mapStyle";

const COLORS = {} as Colors;
const NONE: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

test("a browser without WebGL is told so, and the list stays", async () => {
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  const map = Object.assign(cameraMap(), { $el: document.createElement("div") });
  await map.init();
  expect(map.note).toBe(NO_WEBGL);
});

test("the plain style names no address; a tile file is the only thing it may fetch", () => {
  expect(JSON.stringify(mapStyle(COLORS, NONE))).not.toMatch(/https?:|pmtiles/);
  const vector = mapStyle(COLORS, NONE, { tiles: { url: "/tiles/barstow.pmtiles", raster: false } });
  expect(vector.sources["base"]).toMatchObject({ type: "vector", url: "pmtiles:///tiles/barstow.pmtiles" });
  const raster = mapStyle(COLORS, NONE, { tiles: { url: "/a.pmtiles", raster: true } });
  expect(raster.layers.find((layer) => layer.id === "base")?.type).toBe("raster");
});

test.each([[8, 1], [0.4, 0.05], [0.17, 0.02], [100, 10]])("a span of %d degrees is ruled every %d", (span, step) => {
  expect(gridStep(span)).toBeCloseTo(step, 9);
});

test("the graticule covers the box at round coordinates", () => {
  const lines = graticule([-117.1, 34.8, -117.0, 34.9]).features;
  const xs = lines.map((line) => (line.geometry as GeoJSON.LineString).coordinates[0]![0]!);
  expect(lines.length).toBeGreaterThanOrEqual(16);
  expect(xs.filter((x) => x < -117.11 || x > -116.99)).toEqual([]);
});

test("the box around cameras holds them all; no cameras, no box", () => {
  expect(boxAround([[-117, 34], [-118, 35]])).toEqual([-118, 34, -117, 35]);
  expect(boxAround([])).toBeUndefined();
});

test("names stay clear of the pointer", () => {
  expect(labelAnchors(180)[0]).toBe("bottom");
  expect(labelAnchors(0)[0]).toBe("top");
});
