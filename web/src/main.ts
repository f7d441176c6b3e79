import "./styles/main.scss";
import "./htmx";
