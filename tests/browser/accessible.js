// What axe-core finds on the page: every rule of the levels given, and colors.
async (levels) => {
  // Colors are judged once of texts that look alike up to the page's root: on a page of a thousand rows axe would
  // compare the same two colors a thousand times, for ten seconds.
  const ground = (node) => {
    const { backgroundColor, backgroundImage, opacity, filter } = getComputedStyle(node);
    return [backgroundColor, backgroundImage, opacity, filter].join();
  };
  const known = new Map();
  const grounds = (node) => {
    if (!known.has(node)) known.set(node, (node.parentElement ? grounds(node.parentElement) : "") + ground(node));
    return known.get(node);
  };
  const look = (node) => {
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(node);
    return [node.nodeName, color, fontSize, fontWeight, textShadow, node.matches(":disabled"), grounds(node)].join();
  };
  const texts = [...document.body.querySelectorAll("*")].filter((node) => node.checkVisibility() && (
    node.matches("input, select, textarea") || [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim())));
  const unlike = [...new Map(texts.map((node) => [look(node), node])).values()];
  const rules = { "color-contrast": { enabled: false } };
  const all = await axe.run(document, { runOnly: { type: "tag", values: levels }, rules, resultTypes: ["violations"] });
  const colors = await axe.run({ include: unlike }, { runOnly: ["color-contrast"], resultTypes: ["violations"] });
  return [...all.violations, ...colors.violations];
}
