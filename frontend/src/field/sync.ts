/** Sends what waits, in order, as soon as there is a network; each act carries an id, so that sending twice does it once. */
import { forget, keep, kept, type Act, type Conflict } from "./queue";

type Told = (acts: Act[]) => void;
let running: Promise<void> | undefined;

function packed(act: Act): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...act.fields, id: act.id, task: act.task, version: String(act.version), at: act.at })) form.set(name, value);
  act.photos.forEach((photo, number) => {
    form.append("photos", photo.blob, `${number + 1}.jpg`);
    form.append("taken", JSON.stringify({ at: photo.at, lon: photo.lon, lat: photo.lat }));
  });
  return form;
}

/** Send one act; false when there is no network and the rest has to wait. */
async function send(act: Act, address: string, token: () => string): Promise<boolean> {
  let answer: Response;
  try {
    answer = await fetch(address, { method: "POST", body: packed(act), headers: { "X-CSRFToken": token(), Accept: "application/json" }, redirect: "manual" });
  } catch {
    return false;
  }
  if (answer.status >= 500 || answer.type === "opaqueredirect") return false; // asked again later; signed out: after the sign-in
  const body = await answer.json().catch(() => ({})) as { told?: string; conflict?: Conflict };
  if (answer.ok) await forget(act.id);
  else if (answer.status === 409 && body.conflict) await keep({ ...act, state: "conflict", conflict: body.conflict });
  else if (answer.status === 429) return false;
  else await keep({ ...act, state: "refused", told: body.told ?? String(answer.status) });
  return true;
}

async function drain(address: string, token: () => string, tell: Told): Promise<void> {
  for (const act of await kept()) {
    if (act.state !== "waiting") continue;
    const through = await send(act, address, token);
    tell(await kept());
    if (!through) return;
  }
}

/** Send everything that waits; a second call while one runs joins it. */
export function sync(address: string, token: () => string, tell: Told): Promise<void> {
  running ??= drain(address, token, tell).finally(() => { running = undefined; });
  return running;
}
