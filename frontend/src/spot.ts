/** The page of a case: its place on a small map. */
import * as maplibregl from "maplibre-gl";
import { token } from "./light";
import { plainMap } from "./plain";

const box = document.querySelector<HTMLElement>("[data-at]")!;
const at: [number, number] = [Number(box.dataset.lon), Number(box.dataset.lat)];

plainMap(box, box.dataset.ground!).then((map) => {
  map.jumpTo({ center: at, zoom: 8.5 });
  new maplibregl.Marker({ color: token("accent") }).setLngLat(at).addTo(map);
}).catch(() => { box.hidden = true; });
