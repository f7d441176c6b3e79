/** The car's screen: one page that shows what the unit tells it (`/look`) and sends back what is touched. */
import "./styles/screen.scss";
import Alpine from "@alpinejs/csp";
import { screen } from "./screen/component";

Alpine.data("screen", screen);
Alpine.start();
