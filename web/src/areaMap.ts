/**
 * `x-data="areaMap"`: the map beside the fields of a place (`search/_area.html`). A click, or Enter on what is under
 * the cross, writes into the fields; the map draws what stands in them, so typing and drawing are one.
 */
import { type Kind, formatPoint, type Point, pointsOf, type Typed } from "./areaShape";
import type { AreaDrawing } from "./areaDraw";
import { canDraw, NO_MAP } from "./cameraMap";

export const NO_DRAWING = "This browser cannot draw the map (WebGL 2 is off). Type the place instead.";

type Area = {
  note: string;
  said: string;
  isDrawn: boolean;
  $el: HTMLElement;
  show(): Promise<void>;
  add(point: Point): void;
};

export function areaMap() {
  let drawing: AreaDrawing | undefined;
  let fields: Fields;
  return {
    note: "",
    said: "",
    isDrawn: false,
    init(this: Area): void {
      fields = fieldsIn(this.$el);
      this.$el.addEventListener("change", () => void this.show());
      this.$el.addEventListener("input", () => drawing?.show(fields.typed()));
      void this.show();
    },
    /** Draw what is typed; the map itself comes only when a place is chosen. */
    async show(this: Area): Promise<void> {
      if (!fields.typed().kind || this.note) return;
      if (!canDraw()) {
        this.note = NO_DRAWING;
        return;
      }
      if (this.isDrawn) {
        drawing?.show(fields.typed(), { find: true });
        return;
      }
      this.isDrawn = true;
      try {
        const { openDrawing } = await import("./areaDraw");
        drawing = await openDrawing(this.$el.querySelector<HTMLElement>("[data-frame]")!, (at) => this.add(at));
        drawing.show(fields.typed(), { find: true });
      } catch {
        this.isDrawn = false;
        this.note = NO_MAP;
      }
    },
    add(this: Area, point: Point): void {
      this.said = fields.add(point);
    },
    addMiddle(this: Area): void {
      if (drawing) this.add(drawing.middle());
    },
    undo(this: Area): void {
      this.said = fields.undo();
    },
    clear(this: Area): void {
      this.said = fields.clear();
    },
    destroy(): void {
      drawing?.remove();
    },
  };
}

export type Fields = ReturnType<typeof fieldsIn>;

/** The fields of a place below an element; each change tells the form, as typing does. */
export function fieldsIn(root: HTMLElement) {
  const field = <T extends HTMLElement = HTMLInputElement>(name: string) => root.querySelector<T>(`[name="${name}"]`)!;
  const kind = () => (root.querySelector<HTMLInputElement>('[name="area_kind"]:checked')?.value ?? "") as Kind;
  const typed = (): Typed => ({
    kind: kind(),
    center: field("center").value,
    radius: Number(field("radius_m").value),
    points: field<HTMLTextAreaElement>("points").value,
    width: Number(field("width_m").value),
  });
  const put = (points: readonly Point[]) => {
    const target = kind() === "CIRCLE" ? field("center") : field<HTMLTextAreaElement>("points");
    target.value = points.map(formatPoint).join("\n");
    target.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const names = () => ({ CIRCLE: "Point", POLYGON: "Corner", CORRIDOR: "Stop", "": "Point" })[kind()];
  return {
    typed,
    add(point: Point): string {
      const points = kind() === "CIRCLE" ? [point] : [...pointsOf(typed()), point];
      put(points);
      return kind() === "CIRCLE"
        ? `Point set to ${formatPoint(point)}.`
        : `${names()} ${points.length} added at ${formatPoint(point)}.`;
    },
    undo(): string {
      const points = pointsOf(typed());
      if (!points.length) return "There is nothing to take back.";
      put(points.slice(0, -1));
      return `${names()} ${points.length} taken back.`;
    },
    clear(): string {
      put([]);
      return "Cleared.";
    },
  };
}
