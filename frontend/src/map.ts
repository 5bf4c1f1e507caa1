/** Entry of the map page. */
import { startCanvas } from "./map/canvas";
import { part, say } from "./map/config";
import { startKeys } from "./map/keys";
import { startLayers } from "./map/layers";
import { load, note, startLoading } from "./map/loading";
import { startPanel } from "./map/panel";
import { startSlider } from "./map/slider";
import { startTable } from "./map/table";

for (const start of [startLayers, startPanel, startSlider, startTable, startLoading, startKeys]) start();
const frames = load();
startCanvas()
  .catch(() => frames.then(() => note(say("no_webgl"))))
  .finally(() => { part("wait").hidden = true; });
