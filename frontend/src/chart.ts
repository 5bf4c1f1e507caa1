/** Charts of the console: ECharts with only the parts used, themed from the design tokens in both lights. */
import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent, CalendarComponent, DataZoomComponent, GraphicComponent, GridComponent, MarkAreaComponent,
  MarkLineComponent, TooltipComponent, VisualMapComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import type { EChartsCoreOption, EChartsType } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";
import { onLight, token } from "./light";

echarts.use([
  BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart, AriaComponent, CalendarComponent, DataZoomComponent,
  GraphicComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
  CanvasRenderer, SVGRenderer,
]);

const NAMES = [
  "paper", "surface", "raised", "sunken", "line", "line-2", "ink", "ink-2", "ink-3", "ink-4", "accent", "law", "good", "tight",
  "bad", "none", "unknown", "s1", "s2", "s3", "s4", "s5", "band", "halo", "sans", "serif",
] as const;
type Camel<N extends string> = N extends `${infer A}-${infer B}` ? `${A}${Capitalize<B>}` : N;

/** The tokens charts use, by name without dashes (`ink4`, `line2`); level colours by number. */
export type Palette = Record<Camel<(typeof NAMES)[number]>, string> & { mark: string[]; area: string[]; ring: string[] };

/** Read the tokens of the present light; mark, area and ring are the AQI levels 1 to 6 at index 0 to 5. */
export function palette(): Palette {
  const plain = Object.fromEntries(NAMES.map((name) => [name.replace("-", ""), token(name)]));
  const levels = (kind: string): string[] => [1, 2, 3, 4, 5, 6].map((level) => token(`aqi-${level}${kind}`));
  return { ...plain, mark: levels(""), area: levels("-area"), ring: levels("-ring") } as Palette;
}

/** The ECharts theme of the present light. */
export function theme(): Record<string, unknown> {
  const axis = {
    axisLine: { show: false }, axisTick: { show: false },
    axisLabel: { color: token("ink-3"), fontSize: 11 }, splitLine: { lineStyle: { color: token("line") } },
    nameTextStyle: { color: token("ink-3"), fontSize: 11 },
  };
  return {
    color: ["s1", "s2", "s3", "s4", "s5"].map(token),
    backgroundColor: "transparent",
    textStyle: { fontFamily: token("sans"), color: token("ink-2") },
    categoryAxis: { ...axis, splitLine: { show: false } },
    timeAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, splitNumber: 4 },
    line: { symbol: "none", lineStyle: { width: 1.5 } },
    tooltip: {
      backgroundColor: token("raised"), borderColor: token("line"), padding: [8, 10],
      textStyle: { color: token("ink"), fontSize: 12 },
    },
    calendar: {
      itemStyle: { color: "transparent", borderColor: token("line") }, splitLine: { show: false },
      dayLabel: { color: token("ink-3"), fontSize: 11 }, monthLabel: { color: token("ink-3"), fontSize: 11 },
    },
    aria: { enabled: true },
  };
}

/** Draw a chart into `place`; `option` is asked again when the light changes, so it may read tokens. */
export function draw(place: HTMLElement, option: () => EChartsCoreOption, renderer: "svg" | "canvas" = "svg"): () => EChartsType {
  const make = (): EChartsType => {
    const chart = echarts.init(place, theme(), { renderer });
    chart.setOption(option());
    return chart;
  };
  let chart = make();
  new ResizeObserver(() => chart.resize()).observe(place);
  onLight(() => { chart.dispose(); chart = make(); });
  return () => chart;
}

export { echarts, token };
