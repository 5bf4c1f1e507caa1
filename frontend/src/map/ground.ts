/** The ground of the map: our own polygons and names in the tokens' colours, and the layers of stations. */
import type { Feature, FeatureCollection } from "geojson";
import type { ExpressionSpecification, FilterSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";
import { token } from "../light";
import { config, STATES } from "./config";

/** Nearer than this a station shows its number, and clusters are gone. */
export const NUMBERS_FROM = 8.2;
const NAME = config.english ? "en" : "zh";
export const EMPTY = { type: "FeatureCollection" as const, features: [] };

const count = (state: string): ExpressionSpecification => ["case", ["==", ["get", "state"], state], 1, 0];
const ringName: ExpressionSpecification = ["concat", "c", ...STATES.flatMap((state) => ["|", ["to-string", ["get", `n${state}`]]])] as ExpressionSpecification;

/** Names stand where the larger polygons have most room. */
function labels(): FeatureCollection {
  const features = config.around.map(({ lon, lat, name }): Feature => ({
    type: "Feature", properties: { name }, geometry: { type: "Point", coordinates: [lon, lat] },
  }));
  return { type: "FeatureCollection", features };
}

/** Fonts of the person's machine, drawn by the browser: no glyphs are fetched. */
const FONTS = token("sans").split(",").map((name) => name.trim().replaceAll('"', ""));
const text = { "text-font": FONTS, "text-letter-spacing": config.english ? 0.02 : 0.22, "text-max-width": 12 };
/** A city's name stands at its middle, else beside it, else further off, so that symbols stay free. */
const BESIDE: (string | [number, number])[] = ["center", [0, 0], ...[1.3, 2.2, 3].flatMap((off): (string | [number, number])[] => ["top", [0, off], "bottom", [0, -off], "right", [-off, 0], "left", [off, 0]])];
const one: FilterSpecification = ["!", ["has", "point_count"]];

function layers(): LayerSpecification[] {
  return [
    { id: "out", type: "background" },
    { id: "land", type: "fill", source: "province" },
    { id: "city-area", type: "fill", source: "prefecture", layout: { visibility: "none" } },
    { id: "city-none", type: "fill", source: "prefecture", layout: { visibility: "none" }, paint: { "fill-pattern": "hatch" } },
    { id: "county", type: "line", source: "county" },
    { id: "prefecture", type: "line", source: "prefecture", layout: { "line-join": "round" } },
    { id: "province", type: "line", source: "province", layout: { "line-join": "round" } },
    { id: "around", type: "symbol", source: "around", layout: { ...text, "text-field": ["get", "name"], "text-size": 12, "text-letter-spacing": config.english ? 0.08 : 0.5 } },
    { id: "county-name", type: "symbol", source: "county-names", minzoom: NUMBERS_FROM - 0.4, layout: { ...text, "text-field": ["get", NAME], "text-size": 11.5, "text-letter-spacing": 0.04 } },
    { id: "prefecture-name", type: "symbol", source: "prefecture-names", layout: { ...text, "text-field": ["get", "short"], "text-size": 14.5, "text-variable-anchor-offset": BESIDE } },
    { id: "number", type: "symbol", source: "stations", filter: one, minzoom: NUMBERS_FROM, layout: { "text-font": FONTS, "text-field": ["get", "label"], "text-size": 12, "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 1.35, "text-justify": "auto", "text-max-width": 14 } },
    { id: "station", type: "symbol", source: "stations", filter: one, layout: { "icon-image": ["concat", "s|", ["get", "state"], "|", ["get", "rank"]], "icon-allow-overlap": true, "symbol-sort-key": ["get", "weight"] } },
    { id: "cluster", type: "symbol", source: "stations", filter: ["has", "point_count"], layout: { "icon-image": ringName, "icon-allow-overlap": true } },
    { id: "chosen", type: "symbol", source: "chosen", layout: { "icon-image": ["concat", "s|", ["get", "state"], "|chosen"], "icon-allow-overlap": true, "text-font": FONTS, "text-field": ["get", "name"], "text-size": 13, "text-anchor": "left", "text-offset": [1.6, 0], "text-optional": true } },
  ];
}

/** The style: nothing in it comes from another host. */
export function style(): StyleSpecification {
  const clusters = Object.fromEntries(STATES.map((state) => [`n${state}`, ["+", count(state)]]));
  const empty = { type: "geojson" as const, data: EMPTY };
  return {
    version: 8,
    transition: { duration: 0, delay: 0 },
    sources: {
      province: empty, prefecture: { ...empty, promoteId: "code" }, county: empty,
      "prefecture-names": empty, "county-names": empty, chosen: empty,
      around: { type: "geojson", data: labels() },
      stations: { type: "geojson", data: EMPTY, cluster: true, clusterRadius: 22, clusterMaxZoom: Math.floor(NUMBERS_FROM), clusterProperties: clusters },
    },
    layers: layers(),
  };
}

/** Paint of every layer in the present light. */
export function paints(): Record<string, Record<string, unknown>> {
  const names = { "text-halo-color": token("halo"), "text-halo-width": 1.6 };
  const level = (kind: string): ExpressionSpecification => [
    "match", ["feature-state", "state"], ...["1", "2", "3", "4", "5", "6"].flatMap((each) => [each, token(`aqi-${each}${kind}`)]), token("map-land"),
  ] as unknown as ExpressionSpecification;
  return {
    out: { "background-color": token("map-out") },
    land: { "fill-color": token("map-land"), "fill-antialias": false },
    "city-area": { "fill-color": level("-area"), "fill-opacity": 0.75 },
    county: { "line-color": token("map-line"), "line-width": 0.8 },
    prefecture: { "line-color": token("map-line-2"), "line-width": 1.1 },
    province: { "line-color": token("map-line-2"), "line-width": 2 },
    around: { "text-color": token("ink-3"), "text-halo-color": token("map-out"), "text-halo-width": 1 },
    "county-name": { "text-color": token("ink-3"), ...names },
    "prefecture-name": { "text-color": token("map-label"), ...names },
    number: { "text-color": token("ink"), ...names },
    chosen: { "text-color": token("ink"), ...names, "text-halo-width": 2 },
  };
}
