import { beforeEach, expect, test } from "vitest";
import { formatBoxes, inside, nudged, parseBoxes, spanned } from "../src/boxes";
import { redacting } from "../src/redact";

const SIZE = { width: 400, height: 200 };

beforeEach(() => {
  document.body.innerHTML = `<div id="announcer" role="status"></div>
    <div data-redact="#boxes" data-width="400" data-height="200" hidden>
      <div data-frame><img alt=""></div><button type="button" data-add>Add a box</button>
    </div>
    <textarea id="boxes">10 20 30 40</textarea>`;
  redacting();
  frame().getBoundingClientRect = () => ({ left: 0, top: 0, width: 200, height: 100 }) as DOMRect; // half its size
});

const frame = () => document.querySelector<HTMLElement>("[data-frame]")!;
const field = () => document.querySelector("textarea")!;
const boxes = () => [...document.querySelectorAll<HTMLElement>("[data-box]")];
const press = (element: HTMLElement, key: string, shiftKey = false) =>
  element.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true }));
const point = (type: string, clientX: number, clientY: number, element: HTMLElement = frame()) =>
  element.dispatchEvent(new PointerEvent(type, { clientX, clientY, button: 0, bubbles: true, cancelable: true }));

test("lines that are no box are passed over, and boxes are written as they were read", () => {
  expect(formatBoxes(parseBoxes("1 2 3 4\nx\n5,6,7,8\n1 2 0 4"))).toBe("1 2 3 4\n5 6 7 8");
});

test("a box stays in the picture and is at least a pixel large", () => {
  expect(inside({ left: 390, top: -5, width: 30, height: 0 }, SIZE)).toEqual({ left: 370, top: 0, width: 30, height: 1 });
  expect(spanned(500, 150, 350, -10, SIZE)).toEqual({ left: 350, top: 0, width: 50, height: 150 });
  expect(nudged({ left: 0, top: 0, width: 1, height: 1 }, "ArrowLeft", true, SIZE)?.width).toBe(1);
  expect(nudged({ left: 0, top: 0, width: 1, height: 1 }, "Enter", false, SIZE)).toBeUndefined();
});

test("a box is drawn by dragging on the picture, whatever size the picture is shown in", () => {
  point("pointerdown", 100, 50);
  point("pointermove", 110, 60);
  point("pointerup", 120, 60);
  expect(field().value).toBe("10 20 30 40\n200 100 40 20");
  expect(boxes()).toHaveLength(2);
  expect(document.activeElement).toBe(boxes()[1]);
});

test("a click without a drag draws nothing", () => {
  point("pointerdown", 100, 50);
  point("pointerup", 101, 51);
  expect(field().value).toBe("10 20 30 40");
  expect(boxes()).toHaveLength(1);
});

test("a box is dragged elsewhere", () => {
  point("pointerdown", 10, 15, boxes()[0]!);
  point("pointerup", 20, 15);
  expect(field().value).toBe("30 20 30 40");
});

test("arrow keys move the box that has the focus, Shift sizes it, Delete removes it, and each is said", () => {
  const box = boxes()[0]!;
  press(box, "ArrowRight");
  expect(field().value).toBe("12 20 30 40");
  press(boxes()[0]!, "ArrowDown", true);
  expect(field().value).toBe("12 20 30 42");
  expect(document.getElementById("announcer")!.textContent).toContain("42 high");
  press(boxes()[0]!, "Delete");
  expect(field().value).toBe("");
  expect(boxes()).toHaveLength(0);
});

test("a box is added by a button for who draws without a mouse", () => {
  document.querySelector<HTMLElement>("[data-add]")!.click();
  expect(field().value).toBe("10 20 30 40\n160 90 80 20");
  expect(document.activeElement).toBe(boxes()[1]);
});

test("what is typed is drawn", () => {
  field().value = "0 0 200 100\n1 1 1 1";
  field().dispatchEvent(new Event("input"));
  expect(boxes()).toHaveLength(2);
  expect(boxes()[0]!.style.width).toBe("50%");
});
