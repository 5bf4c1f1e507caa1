/** Layers of records, cases and hot spots: fetched when first switched on, drawn by shape, opened by a press. */
import type { FeatureCollection } from "geojson";
import type { Map, MapGeoJSONFeature } from "maplibre-gl";
import { onLight } from "../light";
import { config, say, type Overlay } from "./config";
import { note } from "./loading";
import { on, view } from "./state";
import { shape } from "./symbols";

const PREFIX = "o-";
const asked = new Set<string>();
const layer = (each: Overlay): string => PREFIX + each.id;
const found = (each: Overlay): HTMLElement => document.querySelector<HTMLElement>(`[data-found="${each.id}"]`)!;

/** Layers of the map that are switched on. */
export const overlayLayers = (): string[] => config.overlays.filter((each) => view.layers[each.id] && asked.has(each.id)).map(layer);

/** Words about a feature of such a layer; null for any other. */
export function overlayTip({ layer: own, properties }: MapGeoJSONFeature): string[] | null {
  if (!own.id.startsWith(PREFIX)) return null;
  return [properties.title as string, `${properties.number} · ${properties.step_title}`, say("press_to_open")];
}

/** Go to the page of a feature of such a layer; false for any other. */
export function openOverlay({ layer: own, properties }: MapGeoJSONFeature): boolean {
  if (!own.id.startsWith(PREFIX)) return false;
  location.assign(`${properties.url as string}${location.search}`);
  return true;
}

async function fetched(map: Map, each: Overlay): Promise<void> {
  asked.add(each.id);
  const answer = await fetch(each.url + location.search);
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const shapes = (await answer.json()) as FeatureCollection;
  found(each).textContent = String(shapes.features.length);
  map.addSource(layer(each), { type: "geojson", data: shapes });
  const icon = ["concat", "o|", each.shape, "|", ["get", "state"]];
  map.addLayer({ id: layer(each), type: "symbol", source: layer(each), layout: { "icon-image": icon as never, "icon-allow-overlap": true, "icon-anchor": each.shape === "flag" ? "bottom" : "center" } });
}

function failed(box: HTMLInputElement | null, each: Overlay): void {
  asked.delete(each.id);
  view.layers[each.id] = false;
  if (box) box.checked = false;
  note(say("layer_failed", { name: each.title }));
}

function show(map: Map): void {
  for (const each of config.overlays) {
    const wanted = view.layers[each.id] ?? false;
    const box = document.querySelector<HTMLInputElement>(`[data-layer="${each.id}"]`);
    if (wanted && !asked.has(each.id)) void fetched(map, each).catch(() => failed(box, each));
    if (map.getLayer(layer(each))) map.setLayoutProperty(layer(each), "visibility", wanted ? "visible" : "none");
  }
}

/** The small symbols of the panel. */
function swatches(): void {
  for (const canvas of document.querySelectorAll<HTMLCanvasElement>("[data-shape]")) {
    canvas.width = canvas.height = 28;
    const pen = canvas.getContext("2d")!;
    pen.scale(2, 2);
    shape(pen, canvas.dataset.shape!, "", 7, 5.2);
  }
}

export function startOverlays(map: Map): void {
  swatches();
  onLight(swatches);
  on(["layers"], () => show(map));
  show(map);
}
