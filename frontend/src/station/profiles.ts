/** The two small charts, drawn again whenever another property is chosen. */
import type { EChartsType } from "echarts/core";
import { draw, palette } from "../chart";
import { type Profile, profileOption } from "../charts/profile";

/** Prepares both charts; the function given back draws records into them. */
export function startProfiles(): (records: Profile[], symbol: string) => void {
  const cards = [...document.querySelectorAll<HTMLElement>("[data-profile]")];
  const charts: (() => EChartsType)[] = [];
  let present: Profile[] = [];
  return (records, symbol) => {
    present = records;
    cards.forEach((card, i) => {
      const name = card.querySelector("[data-symbol]");
      if (name) name.textContent = symbol;
      const chart = charts[i];
      if (chart) chart().setOption(profileOption(records[i]!, palette()), true);
      else charts[i] = draw(card.querySelector<HTMLElement>(".small")!, () => profileOption(present[i]!, palette()));
    });
  };
}
