/** Hours as the address writes them (`2025-10-28T14`, wall clock of +08:00) and as people read them. */
import { config } from "./config";

const HOUR = 3_600_000;
const parse = (hour: string): number => Date.parse(`${hour}:00:00Z`);
const write = (time: number): string => new Date(time).toISOString().slice(0, 13);

/** An hour so many hours later. */
export const later = (hour: string, hours: number): string => write(parse(hour) + hours * HOUR);

/** Hours from one to the other. */
export const between = (from: string, to: string): number => Math.round((parse(to) - parse(from)) / HOUR);

const months = new Intl.DateTimeFormat("en-GB", { month: "short", timeZone: "UTC" });

function parts(hour: string): { day: number; month: string; clock: string } {
  const at = new Date(parse(hour));
  const month = config.english ? months.format(at) : String(at.getUTCMonth() + 1);
  return { day: at.getUTCDate(), month, clock: `${hour.slice(11)}:00` };
}

/** `10月28日 14:00` / `28 Oct 14:00`. */
export function long(hour: string): string {
  const { day, month, clock } = parts(hour);
  return config.english ? `${day} ${month} ${clock}` : `${month}月${day}日 ${clock}`;
}

/** `28日 14时` / `28 Oct 14:00`: the knob of the slider. */
export function brief(hour: string): string {
  const { day } = parts(hour);
  return config.english ? long(hour) : `${day}日${Number(hour.slice(11))}时`;
}
