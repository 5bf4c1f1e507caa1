/** The map itself: ground, stations of the hour, hover, choice, zoom. */
import type { Feature, FeatureCollection, Point as PointShape, Polygon } from "geojson";
import * as maplibregl from "maplibre-gl";
import "maplibre-gl/dist/maplibre-gl.css";
import worker from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import { onLight } from "../light";
import { config, part, say, STATES, type Point } from "./config";
import { paints, style } from "./ground";
import { openOverlay, overlayLayers, overlayTip, startOverlays } from "./overlays";
import { aqiOf, cities, on, stateOf, stations, tell, view, visible } from "./state";
import { symbols } from "./symbols";

const phone = matchMedia("(max-width: 760px)");
let map: maplibregl.Map;
let home: maplibregl.LngLatBoundsLike | undefined;
let moved = false; // the person moved the map: it is no longer fitted to the place

type Collection = FeatureCollection;
const source = (id: string): maplibregl.GeoJSONSource => map.getSource(id) as maplibregl.GeoJSONSource;

/** Room the panels take at the edges, in pixels. */
function padding(): maplibregl.PaddingOptions {
  if (phone.matches) return { left: 6, right: 6, top: 56, bottom: view.chosen ? 420 : 90 };
  return { left: 250, right: view.chosen ? 360 : 30, top: 20, bottom: 136 };
}

function feature(point: Point): Feature {
  const state = stateOf(point.id);
  const aqi = aqiOf(point.id);
  const label = `${aqi ?? config.states[state]}\n${point.name}`;
  const properties = { id: point.id, name: point.name, rank: point.rank, state, label, weight: aqi ?? 0 };
  return { type: "Feature", properties, geometry: { type: "Point", coordinates: [point.lon, point.lat] } };
}

const collection = (points: Point[]): Collection => ({ type: "FeatureCollection", features: points.map(feature) });

function drawStations(): void {
  const shown = stations.filter((point) => point.id !== view.chosen && visible(point));
  void source("stations").setData(collection(shown));
  void source("chosen").setData(collection(config.points.filter((point) => point.id === view.chosen && point.kind === "station")));
}

/** City polygons wear the value of the city; a city without value is hatched. */
function drawCities(): void {
  const shown = view.layers.cities ? "visible" : "none";
  for (const layer of ["city-area", "city-none"]) map.setLayoutProperty(layer, "visibility", shown);
  const none = cities.filter((city) => "0x".includes(stateOf(city.id))).map((city) => city.id);
  map.setFilter("city-none", ["in", ["get", "code"], ["literal", none]]);
  for (const city of cities) map.setFeatureState({ source: "prefecture", id: city.id }, { state: stateOf(city.id) });
}

function drawLayers(): void {
  map.setLayoutProperty("county", "visibility", view.layers.counties ? "visible" : "none");
  drawStations();
  drawCities();
}

function paint(): void {
  for (const [layer, values] of Object.entries(paints()))
    for (const [name, value] of Object.entries(values)) map.setPaintProperty(layer, name as never, value as never);
}

const names = (shapes: Collection): Collection => ({
  type: "FeatureCollection",
  features: shapes.features.map((shape): Feature => ({
    type: "Feature", properties: { ...shape.properties, short: config.cities[shape.properties!.code as string] }, geometry: { type: "Point", coordinates: shape.properties!.label as number[] },
  })),
});

function extent(shapes: Feature[]): maplibregl.LngLatBounds {
  const bounds = new maplibregl.LngLatBounds();
  const add = (at: unknown[]): void => { if (typeof at[0] === "number") bounds.extend(at as [number, number]); else at.forEach((inner) => add(inner as unknown[])); };
  for (const shape of shapes) add((shape.geometry as Polygon).coordinates);
  return bounds;
}

async function fetched(level: keyof typeof config.ground): Promise<Collection> {
  const answer = await fetch(config.ground[level]);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json() as Promise<Collection>;
}

async function drawGround(): Promise<void> {
  const [province, prefecture, county] = await Promise.all([fetched("province"), fetched("prefecture"), fetched("county")]);
  for (const [id, shapes] of Object.entries({ province, prefecture, county })) await source(id).setData(shapes);
  await Promise.all([source("prefecture-names").setData(names(prefecture)), source("county-names").setData(names(county))]);
  const own = prefecture.features.filter((shape) => shape.properties!.code === config.place);
  home = extent(own.length ? own : province.features);
  map.fitBounds(home, { padding: padding(), animate: false });
}

