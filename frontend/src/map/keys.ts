/** Keys of the map page: arrows move time, space plays, T the table, + and − zoom, Esc closes. */
import { choose, zoom } from "./canvas";
import { play, timeKey } from "./slider";
import { view } from "./state";
import { tableOpen, toggle } from "./table";

const typing = (target: Element): boolean => target.matches("input:not([type=checkbox]), select, textarea, [contenteditable]") || document.querySelector("dialog[open]") !== null;
const pressable = (target: Element): boolean => target.closest("button, a, summary, input") !== null;

function escape(): boolean {
  if (!document.getElementById("drawer")!.hidden || document.querySelector("details.menu[open]")) return false;
  if (tableOpen()) toggle();
  else if (view.chosen) choose(null);
  return true;
}

function act(event: KeyboardEvent): boolean {
  if (event.key === "Escape") return escape();
  if (event.key === "t" || event.key === "T") { toggle(); return true; }
  if (event.key === "+" || event.key === "=") { zoom("in"); return true; }
  if (event.key === "-") { zoom("out"); return true; }
  if (event.key === " " && !pressable(event.target as Element)) { play(); return true; }
  return timeKey(event.key, event.shiftKey);
}

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target as Element)) return;
    if (act(event)) event.preventDefault();
  });
  for (const button of document.querySelectorAll<HTMLElement>("[data-zoom]")) button.addEventListener("click", () => zoom(button.dataset.zoom));
}
