import { expect, test } from "vitest";
import { stackTables } from "../src/tables";

const TABLE = `<div class="pw-table"><table>
  <thead><tr><th scope="col">Who</th><th scope="col">When</th><th scope="col"><span class="usa-sr-only">Act</span></th></tr></thead>
  <tbody>
    <tr><th scope="rowgroup" colspan="3">Patrol</th></tr>
    <tr><th scope="row">Ortiz</th><td>Today</td><td><a href="/">Open</a></td></tr>
  </tbody></table></div>`;

test("each cell gets its column's name, and screen readers keep the table", () => {
  document.body.innerHTML = TABLE;
  stackTables();
  const cells = [...document.querySelectorAll("tbody tr:last-child > *")].map((cell) => [
    cell.getAttribute("role"),
    cell.getAttribute("data-label"),
  ]);
  expect(cells).toEqual([
    ["rowheader", null],
    ["cell", "When"],
    ["cell", null],
  ]);
  expect(document.querySelector("table")!.getAttribute("role")).toBe("table");
  expect(document.querySelector("thead th")!.getAttribute("role")).toBe("columnheader");
  expect(document.querySelector(".pw-table")!.className).toContain("pw-table--stack");
});

test("a table that htmx brings is told too", () => {
  document.body.innerHTML = "";
  stackTables();
  document.body.innerHTML = TABLE;
  document.dispatchEvent(new CustomEvent("htmx:afterSettle"));
  expect(document.querySelector("tbody td")!.getAttribute("data-label")).toBe("When");
});

test("a sheet to be signed stays a table", () => {
  document.body.innerHTML = TABLE.replace("pw-table", "pw-table pw-sheet");
  stackTables();
  expect(document.querySelector(".pw-sheet")!.className).not.toContain("pw-table--stack");
});
