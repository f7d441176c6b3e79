/** Draws the map with MapLibre; `cameraMap` loads it. Its worker is a file of our own origin (worker-src 'self'). */
import "maplibre-gl/dist/maplibre-gl.css";
import { addProtocol, Map, Marker, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import type { GeoJSONSource } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import { type Box, boxAround, colorsOf, graticule, mapStyle, type Tiles } from "./mapStyle";

export type Drawn = { remove(): void };

setWorkerUrl(new URL(workerUrl, import.meta.url).href);

export async function draw(frame: HTMLElement, cameras: GeoJSON.FeatureCollection<GeoJSON.Point>): Promise<Map> {
  const alert = alertOf(frame.dataset);
  const box = boxAround([...cameras.features.map((each) => each.geometry.coordinates), ...(alert ? [alert.at] : [])]);
  const base = frame.dataset["pmtiles"] ? await openTiles(frame.dataset["pmtiles"]) : undefined;
  const map = new Map({
    container: frame.querySelector<HTMLElement>("[data-canvas]")!,
    style: mapStyle(colorsOf(frame), cameras, { tiles: base, heading: alert?.heading }),
    // Tile files name their makers, who ask to be shown.
    attributionControl: base ? { compact: true } : false,
    cooperativeGestures: true,
    dragRotate: false,
    ...(alert && { center: alert.at, zoom: 12 }),
    ...(!alert && box && { bounds: box, fitBoundsOptions: { padding: 60, maxZoom: 14 } }),
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "imperial" }), "bottom-left");
  if (alert) marker(alert).addTo(map);
  const track = trackOf(frame.dataset);
  if (track.length > 1) map.on("load", () => drawTrack(map, track, colorsOf(frame).alert));
  if (!base) keepGrid(map);
  return map;
}

type Alert = { at: [number, number]; heading: number | undefined; label: string };

function alertOf(data: DOMStringMap): Alert | undefined {
  const { latitude, longitude, heading, label = "" } = data;
  if (!latitude || !longitude) return undefined;
  return { at: [Number(longitude), Number(latitude)], heading: heading ? Number(heading) : undefined, label };
}

/** Where the vehicle was seen, the first place first. */
export function trackOf({ track }: DOMStringMap): [number, number][] {
  return track ? JSON.parse(track) : [];
}

/** A line through the places with a point on each, from the first to the last. */
function drawTrack(map: Map, track: [number, number][], color: string): void {
  const features: GeoJSON.Feature[] = [
    { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: track } },
    ...track.map((at): GeoJSON.Feature => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } })),
  ];
  map.addSource("track", { type: "geojson", data: { type: "FeatureCollection", features } });
  map.addLayer({ id: "track", type: "line", source: "track", paint: { "line-color": color, "line-width": 3, "line-dasharray": [2, 1.5] } });
  map.addLayer({
    id: "track-places",
    type: "circle",
    source: "track",
    filter: ["==", ["geometry-type"], "Point"],
    paint: { "circle-color": color, "circle-radius": 4 },
  });
  const box = boxAround(track);
  if (box) map.fitBounds(box, { padding: 70, maxZoom: 14, animate: false });
}

function marker({ at, heading, label }: Alert): Marker {
  const element = document.createElement("div");
  element.className = heading === undefined ? "pw-marker" : "pw-marker pw-marker--heading";
  const placed = new Marker({ element, rotationAlignment: "map", rotation: heading ?? 0 }).setLngLat(at);
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", label || "Place of the alert");
  return placed;
}

export function keepGrid(map: Map): void {
  const box = () => map.getBounds().toArray().flat() as Box;
  const refresh = () => map.getSource<GeoJSONSource>("grid")?.setData(graticule(box()));
  map.on("load", refresh);
  map.on("moveend", refresh);
}

/** Make a PMTiles file readable to MapLibre and say whether it holds pictures or vectors. */
export async function openTiles(path: string): Promise<Tiles> {
  const { PMTiles, Protocol, TileType } = await import("pmtiles");
  const protocol = new Protocol({ metadata: true });
  const file = new PMTiles(new URL(path, location.href).href);
  protocol.add(file);
  addProtocol("pmtiles", protocol.tile);
  return { url: file.source.getKey(), raster: (await file.getHeader()).tileType !== TileType.Mvt };
}
