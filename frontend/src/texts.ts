/** Texts of the page, sent by the template as JSON (`<script type="application/json" id="texts">`). */
const catalogue: Record<string, string> = JSON.parse(document.getElementById("texts")?.textContent ?? "{}");

/** The text of a key in the language of the page; the key itself when the page did not send it. */
export const text = (key: string): string => catalogue[key] ?? key;

/** A JSON block of the page, e.g. the data of a chart; undefined when it is not there. */
export function block<T>(id: string): T | undefined {
  const found = document.getElementById(id)?.textContent;
  return found ? (JSON.parse(found) as T) : undefined;
}
