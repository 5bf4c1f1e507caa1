/** What the server sends for a station's or a city's series: hours in one array, days, limits and gaps. */

/** One day: its date, the mean before rounding, the value as rounded, valid hours (windows, stations) of how many, valid. */
export type Day = [date: string, mean: number | null, shown: string | null, count: number, due: number, valid: boolean];

/** A limit and the days it holds for. label is the words on the line, ready in the language of the page. */
export interface Limit {
  first: string;
  last: string;
  value: number;
  label: string;
}

/** The series of one property. start is the wall clock of the first hour; hours without value are null. */
export interface Series {
  point: string;
  property: string;
  label: string;
  unit: string;
  decimals: number;
  start: string;
  /** Milliseconds from one value to the next; an hour when it is not said. */
  step?: number;
  hours: (number | null)[];
  /** Indices of the values over the limit that judges values of this step. */
  over?: number[];
  excluded: [hour: number, value: number, why: string, code: string][];
  gaps: [first: number, after: number, label: string][];
  days: Day[];
  limits: Limit[];
  words: Record<string, string>;
  trace: { hour: string; day: string };
}

export const HOUR = 3_600_000;

/** Milliseconds from one value of a series to the next. */
export const stepOf = (series: Series): number => series.step ?? HOUR;

/** Milliseconds of a wall clock, read as if it were UTC so that no zone of the browser interferes. */
export function clock(text: string): number {
  return Date.parse(text.length === 10 ? `${text}T00:00:00Z` : `${text.slice(0, 16)}:00Z`);
}

/** A wall clock of milliseconds: `2025-10-27T18:00`. */
export function wall(moment: number): string {
  return new Date(moment).toISOString().slice(0, 16);
}

/** A value with the decimals of its property; a missing one is the word for missing. */
export function shown(value: number | null, series: Series): string {
  return value === null ? series.words.missing! : value.toFixed(series.decimals);
}

/** Address of the trace of the hour at this index. */
export function hourTrace(series: Series, index: number): string {
  return series.trace.hour.replace("{time}", wall(clock(series.start) + index * stepOf(series)));
}

/** Address of the trace of a day's value. */
export function dayTrace(series: Series, date: string): string {
  return series.trace.day.replace("{date}", date);
}
