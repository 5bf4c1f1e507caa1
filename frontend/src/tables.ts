/** Keyboard in tables marked `data-keys`: j and k move, Enter opens, / goes to the filter. */
const typing = (event: KeyboardEvent): boolean =>
  event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).matches("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

function move(rows: HTMLTableRowElement[], step: number): void {
  const present = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
  const next = rows[Math.min(rows.length - 1, Math.max(0, present + step))];
  rows[present]?.removeAttribute("aria-selected");
  next?.setAttribute("aria-selected", "true");
  next?.querySelector("a")?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

function pressed(event: KeyboardEvent): void {
  const table = document.querySelector<HTMLTableElement>("table[data-keys]");
  if (!table || typing(event) || document.querySelector("dialog[open]")) return;
  const rows = [...(table.tBodies[0]?.rows ?? [])].filter((row) => row.querySelector("a"));
  if (event.key === "j") move(rows, 1);
  if (event.key === "k") move(rows, -1);
  if (event.key === "/") { event.preventDefault(); document.querySelector<HTMLElement>("[data-filter]")?.focus(); }
}

export const startTables = (): void => document.addEventListener("keydown", pressed);
