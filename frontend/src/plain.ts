/** A small map of the counties: the ground of the public form and of the page of a case. */
import * as maplibregl from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import worker from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { onLight, token } from "./light";

function paint(map: maplibregl.Map): void {
  map.setPaintProperty("out", "background-color", token("map-out"));
  map.setPaintProperty("land", "fill-color", token("map-land"));
  map.setPaintProperty("line", "line-color", token("map-line-2"));
  map.setPaintProperty("name", "text-color", token("map-label"));
  map.setPaintProperty("name", "text-halo-color", token("halo"));
}

/** The counties fetched from `ground` (GeoJSON) drawn into an element; follows the light. */
export async function plainMap(container: HTMLElement, ground: string): Promise<maplibregl.Map> {
  maplibregl.setWorkerUrl(worker);
  const shapes = await (await fetch(ground)).json() as GeoJSON.FeatureCollection;
  const names = { type: "FeatureCollection" as const, features: shapes.features.map((each) => ({ ...each, geometry: { type: "Point" as const, coordinates: each.properties!.label as number[] } })) };
  const fonts = token("sans").split(",").map((name) => name.trim().replaceAll('"', ""));
  const name = document.documentElement.lang === "en" ? "en" : "zh";
  const map = new maplibregl.Map({
    container, attributionControl: false, dragRotate: false, pitchWithRotate: false, cooperativeGestures: false,
    bounds: [121.6, 40.8, 131.4, 46.4], fitBoundsOptions: { padding: 12 },
    style: { version: 8, sources: { ground: { type: "geojson", data: shapes }, names: { type: "geojson", data: names } }, layers: [
      { id: "out", type: "background" },
      { id: "land", type: "fill", source: "ground" },
      { id: "line", type: "line", source: "ground", paint: { "line-width": 0.8 } },
      { id: "name", type: "symbol", source: "names", layout: { "text-font": fonts, "text-field": ["get", name], "text-size": 12 }, paint: { "text-halo-width": 1.4 } },
    ] },
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  map.on("load", () => paint(map));
  onLight(() => paint(map));
  return map;
}