/** Words about what lies under the pointer. */
function tipText(found: maplibregl.MapGeoJSONFeature): string[] {
  const own = found.properties;
  const told = overlayTip(found);
  if (told) return told;
  if (found.layer.id === "cluster") {
    const worst = STATES.find((state) => Number(own[`n${state}`]) > 0)!;
    return [say("stations", { count: own.point_count as number }), say("worst", { word: config.states[worst] }), say("zoom_hint")];
  }
  const code = (own.id ?? own.code) as string;
  const point = config.points.find((each) => each.id === code);
  if (!point) return [];
  const name = point.kind === "city" || point.name.startsWith(point.cityName) ? point.name : `${point.cityName} · ${point.name}`;
  const aqi = aqiOf(code);
  const word = config.states[stateOf(code)];
  return [name, aqi === null ? word : `AQI ${aqi} · ${word}`];
}

const targets = (): string[] => [...overlayLayers().filter((id) => map.getLayer(id)), "chosen", "cluster", "station", ...(view.layers.cities ? ["city-area"] : [])];
const under = (at: maplibregl.Point): maplibregl.MapGeoJSONFeature | undefined =>
  map.queryRenderedFeatures([[at.x - 3, at.y - 3], [at.x + 3, at.y + 3]], { layers: targets() })[0];

function hover(event: maplibregl.MapMouseEvent): void {
  const tip = part("tip");
  const found = under(event.point);
  const lines = found ? tipText(found) : [];
  tip.hidden = !lines.length;
  map.getCanvas().classList.toggle("on-symbol", lines.length > 0);
  if (!lines.length) return;
  tip.replaceChildren(...lines.map((line, at) => Object.assign(document.createElement(at ? "span" : "b"), { textContent: line })));
  const left = Math.min(event.point.x + 14, map.getContainer().clientWidth - tip.offsetWidth - 8);
  tip.style.transform = `translate(${left}px, ${event.point.y + 14}px)`;
}

async function press(event: maplibregl.MapMouseEvent): Promise<void> {
  const found = under(event.point);
  if (!found || openOverlay(found)) return;
  if (found.properties.cluster) {
    const zoom = await source(found.source).getClusterExpansionZoom(Number(found.properties.cluster_id));
    const [lng, lat] = (found.geometry as PointShape).coordinates as [number, number];
    moved = true;
    map.easeTo({ center: [lng, lat], zoom: zoom + 0.3, padding: padding() });
  } else choose((found.properties.id ?? found.properties.code) as string);
}

/** Choose a point (or none): its panel opens and the map moves so that its symbol is free. */
export function choose(id: string | null): void {
  view.chosen = id;
  tell("chosen");
}

function free(): void {
  drawStations();
  const point = config.points.find((each) => each.id === view.chosen);
  if (home && !moved && !phone.matches) return void map.fitBounds(home, { padding: padding() });
  if (!point) return;
  const at = map.project([point.lon, point.lat]);
  const { left, right, top, bottom } = padding() as Required<maplibregl.PaddingOptions>;
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const inside = at.x > left + 20 && at.x < width - right - 20 && at.y > top && at.y < height - bottom;
  if (!inside) map.easeTo({ center: [point.lon, point.lat], padding: padding() });
}

/** Zoom by the buttons and keys: in, out, home. */
export function zoom(way: string | undefined): void {
  moved = way !== "home";
  if (way === "home") { if (home) map.fitBounds(home, { padding: padding() }); }
  else if (way === "out") map.zoomOut();
  else map.zoomIn();
}

/** Make the map; resolves when its ground stands. Throws where WebGL is missing. */
export async function startCanvas(): Promise<void> {
  maplibregl.setWorkerUrl(worker);
  map = new maplibregl.Map({
    container: "map", style: style(), center: [126.2, 43.6], zoom: phone.matches ? 4.6 : 5.9, minZoom: 4, maxZoom: 14,
    attributionControl: false, keyboard: false, dragRotate: false, pitchWithRotate: false, touchPitch: false,
    canvasContextAttributes: { preserveDrawingBuffer: true }, localIdeographFontFamily: getComputedStyle(document.body).fontFamily,
    renderWorldCopies: false, fadeDuration: 0,
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 96 }), "bottom-left");
  part("scale").append(map.getContainer().querySelector(".maplibregl-ctrl-scale")!);
  const drawings = symbols(map);
  await map.once("style.load");
  paint();
  onLight(() => { paint(); drawings.restyle(); });
  await drawGround();
  drawLayers();
  on(["frames", "hour", "classes"], () => { drawStations(); drawCities(); });
  on(["layers"], drawLayers);
  startOverlays(map);
  on(["chosen"], free);
  map.on("movestart", (event) => { if (event.originalEvent) moved = true; });
  map.on("resize", () => { if (home && !moved) map.fitBounds(home, { padding: padding(), animate: false }); });
  map.on("mousemove", hover);
  map.on("mouseout", () => { part("tip").hidden = true; });
  map.on("click", (event) => void press(event));
  map.getContainer().dataset.ready = "true";
}
