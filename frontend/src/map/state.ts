/** What the map shows now: frames, hour, chosen point, classes and layers; parts listen to changes. */
import { config, type Frames, type Point, type State } from "./config";
import { between } from "./hours";

type Change = "frames" | "hour" | "chosen" | "classes" | "layers";
const listeners: [Change[], () => void][] = [];

export const view = {
  frames: null as Frames | null,
  hour: config.time,
  chosen: null as string | null,
  classes: new Set<State>(),
  layers: { stations: true, micro: false, cities: false, counties: true } as Record<string, boolean>,
};

/** Call `act` after any of these changes. */
export const on = (changes: Change[], act: () => void): void => { listeners.push([changes, act]); };

/** Tell the parts that something changed. */
export function tell(change: Change): void {
  for (const [changes, act] of listeners) if (changes.includes(change)) act();
}

/** Place of the hour in the frames; null when they do not hold it. */
export function index(): number | null {
  if (!view.frames) return null;
  const at = between(view.frames.first, view.hour);
  return at >= 0 && at < view.frames.hours ? at : null;
}

/** State of a point at the hour shown. */
export function stateOf(id: string): State {
  const at = index();
  return at === null ? "x" : ((view.frames!.states[id]?.[at] ?? "x") as State);
}

/** AQI of a point at the hour shown; null when there is none. */
export function aqiOf(id: string): number | null {
  const at = index();
  return at === null ? null : (view.frames!.aqi[id]?.[at] ?? null);
}

export const stations = config.points.filter((point) => point.kind === "station");
export const cities = config.points.filter((point) => point.kind === "city");

/** Whether the layers and classes chosen let a station be seen. */
export function visible(point: Point): boolean {
  const layer = point.rank === "micro" ? "micro" : "stations";
  return view.layers[layer]! && (view.classes.size === 0 || view.classes.has(stateOf(point.id)));
}
