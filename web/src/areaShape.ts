/** A place as typed in the fields of a form, and as the map draws it. Points are latitude and longitude in degrees. */
export type Kind = "" | "CIRCLE" | "POLYGON" | "CORRIDOR";
export type Point = readonly [latitude: number, longitude: number];
export type Typed = { kind: Kind; center: string; radius: number; points: string; width: number };

const EARTH_RADIUS_M = 6371008.8;
/** Meters a pixel spans at the equator on MapLibre's zoom level 0 (tiles of 512 pixels). */
const METERS_A_PIXEL = (2 * Math.PI * EARTH_RADIUS_M) / 512;
const ROUND = 72;

/** The place on a line such as "34.89859, -117.02280"; nothing for any other text. */
export function parsePoint(line: string): Point | undefined {
  const found = /^\s*(-?\d+(?:\.\d*)?)\s*[,;\s]\s*(-?\d+(?:\.\d*)?)\s*$/.exec(line);
  if (!found) return undefined;
  const [latitude, longitude] = [Number(found[1]), Number(found[2])];
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? [latitude, longitude] : undefined;
}

export const parsePoints = (text: string): Point[] =>
  text.split("\n").map(parsePoint).filter((point): point is Point => point !== undefined);

/** Five decimals are about a meter. */
export const formatPoint = ([latitude, longitude]: Point): string => `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;

/** The points that make up what is typed. */
export const pointsOf = ({ kind, center, points }: Typed): Point[] =>
  kind === "CIRCLE" ? parsePoints(center) : kind ? parsePoints(points) : [];

/** What the map draws: the area or route where there is one, and each point with its number. */
export function shapeOf(typed: Typed): GeoJSON.FeatureCollection {
  const points = pointsOf(typed);
  const features = points.map((point, index) => feature({ type: "Point", coordinates: onMap(point) }, `${index + 1}`));
  if (typed.kind === "CIRCLE" && points[0] && typed.radius > 0) features.unshift(ring(circle(points[0], typed.radius)));
  if (typed.kind === "POLYGON" && points.length > 2) features.unshift(ring(points));
  if (typed.kind === "CORRIDOR" && points.length > 1)
    features.unshift(feature({ type: "LineString", coordinates: points.map(onMap) }));
  return { type: "FeatureCollection", features };
}

/** The pixels that so many meters take on zoom level 0 at a latitude; they double with each level. */
export const pixelsAtZero = (meters: number, latitude: number): number =>
  meters / (METERS_A_PIXEL * Math.cos((latitude * Math.PI) / 180));

function circle([latitude, longitude]: Point, radius: number): Point[] {
  const up = (radius / EARTH_RADIUS_M) * (180 / Math.PI);
  const aside = up / Math.cos((latitude * Math.PI) / 180);
  return Array.from({ length: ROUND }, (_, index) => {
    const turn = (index / ROUND) * 2 * Math.PI;
    return [latitude + up * Math.sin(turn), longitude + aside * Math.cos(turn)] as const;
  });
}

const onMap = ([latitude, longitude]: Point): [number, number] => [longitude, latitude];

const ring = (points: readonly Point[]): GeoJSON.Feature =>
  feature({ type: "Polygon", coordinates: [[...points, points[0]!].map(onMap)] });

const feature = (geometry: GeoJSON.Geometry, number = ""): GeoJSON.Feature => ({
  type: "Feature",
  properties: { number },
  geometry,
});
