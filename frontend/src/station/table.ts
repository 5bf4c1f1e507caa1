/** The series as a table: a day is a row, an hour a column, every value opens its trace. */
import { type Day, HOUR, type Series, clock, dayTrace, hourTrace, shown, stepOf, wall } from "../charts/record";

function link(text: string, address: string, title: string): HTMLElement {
  const anchor = document.createElement("a");
  anchor.className = "num";
  anchor.href = address;
  anchor.dataset.trace = "";
  anchor.textContent = text;
  anchor.title = title;
  return anchor;
}

function cell(content: string | HTMLElement, kind: string): HTMLTableCellElement {
  const made = document.createElement("td");
  made.className = kind;
  made.append(content);
  return made;
}

function head(series: Series): HTMLTableSectionElement {
  const section = document.createElement("thead");
  const row = section.insertRow();
  const hours = Array.from({ length: 24 }, (_, hour) => String(hour));
  for (const [i, word] of [series.words.date!, series.words.daily!, ...hours].entries()) {
    const made = document.createElement("th");
    made.textContent = word;
    made.scope = "col";
    if (i > 0) made.className = "r";
    row.append(made);
  }
  return section;
}

function hourCell(series: Series, index: number): HTMLTableCellElement {
  if (index < 0 || index >= series.hours.length) return cell("", "r na");
  const excluded = series.excluded.find(([hour]) => hour === index);
  const text = excluded ? `${excluded[1]} (${excluded[2]})` : shown(series.hours[index] ?? null, series);
  if (!excluded && series.hours[index] === null) return cell(text, "r na");
  return cell(link(text, hourTrace(series, index), series.words.open!), excluded ? "r na" : "r");
}

function row(series: Series, day: Day): HTMLTableRowElement {
  const made = document.createElement("tr");
  made.append(cell(day[0].slice(5), "nw"));
  const limit = series.limits.find((one) => day[0] >= one.first && day[0] <= one.last);
  const over = day[5] && day[1] !== null && limit !== undefined && day[1] > limit.value;
  const text = day[2] ?? series.words.missing!;
  made.append(cell(link(text, dayTrace(series, day[0]), series.words.open!), over ? "r over" : "r"));
  const first = Math.round((clock(day[0]) - clock(series.start)) / HOUR);
  for (let hour = 0; hour < 24; hour += 1) made.append(hourCell(series, first + hour));
  return made;
}

/** Values of another step than an hour, one a row, newest first. */
function plainTable(series: Series): HTMLTableElement {
  const table = document.createElement("table");
  table.className = "t hours";
  const body = table.createTBody();
  for (let index = series.hours.length - 1; index >= 0; index -= 1) {
    const excluded = series.excluded.find(([at]) => at === index);
    const value = series.hours[index] ?? null;
    if (value === null && !excluded) continue;
    const made = body.insertRow();
    made.append(cell(wall(clock(series.start) + index * stepOf(series)).slice(5).replace("T", " "), "nw"));
    made.append(cell(excluded ? `${excluded[1]} (${excluded[2]})` : shown(value, series), excluded ? "r na" : series.over?.includes(index) ? "r over" : "r"));
  }
  return table;
}

/** The table of a series, newest day first. */
export function seriesTable(series: Series): HTMLTableElement {
  if (stepOf(series) !== HOUR || !series.days.length) return plainTable(series);
  const table = document.createElement("table");
  table.className = "t hours";
  table.append(head(series));
  const body = table.createTBody();
  for (const day of [...series.days].reverse()) body.append(row(series, day));
  return table;
}
