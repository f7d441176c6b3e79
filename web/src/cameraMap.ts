/**
 * `x-data="cameraMap"`: the map island. It reads its data attributes (see `ui/map.html`), loads MapLibre only when a
 * page shows a map, and says so in `note` where the browser cannot draw one; the list beside it holds the same facts.
 */
import type { Drawn } from "./map";

export const NO_WEBGL = "This browser cannot draw the map (WebGL 2 is off). The list of cameras holds the same facts.";
export const NO_MAP = "The map could not be loaded. Reload the page to try again.";

export function cameraMap() {
  let drawn: Drawn | undefined;
  const end = new AbortController();
  return {
    note: "",
    async init(this: { note: string; $el: HTMLElement; show(frame: HTMLElement): Promise<void> }): Promise<void> {
      const frame = this.$el;
      if (!canDraw()) {
        this.note = NO_WEBGL;
        return;
      }
      // Colors are read when the map is drawn.
      const redraw = () => (drawn?.remove(), void this.show(frame));
      document.addEventListener("plateward:theme", redraw, { signal: end.signal });
      await this.show(frame);
    },
    async show(frame: HTMLElement): Promise<void> {
      try {
        const [{ draw }, cameras] = await Promise.all([import("./map"), fetchCameras(frame.dataset["cameras"])]);
        if (frame.isConnected) drawn = await draw(frame, cameras);
      } catch {
        this.note = NO_MAP;
      }
    },
    destroy(): void {
      end.abort();
      drawn?.remove();
    },
  };
}

export function canDraw(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

async function fetchCameras(url: string | undefined): Promise<GeoJSON.FeatureCollection<GeoJSON.Point>> {
  if (!url) return { type: "FeatureCollection", features: [] };
  const answer = await fetch(url, { headers: { Accept: "application/geo+json" } });
  if (!answer.ok) throw new Error(`Cameras answered ${answer.status}`);
  return answer.json();
}
