/** The map's plain style: no tile server is asked, labels are drawn from the browser's own fonts. */
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";

const COLOR_NAMES = ["background", "grid", "camera", "alert", "label", "halo", "water", "road", "building"] as const;

export type Colors = Record<(typeof COLOR_NAMES)[number], string>;
export type Box = [west: number, south: number, east: number, north: number];
export type Tiles = { url: string; raster: boolean };

const EMPTY: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };

/** The frame's `--map-…` custom properties, so that the night console gets a night map. */
export function colorsOf(frame: Element): Colors {
  const css = getComputedStyle(frame);
  return Object.fromEntries(COLOR_NAMES.map((name) => [name, css.getPropertyValue(`--map-${name}`).trim()])) as Colors;
}

export function mapStyle(
  colors: Colors,
  cameras: GeoJSON.FeatureCollection,
  { tiles, heading }: { tiles?: Tiles | undefined; heading?: number | undefined } = {},
): StyleSpecification {
  return {
    version: 8,
    sources: {
      grid: { type: "geojson", data: EMPTY },
      cameras: { type: "geojson", data: cameras },
      ...(tiles && { base: baseSource(tiles) }),
    },
    layers: [
      { id: "background", type: "background", paint: { "background-color": colors.background } },
      ...(tiles ? baseLayers(colors, tiles) : [gridLayer(colors)]),
      ...cameraLayers(colors, heading),
    ],
  };
}

const baseSource = ({ url, raster }: Tiles): SourceSpecification =>
  raster ? { type: "raster", url: `pmtiles://${url}`, tileSize: 256 } : { type: "vector", url: `pmtiles://${url}` };

/** Vector files in the Protomaps layout (`water`, `roads`, `buildings`), or any raster file. */
function baseLayers(colors: Colors, { raster }: Tiles): LayerSpecification[] {
  if (raster) return [{ id: "base", type: "raster", source: "base" }];
  const of = (layer: string) => ({ id: layer, source: "base", "source-layer": layer });
  return [
    { ...of("water"), type: "fill", paint: { "fill-color": colors.water } },
    { ...of("buildings"), type: "fill", paint: { "fill-color": colors.building } },
    {
      ...of("roads"),
      type: "line",
      paint: {
        "line-color": colors.road,
        "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 8, 0.6, 14, 3, 18, 14],
      },
    },
    {
      ...of("roads"),
      id: "road-names",
      type: "symbol",
      minzoom: 13,
      layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-size": 11 },
      paint: { "text-color": colors.label, "text-halo-color": colors.halo, "text-halo-width": 1.5 },
    },
  ];
}

const gridLayer = (colors: Colors): LayerSpecification => ({
  id: "grid",
  type: "line",
  source: "grid",
  paint: { "line-color": colors.grid, "line-width": 1 },
});

const cameraLayers = (colors: Colors, heading?: number): LayerSpecification[] => [
  {
    id: "cameras",
    type: "circle",
    source: "cameras",
    paint: {
      "circle-color": ["case", ["boolean", ["get", "is_troubled"], false], colors.alert, colors.camera],
      "circle-radius": 6,
      "circle-stroke-color": colors.halo,
      "circle-stroke-width": 2,
    },
  },
  {
    id: "camera-names",
    type: "symbol",
    source: "cameras",
    layout: {
      "text-field": ["get", "name"],
      "text-size": 12,
      "text-variable-anchor": labelAnchors(heading),
      "text-radial-offset": heading === undefined ? 0.9 : 1.6,
      "text-justify": "auto",
    },
    paint: { "text-color": colors.label, "text-halo-color": colors.halo, "text-halo-width": 1.5 },
  },
];

/** Where names go: below the camera, but above it when the alert's pointer points down. */
export function labelAnchors(heading = 0): ("top" | "bottom" | "left" | "right")[] {
  return heading > 90 && heading < 270 ? ["bottom", "left", "right", "top"] : ["top", "left", "right", "bottom"];
}

/** Lines of longitude and latitude over a box, about eight each way, at a round step. */
export function graticule([west, south, east, north]: Box): GeoJSON.FeatureCollection {
  const step = gridStep(Math.max(east - west, north - south));
  const line = (coordinates: number[][]): GeoJSON.Feature => ({
    type: "Feature",
    properties: {},
    geometry: { type: "LineString", coordinates },
  });
  const upright = ticks(west, east, step).map((x) => line([[x, south], [x, north]]));
  const level = ticks(south, north, step).map((y) => line([[west, y], [east, y]]));
  return { type: "FeatureCollection", features: [...upright, ...level] };
}

/** The largest of 1, 2 or 5 times a power of ten that divides `span` degrees into at least eight parts. */
export function gridStep(span: number): number {
  const power = 10 ** Math.floor(Math.log10(span / 8));
  return power * ([5, 2].find((factor) => power * factor <= span / 8) ?? 1);
}

function ticks(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step);
  return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, index) => (first + index) * step);
}

/** The box around all points, or nothing when there are none. */
export function boxAround(points: readonly (readonly number[])[]): Box | undefined {
  if (!points.length) return undefined;
  const [xs, ys] = [points.map(([x = 0]) => x), points.map(([, y = 0]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
