/**
 * Makes tables readable on a telephone, where the styles show each row as a block (`.pw-table--stack`): every cell is
 * told its column's name, and the roles that a table loses with its layout are written out for screen readers.
 */
export function stackTables(): void {
  const stackAll = () => document.querySelectorAll<HTMLTableElement>(STACKED).forEach(stack);
  stackAll();
  document.addEventListener("htmx:afterSettle", stackAll);
}

const STACKED = ".pw-table:not(.pw-sheet) > table"; // a sheet to be signed keeps its empty columns

const ROLES: Record<string, string> = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };

export function stack(table: HTMLTableElement): void {
  const names = [...table.querySelectorAll<HTMLElement>("thead tr:last-child > *")].map(nameOf);
  if (!names.length) return;
  table.parentElement?.classList.add("pw-table--stack");
  for (const part of [table, ...table.querySelectorAll<HTMLElement>("thead, tbody, tr, td, th")]) {
    part.setAttribute("role", ROLES[part.tagName] ?? headerRole(part));
  }
  table.querySelectorAll<HTMLElement>("tbody tr").forEach((row) => label(row, names));
}

/** What is there for screen readers alone is no label to be seen. */
function nameOf(head: HTMLElement): string {
  return head.querySelector(".usa-sr-only") ? "" : (head.textContent ?? "").trim();
}

function headerRole(cell: HTMLElement): string {
  return cell.closest("thead") ? "columnheader" : "rowheader";
}

function label(row: HTMLElement, names: string[]): void {
  const cells = [...row.children];
  if (cells.length !== names.length) return; // a cell over several columns belongs to none of them
  cells.forEach((cell, at) => {
    if (cell.tagName === "TD" && names[at]) cell.setAttribute("data-label", names[at]);
  });
}
