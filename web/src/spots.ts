/** Draws places with their counts, and the order in which one plate passed them; `spotsMap` loads it. */
import { Map, Marker, NavigationControl, ScaleControl } from "maplibre-gl";
import { type Drawn, keepGrid, openTiles } from "./map";
import { boxAround, colorsOf, mapStyle } from "./mapStyle";

const NOTHING: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

export type Spot = { id: string; name: string; count: number; at: [number, number] };

export async function drawSpots(frame: HTMLElement, spots: Spot[], way: [number, number][]): Promise<Drawn> {
  const box = boxAround(spots.map(({ at }) => at));
  const base = frame.dataset["pmtiles"] ? await openTiles(frame.dataset["pmtiles"]) : undefined;
  const colors = colorsOf(frame);
  const map = new Map({
    container: frame.querySelector<HTMLElement>("[data-canvas]")!,
    style: mapStyle(colors, NOTHING, { tiles: base }),
    attributionControl: base ? { compact: true } : false,
    cooperativeGestures: true,
    dragRotate: false,
    ...(box && { bounds: box, fitBoundsOptions: { padding: 60, maxZoom: 14 } }),
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "imperial" }), "bottom-left");
  map.on("load", () => drawWay(map, way, colors.alert));
  for (const spot of spots) marker(spot).addTo(map);
  if (!base) keepGrid(map);
  return map;
}

function drawWay(map: Map, way: [number, number][], color: string): void {
  if (way.length < 2) return;
  const line: GeoJSON.Feature = { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: way } };
  map.addSource("way", { type: "geojson", data: line });
  map.addLayer({
    id: "way",
    type: "line",
    source: "way",
    paint: { "line-color": color, "line-width": 3, "line-dasharray": [2, 1.5] },
  });
}

/** A link to the place on the list, so that the keyboard reaches every place and finds what was seen there. */
function marker({ id, name, count, at }: Spot): Marker {
  const element = document.createElement("a");
  element.href = `#${id}`;
  element.className = "pw-spot";
  element.textContent = String(count);
  const placed = new Marker({ element }).setLngLat(at);
  element.setAttribute("role", "link"); // the library says "img" where nothing is said
  element.setAttribute("aria-label", `${name}: seen ${count === 1 ? "once" : `${count} times`}. Show it on the list.`);
  element.title = name;
  element.addEventListener("click", (event) => {
    event.preventDefault(); // the address says how the page is looked at, and stays
    document.getElementById(id)?.focus();
  });
  return placed;
}
