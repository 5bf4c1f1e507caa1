/** The tasks of a grid member as the server sends them. */
export interface Choice { value: string; label: string; icon: string }

export interface Task {
  number: string; version: number; title: string; place: string; icon: string; why: string; step: string;
  due: string | null; done: string | null; lon: number | null; lat: number | null; simulated: boolean;
  verb: string; button: string; choices: Choice[];
  figure: { name: string; label: string; unit: string; value: number | null; step: number } | null;
  photos: number; known: { label: string; value: string }[];
}

export interface Tasks { person: string; place: string; at: string; simulated: boolean; tasks: Task[] }

/** The tasks, fresh or as last seen. Throws when neither is there. */
export async function fetched(address: string): Promise<Tasks> {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  return answer.json() as Promise<Tasks>;
}

const MINUTE = 60e3;

/** Minutes until a moment of +08:00 (negative: passed); null when there is none. */
export const left = (due: string | null): number | null => due === null ? null : Math.round((Date.parse(`${due}+08:00`) - Date.now()) / MINUTE);
