/** What the page sends the map, and the frames the server answers with. */
import { block } from "../texts";

/** State of a point at an hour: AQI level 1-6, "0" not observed, "x" could not ask. */
export type State = "1" | "2" | "3" | "4" | "5" | "6" | "0" | "x";
/** All states, worst level first, as legends and rings order them. */
export const STATES: State[] = ["6", "5", "4", "3", "2", "1", "0", "x"];

export interface Point {
  id: string; kind: "station" | "city"; name: string; city: string; cityName: string;
  rank: "national" | "local" | "micro"; rankName: string; lon: number; lat: number;
}

export interface Frames {
  first: string; hours: number; latest: string;
  states: Record<string, string>; aqi: Record<string, (number | null)[]>;
}

/** A layer the person switches on: its symbols' shape, where its features come from. */
export interface Overlay { id: string; title: string; shape: string; url: string; page: string }

interface Config {
  ground: Record<"province" | "prefecture" | "county", string>;
  frames: string; panel: string; page: { station: string; city: string };
  time: string; latest: string; place: string; points: Point[]; overlays: Overlay[];
  cities: Record<string, string>;
  around: { lon: number; lat: number; name: string }[];
  states: Record<State, string>; texts: Record<string, string>; english: boolean;
}

export const config = block<Config>("map-config")!;

/** A text of the page with its %(name)s filled in. */
export function say(key: string, values: Record<string, string | number> = {}): string {
  return (config.texts[key] ?? key).replace(/%\((\w+)\)s/g, (_, name: string) => String(values[name] ?? ""));
}

/** The one element of the page that carries a data attribute. */
export const part = <E extends Element = HTMLElement>(name: string): E => document.querySelector<E>(`[data-${name}]`)!;

/** Address of a server answer at an hour, holding the context of the page. */
export function address(path: string, time: string): string {
  const query = new URLSearchParams(location.search);
  query.set("time", time);
  return `${path}?${query}`;
}
