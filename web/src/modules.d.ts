/** Packages that ship no types: what we use of them. */
declare module "@alpinejs/csp" {
  const Alpine: { data(name: string, component: () => object): void; start(): void };
  export default Alpine;
}

declare module "@uswds/uswds/js/*" {
  const behavior: { on(root: HTMLElement): void; off(root: HTMLElement): void };
  export default behavior;
}

declare module "htmx-ext-sse";
