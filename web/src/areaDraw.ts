/** The map a place is drawn on; `areaMap` loads it. */
import type { FilterSpecification, GeoJSONSource, Map } from "maplibre-gl";
import { pixelsAtZero, type Point, pointsOf, shapeOf, type Typed } from "./areaShape";
import { draw } from "./map";
import { boxAround, colorsOf } from "./mapStyle";

export type AreaDrawing = {
  show(typed: Typed, how?: { find?: boolean }): void;
  middle(): Point;
  remove(): void;
};

const NOTHING: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

/** Draw the cameras, and tell each place that is clicked, or chosen by Enter under the cross. */
export async function openDrawing(frame: HTMLElement, chosen: (at: Point) => void): Promise<AreaDrawing> {
  const map = await draw(frame, await camerasOf(frame.dataset["cameras"]));
  if (!map.isStyleLoaded()) await map.once("load");
  addLayers(map, frame);
  const middle = (): Point => [map.getCenter().lat, map.getCenter().lng];
  map.on("click", ({ lngLat }) => chosen([lngLat.lat, lngLat.lng]));
  map.getCanvas().addEventListener("keydown", (event) => {
    if (event.key === "Enter") chosen(middle());
  });
  map.getCanvas().setAttribute("aria-label", "Map: arrow keys move it, Enter takes the place under the cross");
  return {
    show(typed, { find = false } = {}) {
      map.getSource<GeoJSONSource>("area")?.setData(shapeOf(typed));
      const points = pointsOf(typed);
      const width = pixelsAtZero(typed.width, points[0]?.[0] ?? 0);
      map.setPaintProperty("route", "line-width", ["interpolate", ["exponential", 2], ["zoom"], 0, width, 24, width * 2 ** 24]);
      if (find) findOn(map, typed);
    },
    middle,
    remove: () => map.remove(),
  };
}

/** Move the map only where something of the place lies out of sight. */
function findOn(map: Map, typed: Typed): void {
  const corners = shapeOf(typed).features.flatMap((each) => flat(each.geometry));
  const box = boxAround(corners);
  const view = map.getBounds();
  if (box && !corners.every(([x, y]) => view.contains([x!, y!]))) map.fitBounds(box, { padding: 40, maxZoom: 15, animate: false });
}

function flat(geometry: GeoJSON.Geometry): number[][] {
  if (geometry.type === "Point") return [geometry.coordinates];
  if (geometry.type === "LineString") return geometry.coordinates;
  return geometry.type === "Polygon" ? geometry.coordinates.flat() : [];
}

const only = (type: string): FilterSpecification => ["==", ["geometry-type"], type];

function addLayers(map: Map, frame: HTMLElement): void {
  const { alert, label, halo } = colorsOf(frame);
  map.addSource("area", { type: "geojson", data: NOTHING });
  const of = (id: string, type: string) => ({ id, source: "area", filter: only(type) });
  const edge = { "line-color": alert, "line-width": 2 };
  const inside = { "fill-color": alert, "fill-opacity": 0.15 };
  map.addLayer({ ...of("inside", "Polygon"), type: "fill", paint: inside }, "cameras");
  map.addLayer({ ...of("edge", "Polygon"), type: "line", paint: edge }, "cameras");
  map.addLayer({
    ...of("route", "LineString"),
    type: "line",
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": alert, "line-opacity": 0.25, "line-width": 1 },
  }, "cameras");
  map.addLayer({
    ...of("points", "Point"),
    type: "circle",
    paint: { "circle-color": halo, "circle-radius": 4, "circle-stroke-color": alert, "circle-stroke-width": 2 },
  });
  map.addLayer({
    ...of("numbers", "Point"),
    type: "symbol",
    layout: { "text-field": ["get", "number"], "text-size": 12, "text-offset": [0.9, -0.9], "text-allow-overlap": true },
    paint: { "text-color": label, "text-halo-color": halo, "text-halo-width": 1.5 },
  });
}

/** The cameras, as far as this person may see the register; a place can be drawn without. */
async function camerasOf(url: string | undefined): Promise<GeoJSON.FeatureCollection<GeoJSON.Point>> {
  const answer = url ? await fetch(url, { headers: { Accept: "application/geo+json" } }) : undefined;
  return answer?.ok ? answer.json() : { type: "FeatureCollection", features: [] };
}
