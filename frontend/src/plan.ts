/** Entry of an indicator's page: years with the target path and the forecast, and the year as it goes on. */
import type { EChartsCoreOption } from "echarts/core";
import { draw, palette } from "./chart";
import { block, text } from "./texts";

type Point = [number, number];

interface Indicator {
  unit: string;
  decimals: number;
  year: number;
  years: Point[];
  path: Point[];
  target: number | null;
  forecast: [number, number, number] | null;
  this_year: (number | null)[];
  last_year: (number | null)[];
  ahead: [string, number, number, number][];
  last: string | null;
}

const DAY = 86_400_000;
/** Days before the course of a year is drawn: a mean of few days leaps and would stretch the axis. */
const SETTLED = 20;

const edges = { left: 8, right: 64, top: 20, bottom: 4, containLabel: true };

function bounded(values: (number | null)[]): { min: number; max: number; interval: number } {
  const known = values.filter((value): value is number => value !== null);
  const low = Math.min(...known);
  const high = Math.max(...known);
  const interval = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].find((step) => (high - low) / step <= 3.2) ?? 200;
  const round = (value: number): number => Number(value.toFixed(6));
  return { min: round(Math.max(0, Math.floor(low / interval) * interval)), max: round((Math.floor(high / interval) + 1) * interval), interval };
}

function yearsOption(shown: Indicator): EChartsCoreOption {
  const colours = palette();
  const forecast = shown.forecast;
  const written = (value: number): string => value.toFixed(shown.decimals);
  const all = [...shown.years, ...shown.path].map((point) => point[1]).concat(forecast ?? []);
  const end = shown.path.at(-1);
  return {
    grid: edges,
    xAxis: { type: "value", min: "dataMin", max: "dataMax", interval: 1, splitLine: { show: false }, axisLabel: { formatter: String, hideOverlap: true } },
    yAxis: { type: "value", ...bounded(all) },
    tooltip: { trigger: "item", valueFormatter: (value: unknown) => `${value} ${shown.unit}` },
    series: [
      {
        type: "line", name: text("path"), data: shown.path, lineStyle: { color: colours.law, width: 1.25 }, itemStyle: { color: colours.law },
        endLabel: { show: Boolean(end), formatter: () => `${text("target")} ${end ? written(end[1]) : ""}`, color: colours.law, fontFamily: colours.serif, fontSize: 12, offset: [0, forecast && end && forecast[0] >= end[1] ? 10 : -8] },
      },
      {
        type: "line", name: text("so_far"), data: shown.years, symbol: "circle", symbolSize: 8, lineStyle: { color: colours.s1, width: 1.5 }, itemStyle: { color: colours.s1 },
        label: { show: true, position: "bottom", formatter: (point: { value: Point }) => written(point.value[1]), color: colours.ink2, fontSize: 11 }, labelLayout: { hideOverlap: true },
      },
      ...(forecast ? [
        { type: "line", data: [[shown.year, forecast[1]], [shown.year, forecast[2]]], lineStyle: { color: colours.band, width: 10, cap: "round" }, silent: true },
        { type: "line", data: [...shown.years.slice(-1), [shown.year, forecast[0]]], lineStyle: { color: colours.s1, width: 1.5, type: "dashed" }, silent: true },
        {
          type: "scatter", name: text("forecast"), data: [[shown.year, forecast[0]]], symbolSize: 9, itemStyle: { color: colours.surface, borderColor: colours.s1, borderWidth: 2 },
          label: { show: true, position: "right", formatter: `${text("forecast")} ${written(forecast[0])}`, color: colours.ink2, fontSize: 12 },
        },
      ] : []),
    ],
  };
}

function courseOption(shown: Indicator): EChartsCoreOption {
  const colours = palette();
  const begin = Date.UTC(shown.year, 0, 1);
  const daily = (values: (number | null)[]): [number, number | null][] => values.map((value, day): [number, number | null] => [begin + day * DAY, value]).slice(SETTLED);
  const now = shown.last ? Date.parse(shown.last) : begin;
  const here = shown.this_year.at(-1) ?? null;
  const ahead: [number, number, number, number][] = here === null ? [] : [[now, here, here, here], ...shown.ahead.map(([day, ...rest]) => [Date.parse(day), ...rest] as [number, number, number, number])];
  const all = [...shown.this_year.slice(SETTLED), ...shown.last_year.slice(SETTLED), ...shown.ahead.flatMap((each) => each.slice(2) as number[]), shown.target];
  const line = (name: string, data: unknown, style: object, more: object = {}): object => ({ type: "line", name, data, lineStyle: style, endLabel: { show: false }, ...more });
  return {
    grid: edges,
    xAxis: { type: "time", min: begin, max: Date.UTC(shown.year, 11, 31), axisLabel: { formatter: (when: number) => `${new Date(when).getUTCMonth() + 1}`, hideOverlap: true } },
    yAxis: { type: "value", ...bounded(all) },
    tooltip: { trigger: "axis", valueFormatter: (value: unknown) => typeof value === "number" ? `${value.toFixed(shown.decimals)} ${shown.unit}` : "" },
    series: [
      line(text("last_year"), daily(shown.last_year), { color: colours.ink4, width: 1 }, { endLabel: { show: true, formatter: text("last_year"), color: colours.ink3, fontSize: 11 }, labelLayout: { moveOverlap: "shiftY" } }),
      line(text("this_year"), daily(shown.this_year), { color: colours.s1, width: 1.75 }, {
        markLine: {
          symbol: "none", silent: true,
          data: [
            ...(shown.target === null ? [] : [{ yAxis: shown.target, lineStyle: { color: colours.law, width: 1.25, type: "solid" }, label: { formatter: `${text("target")} ${shown.target.toFixed(shown.decimals)}`, color: colours.law, fontFamily: colours.serif, position: "insideStartTop" } }]),
            { xAxis: now, lineStyle: { color: colours.ink4, width: 1, type: "dotted" }, label: { show: false } },
          ],
        },
      }),
      { type: "line", stack: "band", data: ahead.map((each) => [each[0], each[2]]), lineStyle: { opacity: 0 }, silent: true, tooltip: { show: false } },
      { type: "line", stack: "band", data: ahead.map((each) => [each[0], each[3] - each[2]]), lineStyle: { opacity: 0 }, areaStyle: { color: colours.band }, silent: true, tooltip: { show: false } },
      line(text("forecast"), ahead.map((each) => [each[0], each[1]]), { color: colours.s1, width: 1.75, type: "dashed" }, { endLabel: { show: true, formatter: text("forecast"), color: colours.s1, fontSize: 11 }, labelLayout: { moveOverlap: "shiftY" } }),
    ],
  };
}

const shown = block<Indicator>("indicator");
if (shown) {
  const options: Record<string, () => EChartsCoreOption> = { years: () => yearsOption(shown), course: () => courseOption(shown) };
  for (const place of document.querySelectorAll<HTMLElement>("[data-chart]")) draw(place, options[place.dataset.chart!]!);
}
