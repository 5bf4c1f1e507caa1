/** The series of a station: thin hourly line, daily means as steps, the lawful limit, gaps hatched. */
import type { EChartsCoreOption } from "echarts/core";
import type { Palette } from "../chart";
import { hatch } from "./hatch";
import { type Day, HOUR, type Limit, type Series, clock, shown, stepOf, wall } from "./record";

const DAY = 24 * HOUR;

interface Plot {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface DrawApi {
  coord(at: [number, number]): [number, number];
  value(dimension: number): number;
}

/** Keeps a horizontal piece inside the plot; null when nothing of it is in view. */
function clipped(from: number, to: number, plot: Plot): [number, number] | null {
  const left = Math.max(from, plot.x);
  const right = Math.min(to, plot.x + plot.width);
  return right > left ? [left, right] : null;
}

function haloed(text: string, x: number, y: number, fill: string, colours: Palette, more: object = {}): object {
  return {
    type: "text",
    silent: true,
    z2: 9,
    style: {
      text, x, y, fill, font: `12px ${colours.sans}`, stroke: colours.surface, lineWidth: 4, align: "center",
      verticalAlign: "bottom", ...more,
    },
  };
}

function limitOf(day: number, limits: Limit[]): number | null {
  const found = limits.find((limit) => day >= clock(limit.first) && day <= clock(limit.last));
  return found ? found.value : null;
}

function drawDay(day: Day, series: Series, colours: Palette, plot: Plot, api: DrawApi, end: number): object | null {
  const [date, mean, text, count, due, valid] = day;
  if (mean === null) return null;
  const start = clock(date);
  const [x0, y] = api.coord([start, mean]);
  const [x1] = api.coord([Math.min(start + DAY, end), mean]);
  const piece = clipped(x0, x1, plot);
  if (!piece) return null;
  const [left, right] = piece;
  const limit = limitOf(start, series.limits);
  const over = valid && limit !== null && mean > limit;
  const middle = (left + right) / 2;
  const roomy = right - left > 30;
  const children: object[] = [];
  if (over) {
    const top = api.coord([start, limit])[1];
    children.push({
      type: "rect", silent: true, shape: { x: left, y, width: right - left, height: top - y },
      style: { fill: colours.law, opacity: 0.16 },
    });
  }
  children.push({
    type: "line", shape: { x1: left, y1: y, x2: right, y2: y },
    style: { stroke: valid ? colours.ink : colours.ink4, lineWidth: 2, lineDash: valid ? undefined : [2, 3] },
  });
  if (over && roomy) {
    children.push(haloed(text ?? "", middle, y - 4, colours.ink, colours, { font: `600 12px ${colours.sans}` }));
  }
  if (!valid && roomy) {
    const words = `${series.words.invalid} ${count}/${due}`;
    children.push(haloed(words, Math.min(middle, plot.x + plot.width - 34), y - 3, colours.ink3, colours, { font: `11px ${colours.sans}` }));
  }
  return { type: "group", children };
}

function drawGap(gap: Series["gaps"][number], start: number, step: number, colours: Palette, plot: Plot, api: DrawApi): object | null {
  const [x0] = api.coord([start + gap[0] * step, 0]);
  const [x1] = api.coord([start + gap[1] * step, 0]);
  const piece = clipped(x0, x1, plot);
  if (!piece) return null;
  const [left, right] = piece;
  const children: object[] = [
    {
      type: "rect", silent: true, shape: { x: left, y: plot.y, width: Math.max(right - left, 1), height: plot.height },
      style: { fill: hatch(colours.line2) },
    },
  ];
  if (right - left > 9) {
    const x = Math.min(Math.max((left + right) / 2, plot.x + 26), plot.x + plot.width - 26);
    children.push(haloed(gap[2], x, plot.y + 14, colours.ink3, colours, { font: `11px ${colours.sans}` }));
  }
  return { type: "group", children };
}

/** Light cinnabar between a value over its limit and the limit. */
function drawOver(index: number, series: Series, colours: Palette, plot: Plot, api: DrawApi): object | null {
  const moment = clock(series.start) + index * stepOf(series);
  const limit = limitOf(Math.floor(moment / DAY) * DAY, series.limits);
  const value = series.hours[index];
  if (limit === null || value === null || value === undefined || value <= limit) return null;
  const half = stepOf(series) / 2;
  const [x0, y] = api.coord([moment - half, value]);
  const [x1, bottom] = api.coord([moment + half, limit]);
  const piece = clipped(x0, x1, plot);
  if (!piece) return null;
  return {
    type: "rect", silent: true, shape: { x: piece[0], y, width: Math.max(piece[1] - piece[0], 1), height: bottom - y },
    style: { fill: colours.law, opacity: 0.2 },
  };
}

/** Whether words of a width on the limit's line would cover values near or over it. */
function hides(series: Series, limit: Limit, plot: Plot, api: DrawApi, from: number, width: number): boolean {
  const start = clock(series.start);
  return series.hours.some((value, i) => {
    if (value === null || value < limit.value * 0.98) return false;
    const x = api.coord([start + i * stepOf(series), limit.value])[0];
    return x >= Math.max(from, plot.x) - 4 && x <= from + width + 4;
  });
}

function drawLimit(limit: Limit, series: Series, colours: Palette, plot: Plot, api: DrawApi): object | null {
  const [x0, y] = api.coord([clock(limit.first), limit.value]);
  const [x1] = api.coord([clock(limit.last) + DAY, limit.value]);
  const piece = clipped(x0, x1, plot);
  if (!piece) return null;
  const right = plot.x + plot.width;
  const width = limit.label.length * 9;
  const short = right - piece[0] < width || (hides(series, limit, plot, api, piece[0], width) && !hides(series, limit, plot, api, right - width, width));
  const words = haloed(limit.label, short ? right - 2 : piece[0] + 4, y - 4, colours.law, colours, {
    font: `12px ${colours.serif}`, align: short ? "right" : "left",
  });
  const line = {
    type: "line", silent: true, shape: { x1: piece[0], y1: y, x2: piece[1], y2: y },
    style: { stroke: colours.law, lineWidth: 1.25 },
  };
  return { type: "group", z2: 8, children: [line, words] };
}

function dayAt(series: Series, moment: number): Day | undefined {
  const date = wall(moment).slice(0, 10);
  return series.days.find((day) => day[0] === date);
}

/** What the pointer is told about an hour: its value, and the mean of its day with the hours behind it. */
export function told(series: Series, index: number): string {
  const moment = clock(series.start) + index * stepOf(series);
  const excluded = series.excluded.find(([hour]) => hour === index);
  const value = excluded ? `${excluded[1]} (${excluded[2]})` : shown(series.hours[index] ?? null, series);
  const day = dayAt(series, moment);
  const mean = day ? `${series.words.daily} ${day[2] ?? series.words.missing} (${day[3]}/${day[4]})` : "";
  return `${wall(moment).slice(5).replace("T", " ")} · ${value} ${excluded || series.hours[index] === null ? "" : series.unit}<br>${mean}`;
}

function custom(id: string, data: number[][], z: number, draw: (index: number, plot: Plot, api: DrawApi) => object | null): object {
  return {
    id, type: "custom", clip: false, z, data, encode: { x: 0, y: 1 }, tooltip: { show: false },
    renderItem: (at: { dataIndex: number; coordSys: Plot }, api: DrawApi) => draw(at.dataIndex, at.coordSys, api),
  };
}

/** Upper end of the axis, a round number above everything drawn, and the distance of its lines. */
function scale(series: Series): { max: number; interval: number } {
  const limits = series.limits.map((limit) => limit.value * 1.15);
  const values = series.hours.filter((value): value is number => value !== null);
  const most = Math.max(...limits, ...values, ...series.days.map((day) => day[1] ?? 0), 0.01) * 1.08;
  const power = 10 ** Math.floor(Math.log10(most / 4));
  const interval = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each * 4 >= most) ?? 10 * power;
  return { max: Math.ceil(most / interval) * interval, interval };
}

