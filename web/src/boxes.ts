/** Boxes in pixels of a picture, as lines “left top width height”. */
export type Box = { left: number; top: number; width: number; height: number };
export type Size = { width: number; height: number };

/** The box on a line; nothing for any other text. */
export function parseBox(line: string): Box | undefined {
  const found = /^\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)[\s,]+(\d+)\s*$/.exec(line);
  if (!found) return undefined;
  const [left, top, width, height] = found.slice(1).map(Number) as [number, number, number, number];
  return width && height ? { left, top, width, height } : undefined;
}

export const parseBoxes = (text: string): Box[] =>
  text.split("\n").map(parseBox).filter((box): box is Box => box !== undefined);

export const formatBoxes = (boxes: readonly Box[]): string =>
  boxes.map(({ left, top, width, height }) => `${left} ${top} ${width} ${height}`).join("\n");

const between = (value: number, least: number, most: number): number => Math.min(Math.max(Math.round(value), least), most);

/** The box as far as it lies in the picture, at least one pixel wide and high. */
export function inside(box: Box, size: Size): Box {
  const width = between(box.width, 1, size.width);
  const height = between(box.height, 1, size.height);
  return { left: between(box.left, 0, size.width - width), top: between(box.top, 0, size.height - height), width, height };
}

/** The box between two places, in whichever order they were pointed at, without what lies beyond the picture. */
export function spanned(x1: number, y1: number, x2: number, y2: number, size: Size): Box {
  const [left, right] = [between(Math.min(x1, x2), 0, size.width - 1), between(Math.max(x1, x2), 1, size.width)];
  const [top, bottom] = [between(Math.min(y1, y2), 0, size.height - 1), between(Math.max(y1, y2), 1, size.height)];
  return { left, top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}

const MOVES: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** What an arrow key makes of a box: it moves it, with Shift it makes it larger or smaller; nothing for other keys. */
export function nudged(box: Box, key: string, isSizing: boolean, size: Size): Box | undefined {
  const way = MOVES[key];
  if (!way) return undefined;
  const step = Math.max(1, Math.round(Math.max(size.width, size.height) / 200));
  const [x, y] = [way[0] * step, way[1] * step];
  if (!isSizing) return inside({ ...box, left: box.left + x, top: box.top + y }, size);
  return spanned(box.left, box.top, Math.max(box.left + 1, box.left + box.width + x), Math.max(box.top + 1, box.top + box.height + y), size);
}

/** What a screen reader says of a box. */
export const said = ({ left, top, width, height }: Box, number: number, count: number): string =>
  `Box ${number} of ${count}: ${left} from the left, ${top} from the top, ${width} wide, ${height} high`;
