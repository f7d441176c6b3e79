/** What every page loads: styles, htmx with server-sent events, Alpine without eval, and our behaviors. */
import "./styles/main.scss";
import Alpine from "@alpinejs/csp";
import htmx from "htmx.org";
import "htmx-ext-sse";
import accordion from "@uswds/uswds/js/usa-accordion";
import skipnav from "@uswds/uswds/js/usa-skipnav";
import { markBackground, watchLock } from "./activity";
import { keepAges } from "./ages";
import { areaMap } from "./areaMap";
import { watchArrivals } from "./arrivals";
import { cameraMap } from "./cameraMap";
import { confirmFirst } from "./confirm";
import { copyButtons } from "./copy";
import { showFailures } from "./failures";
import { focusOnArrival } from "./focus";
import { liveness } from "./liveness";
import { looks } from "./looks";
import { menuGroups } from "./menus";
import { watchNotices } from "./notices";
import { printButtons } from "./print";
import { rowKeys } from "./rows";
import { securityKeys } from "./securityKeys";
import { alertSound } from "./sound";
import { spotsMap } from "./spotsMap";
import { stackTables } from "./tables";
import { toggleButtons } from "./toggles";

Object.assign(window, { htmx });

Alpine.data("alertSound", alertSound);
Alpine.data("areaMap", areaMap);
Alpine.data("cameraMap", cameraMap);
Alpine.data("liveness", liveness);
Alpine.data("spotsMap", spotsMap);
Alpine.start();

accordion.on(document.body);
skipnav.on(document.body);

toggleButtons();
menuGroups();
looks();
stackTables();
focusOnArrival();
keepAges();
copyButtons();
confirmFirst();
printButtons();
securityKeys();
rowKeys();
watchArrivals();
showFailures();
markBackground();
watchLock();
watchNotices();