/** The chart's option for a width in px. */
export function seriesOption(series: Series, colours: Palette, width: number): EChartsCoreOption {
  const start = clock(series.start);
  const step = stepOf(series);
  const over = series.over ?? [];
  const end = start + series.hours.length * step;
  const days = Math.ceil((end - start) / DAY);
  const each = Math.max(1, Math.ceil(days / Math.max(2, Math.floor((width - 60) / 52))));
  const at = (gap: Series["gaps"][number]) => [start + gap[0] * step, 0];
  return {
    useUTC: true,
    animation: false,
    textStyle: { fontFamily: colours.sans },
    grid: { left: 44, right: 10, top: 24, bottom: 26 },
    tooltip: {
      trigger: "axis", confine: true, backgroundColor: colours.raised, borderColor: colours.line2,
      textStyle: { color: colours.ink, fontSize: 12 },
      formatter: (items: { value: [number, number | null] }[]) =>
        told(series, Math.round(((items[0]?.value[0] ?? start) - start) / step)),
    },
    xAxis: {
      type: "time", min: start, max: end, ...(days < 2 ? {} : { minInterval: DAY, maxInterval: each * DAY }),
      axisLine: { lineStyle: { color: colours.line2 } }, axisTick: { lineStyle: { color: colours.line } },
      splitLine: { show: false },
      axisLabel: {
        color: colours.ink3, fontSize: 11, hideOverlap: true, showMaxLabel: false,
        formatter: (moment: number) => (days < 2 ? wall(moment).slice(11) : wall(moment).slice(5, 10)),
      },
      axisPointer: { lineStyle: { color: colours.ink3, type: [2, 2] }, label: { show: false } },
    },
    yAxis: {
      type: "value", min: 0, ...scale(series),
      axisLabel: { color: colours.ink3, fontSize: 11}, splitLine: { lineStyle: { color: colours.line } },
    },
    dataZoom: [{ type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseMove: false, minValueSpan: DAY }],
    series: [
      custom("gaps", series.gaps.map(at), 1, (i, plot, api) => drawGap(series.gaps[i]!, start, step, colours, plot, api)),
      {
        id: "hours", type: "line", z: 3, showSymbol: false, connectNulls: false, silent: true,
        lineStyle: { color: colours.s1, width: days > 31 ? 1 : 1.5, join: "round" }, itemStyle: { color: colours.s1 },
        data: series.hours.map((value, i) => [start + i * step, value]),
      },
      {
        id: "excluded", type: "scatter", z: 4, symbol: "circle", symbolSize: 5, silent: true,
        itemStyle: { color: "transparent", borderColor: colours.ink4, borderWidth: 1.25 },
        data: series.excluded.map(([hour, value]) => [start + hour * step, value]),
      },
      custom("over", over.map((index) => [start + index * step, series.hours[index] ?? 0]), 2, (i, plot, api) =>
        drawOver(over[i]!, series, colours, plot, api)),
      custom("days", series.days.map((day) => [clock(day[0]), day[1] ?? 0]), 5, (i, plot, api) =>
        drawDay(series.days[i]!, series, colours, plot, api, end)),
      custom("limits", series.limits.map((limit) => [clock(limit.first), limit.value]), 6, (i, plot, api) =>
        drawLimit(series.limits[i]!, series, colours, plot, api)),
    ],
  };
}
