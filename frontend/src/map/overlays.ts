/** Layers of records, cases and hot spots: fetched when first switched on, drawn by shape, opened by a press. */
import type { FeatureCollection } from "geojson";
import type { Map, MapGeoJSONFeature } from "maplibre-gl";
import { onLight } from "../light";
import { config, say, type Overlay } from "./config";
import { NUMBERS_FROM } from "./ground";
import { note } from "./loading";
import { on, view } from "./state";
import { shape } from "./symbols";

const PREFIX = "o-";
const asked = new Set<string>();
const layer = (each: Overlay): string => PREFIX + each.id;
const many = (each: Overlay): string => `${layer(each)}-many`;
const found = (each: Overlay): HTMLElement => document.querySelector<HTMLElement>(`[data-found="${each.id}"]`)!;

/** Layers of the map that are switched on. */
export const overlayLayers = (): string[] => config.overlays.filter((each) => view.layers[each.id] && asked.has(each.id)).flatMap((each) => [layer(each), many(each)]);

/** Words about a feature of such a layer; null for any other. */
export function overlayTip({ layer: own, properties }: MapGeoJSONFeature): string[] | null {
  if (!own.id.startsWith(PREFIX)) return null;
  if (properties.cluster) return [String(properties.point_count), say("zoom_hint")];
  return [properties.title as string, `${properties.number} · ${properties.step_title}`, say("press_to_open")];
}

/** Go to the page of a feature of such a layer; false for several at one place, and for any other. */
export function openOverlay({ layer: own, properties }: MapGeoJSONFeature): boolean {
  if (!own.id.startsWith(PREFIX) || properties.cluster) return false;
  location.assign(`${properties.url as string}${location.search}`);
  return true;
}

async function fetched(map: Map, each: Overlay): Promise<void> {
  asked.add(each.id);
  const answer = await fetch(each.url + location.search);
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const shapes = (await answer.json()) as FeatureCollection;
  found(each).textContent = String(shapes.features.length);
  map.addSource(layer(each), { type: "geojson", data: shapes, cluster: true, clusterRadius: 24, clusterMaxZoom: Math.floor(NUMBERS_FROM), clusterProperties: { bad: ["+", ["case", ["==", ["get", "state"], "bad"], 1, 0]] } });
  const icon = ["concat", "o|", each.shape, "|", ["get", "state"]];
  map.addLayer({ id: layer(each), type: "symbol", source: layer(each), filter: ["!", ["has", "point_count"]], layout: { "icon-image": icon as never, "icon-allow-overlap": true, "icon-anchor": each.shape === "flag" ? "bottom" : "center" } });
  map.addLayer({ id: many(each), type: "symbol", source: layer(each), filter: ["has", "point_count"], layout: { "icon-image": ["concat", "m|", ["get", "point_count"], "|", ["get", "bad"]], "icon-allow-overlap": true } });
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
    for (const id of [layer(each), many(each)]) if (map.getLayer(id)) map.setLayoutProperty(id, "visibility", wanted ? "visible" : "none");
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
