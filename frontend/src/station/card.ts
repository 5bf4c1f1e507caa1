/** The card of the series: chart or table of one property, chosen by button, walked by keyboard, saved as a picture. */
import type { EChartsType } from "echarts/core";
import { draw, palette } from "../chart";
import { savePicture } from "../charts/picture";
import type { Profile } from "../charts/profile";
import { type Series, clock, dayTrace, hourTrace, stepOf } from "../charts/record";
import { seriesOption, told } from "../charts/series";
import { openDrawer } from "../drawer";
import { text } from "../texts";
import { seriesTable } from "./table";

type Answer = Series & { profiles: Profile[] };
const NEAR = 8;

/** One card on the page. */
export class SeriesCard {
  private record: Answer | undefined;
  private chart: (() => EChartsType) | undefined;
  private at = -1;
  private readonly plot: HTMLElement;
  private readonly table: HTMLElement;

  constructor(private readonly card: HTMLElement, private readonly profiles: (records: Profile[], symbol: string) => void) {
    this.plot = this.part(".plot");
    this.table = this.part("[data-table]");
    card.addEventListener("click", (event) => this.clicked(event.target as Element));
    this.plot.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("keydown", (event) => this.toggledByKey(event));
  }

  /** Fetch the series the card's attributes ask for and draw it. */
  async show(): Promise<void> {
    try {
      const answer = await fetch(this.address(this.card.dataset.url!));
      if (!answer.ok) throw new Error(String(answer.status));
      this.record = (await answer.json()) as Answer;
    } catch {
      this.part("[data-told]").textContent = text("failed");
      return;
    }
    this.at = this.record.hours.length - 1;
    this.render();
  }

  private part(selector: string): HTMLElement {
    return this.card.querySelector<HTMLElement>(selector)!;
  }

  private address(base: string): string {
    const address = new URL(base, location.href);
    address.searchParams.set("property", this.card.dataset.item!);
    address.searchParams.set("days", this.card.dataset.days!);
    const language = new URLSearchParams(location.search).get("lang");
    if (language) address.searchParams.set("lang", language);
    return address.href;
  }

  private render(): void {
    const record = this.record!;
    if (this.chart) this.chart().setOption(this.option(), true);
    else this.begin();
    this.part("[data-heading]").textContent = record.label;
    this.part("[data-unit]").textContent = record.unit;
    this.part("[data-clause]").textContent = record.limits.map((limit) => limit.label).join("; ");
    this.part("[data-told]").textContent = record.hours.every((value) => value === null) ? record.words.none! : "";
    this.part("[data-csv]").setAttribute("href", this.address(this.part("[data-csv]").getAttribute("href")!));
    this.table.replaceChildren(seriesTable(record));
    this.profiles(record.profiles, record.label);
  }

  private begin(): void {
    this.plot.replaceChildren();
    this.chart = draw(this.plot, () => this.option(), "canvas");
    this.plot.addEventListener("click", (event) => this.pointed(event));
  }

  private option(): ReturnType<typeof seriesOption> {
    return seriesOption(this.record!, palette(), this.plot.clientWidth);
  }

  private clicked(target: Element): void {
    const button = target.closest<HTMLButtonElement>("button");
    if (!button) return;
    if (button.dataset.item || button.dataset.days) this.choose(button);
    if ("toggle" in button.dataset) this.toggle();
    if ("png" in button.dataset) void this.save();
  }

  private choose(button: HTMLButtonElement): void {
    const key = button.dataset.item ? "item" : "days";
    this.card.dataset[key] = button.dataset[key];
    for (const other of button.parentElement!.children) other.setAttribute("aria-pressed", String(other === button));
    const here = new URL(location.href);
    here.searchParams.set(key === "item" ? "property" : "days", button.dataset[key]!);
    history.replaceState(null, "", here);
    void this.show();
  }

  private toggle(): void {
    const table = this.table.hidden;
    this.table.hidden = !table;
    this.plot.hidden = table;
    const button = this.part("[data-toggle]");
    button.setAttribute("aria-pressed", String(table));
    button.querySelector("span")!.textContent = text(table ? "chart" : "table");
    (table ? this.table : this.plot).focus({ preventScroll: true });
  }

  private toggledByKey(event: KeyboardEvent): void {
    const typing = (event.target as Element).matches("input, select, textarea, [contenteditable]");
    const held = event.ctrlKey || event.metaKey || event.altKey;
    if (event.key.toLowerCase() === "t" && !typing && !held && this.record) this.toggle();
  }

  /** A click opens the day where it is near the step of the day's value, else the hour. */
  private pointed(event: MouseEvent): void {
    const chart = this.chart!();
    const box = this.plot.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    if (!chart.containPixel("grid", [x, y])) return;
    const [moment] = chart.convertFromPixel("grid", [x, y]) as [number, number];
    const record = this.record!;
    const date = new Date(moment).toISOString().slice(0, 10);
    const day = record.days.find((one) => one[0] === date);
    const step = day && day[1] !== null ? chart.convertToPixel({ yAxisIndex: 0 }, day[1]) : NaN;
    const index = Math.floor((moment - clock(record.start)) / stepOf(record));
    this.open(Math.abs(step - y) < NEAR ? dayTrace(record, date) : hourTrace(record, index));
  }

  /** Opens a trace; what has none opens nothing. */
  private open(address: string): void {
    if (address) void openDrawer(address, this.plot);
  }

  private pressed(event: KeyboardEvent): void {
    const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };
    const step = steps[event.key];
    if (event.key === "Enter") this.open(hourTrace(this.record!, this.at));
    if (step === undefined || !this.record) return;
    event.preventDefault();
    this.at = Math.min(Math.max(this.at + step * (event.shiftKey ? 24 : 1), 0), this.record.hours.length - 1);
    this.chart?.().dispatchAction({ type: "showTip", seriesIndex: 1, dataIndex: this.at });
    this.part("[data-told]").textContent = told(this.record, this.at).replace("<br>", " · ");
  }

  private async save(): Promise<void> {
    const record = this.record!;
    const colours = palette();
    const image = this.chart!().getDataURL({ pixelRatio: 2, backgroundColor: colours.surface });
    const captions = {
      title: `${this.card.dataset.name} ${record.label} (${record.unit})`,
      foot: [record.limits.map((limit) => limit.label).join("; "), this.card.dataset.source!],
      file: `${record.point}_${record.property}_${record.start.slice(0, 10)}.png`,
    };
    await savePicture(image, this.plot.clientWidth, this.plot.clientHeight, captions, colours);
  }
}
