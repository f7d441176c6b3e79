/**
 * `x-data="spotsMap"`: places with their counts on a map, read from the list beside it (`[data-spot]` inside
 * `[data-spots]`), which holds the same facts. MapLibre is loaded when the map first comes into view.
 */
import { canDraw, NO_MAP } from "./cameraMap";
import type { Drawn } from "./map";
import type { Spot } from "./spots";

const NO_WEBGL = "This browser cannot draw the map (WebGL 2 is off). The list of places holds the same facts.";

export function spotsMap() {
  let drawn: Drawn | undefined;
  let watcher: IntersectionObserver | undefined;
  return {
    note: "",
    init(this: { note: string; $el: HTMLElement }): void {
      const frame = this.$el;
      if (!canDraw()) {
        this.note = NO_WEBGL;
        return;
      }
      watcher = new IntersectionObserver(async (entries) => {
        if (!entries.some((entry) => entry.isIntersecting)) return;
        watcher?.disconnect();
        try {
          const { drawSpots } = await import("./spots");
          const { spots, way } = gathered(frame.closest("[data-spots]")!);
          if (frame.isConnected) drawn = await drawSpots(frame, spots, way);
        } catch {
          this.note = NO_MAP;
        }
      });
      watcher.observe(frame);
    },
    destroy(): void {
      watcher?.disconnect();
      drawn?.remove();
    },
  };
}

/** The places on the list that have coordinates, and those of the way in its order. */
export function gathered(section: Element): { spots: Spot[]; way: [number, number][] } {
  const spots = [...section.querySelectorAll<HTMLElement>("[data-spot]")]
    .filter(({ dataset }) => dataset["latitude"] && dataset["longitude"])
    .map((item) => ({
      id: item.id,
      name: item.dataset["spot"] ?? "",
      count: Number(item.dataset["count"]),
      at: [Number(item.dataset["longitude"]), Number(item.dataset["latitude"])] as [number, number],
    }));
  const placeOf = new Map(spots.map(({ id, at }) => [id, at]));
  const stops = [...section.querySelectorAll<HTMLElement>("[data-stop]")].map(({ dataset }) => placeOf.get(dataset["stop"] ?? ""));
  return { spots, way: stops.filter((at) => at !== undefined) };
}
