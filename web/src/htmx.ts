/** htmx with server-sent events. Its configuration stands in the page's `htmx-config` meta tag. */
import htmx from "htmx.org";

// The extension registers itself on the global object, as do pages' own `htmx.trigger` calls.
(globalThis as { htmx?: typeof htmx }).htmx = htmx;
await import("htmx-ext-sse");

export default htmx;
