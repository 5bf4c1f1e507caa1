/** The same data as a table, one key away (T), and on paper below the map. */
import { address, config, part, say, type Point } from "./config";
import { choose } from "./canvas";
import { long } from "./hours";
import { aqiOf, on, stateOf, stations, view, visible } from "./state";

const sheet = document.getElementById("table")!;

function cell(tag: "td" | "th", content: string | Node, kind = ""): HTMLElement {
  const made = Object.assign(document.createElement(tag), { className: kind });
  made.append(content);
  return made;
}

function level(id: string): Node {
  const state = stateOf(id);
  const made = document.createElement("span");
  const numbered = state !== "0" && state !== "x";
  made.className = numbered ? `lv a${state}` : `st ${state === "0" ? "none" : "unknown"}`;
  if (numbered) made.append(Object.assign(document.createElement("i"), { textContent: state }));
  made.append(config.states[state]);
  return made;
}

function row(point: Point): HTMLElement {
  const link = Object.assign(document.createElement("a"), { href: address(config.page.station.replace("CODE", encodeURIComponent(point.id)), view.hour), textContent: point.name });
  const pin = Object.assign(document.createElement("button"), { type: "button", className: "linkish", textContent: "◎", title: `${point.name} ↗` });
  pin.setAttribute("aria-label", `${point.name}: ${document.querySelector("h1")!.textContent}`);
  pin.addEventListener("click", () => { toggle(); choose(point.id); document.getElementById("point")!.focus(); });
  const made = document.createElement("tr");
  const head = cell("th", link);
  head.setAttribute("scope", "row");
  head.append(" ", pin);
  const aqi = aqiOf(point.id);
  made.append(head, cell("td", point.cityName), cell("td", point.rankName), cell("td", aqi === null ? say("missing") : String(aqi), aqi === null ? "r na" : "r b"), cell("td", level(point.id)));
  return made;
}

function draw(): void {
  const shown = stations.filter(visible).sort((a, b) => (aqiOf(b.id) ?? -1) - (aqiOf(a.id) ?? -1));
  part("rows").replaceChildren(...shown.map(row));
  part("table-hour").textContent = long(view.hour);
}

/** Show or hide the table; the focus goes with it. */
export function toggle(): void {
  sheet.hidden = !sheet.hidden;
  if (sheet.hidden) return document.getElementById("main")!.focus();
  draw();
  sheet.focus();
}

/** Whether the table is open. */
export const tableOpen = (): boolean => !sheet.hidden;

export function startTable(): void {
  for (const button of document.querySelectorAll("[data-table-switch]")) button.addEventListener("click", toggle);
  on(["frames", "hour", "classes", "layers"], () => { if (tableOpen()) draw(); });
  let paper = false;
  addEventListener("beforeprint", () => { paper = sheet.hidden === true; if (paper) { draw(); sheet.hidden = false; } });
  addEventListener("afterprint", () => { if (paper) sheet.hidden = true; });
}
