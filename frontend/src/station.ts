/** Entry of the station page: its chart, its calendar, the small charts. */
import { startProfiles } from "./station/profiles";
import { walkCalendar } from "./station/calendar";
import { SeriesCard } from "./station/card";

for (const calendar of document.querySelectorAll(".calendar")) walkCalendar(calendar);
const card = document.querySelector<HTMLElement>("[data-series]");
if (card) {
  const drawProfiles = startProfiles();
  void new SeriesCard(card, drawProfiles).show();
}
