/** The public form: the place of a report, pressed on a map of the counties or taken from the person's own position. */
import * as maplibregl from "maplibre-gl";
import { token } from "./light";
import { plainMap } from "./plain";

const spot = document.querySelector<HTMLElement>("[data-spot]")!;
const find = <E extends HTMLElement = HTMLElement>(query: string): E => spot.querySelector<E>(query)!;
const longitude = find<HTMLInputElement>("[name=longitude]");
const latitude = find<HTMLInputElement>("[name=latitude]");
const said = find("[data-said]");
const clear = find<HTMLButtonElement>("[data-clear]");
const STEP = 0.02; // degrees an arrow key moves the mark
let map: maplibregl.Map | undefined;
let mark: maplibregl.Marker | undefined;

function set(lon: number, lat: number, move = false): void {
  longitude.value = lon.toFixed(6);
  latitude.value = lat.toFixed(6);
  said.textContent = spot.dataset.kept!.replace("{lon}", lon.toFixed(4)).replace("{lat}", lat.toFixed(4));
  clear.hidden = false;
  if (!map) return;
  mark ??= marked(map, [lon, lat]);
  mark.setLngLat([lon, lat]);
  if (move) map.jumpTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 10) });
}

function marked(on: maplibregl.Map, at: [number, number]): maplibregl.Marker {
  const made = new maplibregl.Marker({ color: token("accent"), draggable: true }).setLngLat(at).addTo(on);
  made.on("dragend", () => { const to = made.getLngLat(); set(to.lng, to.lat); });
  return made;
}

function unset(): void {
  longitude.value = latitude.value = said.textContent = "";
  clear.hidden = true;
  mark?.remove();
  mark = undefined;
}

async function draw(): Promise<void> {
  map = await plainMap(find("[data-map]"), spot.dataset.ground!);
  map.on("click", (event) => set(event.lngLat.lng, event.lngLat.lat));
  if (longitude.value && latitude.value) set(Number(longitude.value), Number(latitude.value), true);
}

/** Enter marks the middle of the map; with a mark, Shift and an arrow move it. */
function keys(event: KeyboardEvent): void {
  if (!map) return;
  if (event.key === "Enter") { event.preventDefault(); const at = map.getCenter(); set(at.lng, at.lat); }
  const way = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP], ArrowDown: [0, -STEP] }[event.key];
  if (!way || !event.shiftKey || !mark) return;
  event.preventDefault();
  event.stopPropagation();
  const at = mark.getLngLat();
  set(at.lng + way[0]!, at.lat + way[1]!);
}

clear.addEventListener("click", unset);
find("[data-map]").addEventListener("keydown", keys, { capture: true });
if ("geolocation" in navigator) {
  const own = find<HTMLButtonElement>("[data-position]");
  own.hidden = false;
  own.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
    ({ coords }) => set(coords.longitude, coords.latitude, true), () => { said.textContent = spot.dataset.refused!; }));
}
draw().catch(() => { find("[data-map]").hidden = true; });
