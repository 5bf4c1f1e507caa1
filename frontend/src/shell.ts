/** Every page: htmx for partial answers, light, menus, search, drawer, keyboard of tables. */
import "htmx.org";
import { startDrawer } from "./drawer";
import { startLight } from "./light";
import { startMenus } from "./menus";
import { startSearch } from "./search";
import { startTables } from "./tables";

for (const start of [startLight, startMenus, startSearch, startDrawer, startTables]) start();
