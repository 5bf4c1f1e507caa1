/** The two wind-free basics: mean course of the day, and means of the months, this year beside last year. */
import type { EChartsCoreOption } from "echarts/core";
import type { Palette } from "../chart";

/** Means by hour of day or by month; null where too little was observed. */
export interface Profile {
  kind: "hours" | "months";
  unit: string;
  decimals: number;
  labels: string[];
  now: (number | null)[];
  before: (number | null)[];
  words: { now: string; before: string; missing: string };
}

function lines(profile: Profile, colours: Palette): object[] {
  const common = { type: "line", showSymbol: false, connectNulls: false };
  return [
    { ...common, name: profile.words.before, data: profile.before, lineStyle: { color: colours.ink4, width: 1.25 }, itemStyle: { color: colours.ink4 } },
    { ...common, name: profile.words.now, data: profile.now, lineStyle: { color: colours.s1, width: 2 }, itemStyle: { color: colours.s1 } },
  ];
}

function bars(profile: Profile, colours: Palette): object[] {
  return [
    { type: "bar", name: profile.words.now, data: profile.now, barMaxWidth: 18, itemStyle: { color: colours.s1 } },
    {
      type: "scatter", name: profile.words.before, data: profile.before, symbol: "rect", symbolSize: [18, 2],
      itemStyle: { color: colours.ink2 }, z: 5,
    },
  ];
}

function told(items: { seriesName: string; value: number | null; name: string }[], profile: Profile): string {
  const rows = items.map((item) => {
    const value = item.value === null || item.value === undefined ? profile.words.missing : item.value.toFixed(profile.decimals);
    return `${item.seriesName} ${value} ${profile.unit}`;
  });
  return [items[0]?.name ?? "", ...rows].join("<br>");
}

/** Option of a profile: lines over the hours of the day, bars over the months (a dash marks last year). */
export function profileOption(profile: Profile, colours: Palette): EChartsCoreOption {
  return {
    animation: false,
    textStyle: { fontFamily: colours.sans },
    grid: { left: 38, right: 8, top: 12, bottom: 24 },
    tooltip: {
      trigger: "axis", confine: true, backgroundColor: colours.raised, borderColor: colours.line2,
      textStyle: { color: colours.ink, fontSize: 12 },
      formatter: (items: { seriesName: string; value: number | null; name: string }[]) => told(items, profile),
    },
    xAxis: {
      type: "category", data: profile.labels, boundaryGap: profile.kind === "months",
      axisLine: { lineStyle: { color: colours.line2 } }, axisTick: { show: false },
      axisLabel: { color: colours.ink3, fontSize: 11, interval: profile.kind === "months" ? 0 : 5 },
    },
    yAxis: {
      type: "value", min: 0, splitNumber: 3, axisLabel: { color: colours.ink3, fontSize: 11 },
      splitLine: { lineStyle: { color: colours.line } },
    },
    series: profile.kind === "hours" ? lines(profile, colours) : bars(profile, colours),
  };
}
