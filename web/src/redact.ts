/**
 * Draws boxes on the picture of a `[data-redact]`: by mouse, pen or finger on the picture, by keys on a box that has the
 * focus. The lines of the text field named there are the boxes; what is typed there is drawn, and what is drawn written.
 */
import { announce } from "./announce";
import { type Box, formatBoxes, inside, nudged, parseBoxes, said, type Size, spanned } from "./boxes";

const LEAST_DRAG = 4; // pixels on the screen; less is a click

export function redacting(): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-redact]")) new Drawing(place);
}

export class Drawing {
  readonly #frame: HTMLElement;
  readonly #field: HTMLTextAreaElement;
  readonly #size: Size;
  #boxes: Box[] = [];

  constructor(place: HTMLElement) {
    this.#frame = place.querySelector<HTMLElement>("[data-frame]")!;
    this.#field = document.querySelector<HTMLTextAreaElement>(place.dataset["redact"]!)!;
    this.#size = { width: Number(place.dataset["width"]), height: Number(place.dataset["height"]) };
    this.#field.addEventListener("input", () => this.#read());
    this.#frame.addEventListener("pointerdown", (event) => this.#press(event));
    this.#frame.addEventListener("keydown", (event) => this.#key(event));
    place.querySelector("[data-add]")!.addEventListener("click", () => this.#addInMiddle());
    place.hidden = false;
    this.#read();
  }

  #read(): void {
    this.#boxes = parseBoxes(this.#field.value);
    this.#draw();
  }

  /** Write the boxes down and draw them; the box at `focused` keeps the focus. */
  #write(boxes: Box[], focused?: number): void {
    this.#boxes = boxes;
    this.#field.value = formatBoxes(boxes);
    this.#field.dispatchEvent(new Event("change", { bubbles: true }));
    this.#draw();
    if (focused !== undefined) this.#buttons()[focused]?.focus();
  }

  #buttons(): HTMLElement[] {
    return [...this.#frame.querySelectorAll<HTMLElement>("[data-box]")];
  }

  #draw(): void {
    const kept = this.#buttons();
    for (const extra of kept.splice(this.#boxes.length)) extra.remove();
    this.#boxes.forEach((box, index) => {
      const button = kept[index] ?? this.#frame.appendChild(blank());
      button.setAttribute("aria-label", said(box, index + 1, this.#boxes.length));
      this.#place(button, box);
    });
  }

  #place(element: HTMLElement, box: Box): void {
    element.style.left = `${(100 * box.left) / this.#size.width}%`;
    element.style.top = `${(100 * box.top) / this.#size.height}%`;
    element.style.width = `${(100 * box.width) / this.#size.width}%`;
    element.style.height = `${(100 * box.height) / this.#size.height}%`;
  }

  /** Where in the picture an event points. */
  #at(event: PointerEvent): [number, number] {
    const { left, top, width, height } = this.#frame.getBoundingClientRect();
    return [((event.clientX - left) / width) * this.#size.width, ((event.clientY - top) / height) * this.#size.height];
  }

  /** Draw a box from here on, or move the one pressed, until the pointer is let go. */
  #press(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    const button = (event.target as Element).closest<HTMLElement>("[data-box]");
    const moved = button ? this.#buttons().indexOf(button) : -1;
    const [x, y] = this.#at(event);
    const before = this.#boxes[moved];
    const shown = button ?? this.#frame.appendChild(blank());
    const boxAt = (to: PointerEvent): Box => {
      const [toX, toY] = this.#at(to);
      if (before) return inside({ ...before, left: before.left + toX - x, top: before.top + toY - y }, this.#size);
      return spanned(x, y, toX, toY, this.#size);
    };
    const move = (to: PointerEvent): void => this.#place(shown, boxAt(to));
    const end = (to: PointerEvent): void => {
      stop.abort();
      const isDrag = Math.hypot(to.clientX - event.clientX, to.clientY - event.clientY) >= LEAST_DRAG;
      if (!button) shown.remove();
      if (to.type === "pointercancel" || !isDrag) this.#draw();
      else if (before) this.#write(this.#boxes.with(moved, boxAt(to)), moved);
      else this.#write([...this.#boxes, boxAt(to)], this.#boxes.length);
      if (!isDrag) button?.focus();
    };
    if (!button) {
      delete shown.dataset["box"]; // not one of the boxes yet
      this.#place(shown, spanned(x, y, x, y, this.#size));
    }
    const stop = new AbortController();
    this.#frame.setPointerCapture?.(event.pointerId);
    this.#frame.addEventListener("pointermove", move, stop);
    this.#frame.addEventListener("pointerup", end, stop);
    this.#frame.addEventListener("pointercancel", end, stop);
  }

  #key(event: KeyboardEvent): void {
    const index = this.#buttons().indexOf(event.target as HTMLElement);
    const box = this.#boxes[index];
    if (!box || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.#write(this.#boxes.toSpliced(index, 1), Math.min(index, this.#boxes.length - 2));
      announce(`Box ${index + 1} is removed. ${this.#boxes.length} left.`);
      return;
    }
    const changed = nudged(box, event.key, event.shiftKey, this.#size);
    if (!changed) return;
    event.preventDefault();
    this.#write(this.#boxes.with(index, changed), index);
    announce(said(changed, index + 1, this.#boxes.length));
  }

  #addInMiddle(): void {
    const { width, height } = this.#size;
    const box = inside({ left: width * 0.4, top: height * 0.45, width: width * 0.2, height: height * 0.1 }, this.#size);
    this.#write([...this.#boxes, box], this.#boxes.length);
    announce(`${said(box, this.#boxes.length, this.#boxes.length)}. Arrow keys move it, with Shift they size it.`);
  }
}

function blank(): HTMLElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "pw-redact__box";
  button.dataset["box"] = "";
  return button;
}
