// The one entry. Every page works without it; what it adds is loaded only where the page asks for it.
const words = document.body.dataset;
const addresses = JSON.parse(document.querySelector('meta[name="portal-modules"]')?.content ?? "{}");

/** Load a module by name and hand it every element within `root` that asks for it. */
async function enhance(root, selector, name) {
  const found = [...root.querySelectorAll(selector)];
  if (root.matches?.(selector)) found.push(root);
  if (!found.length || !addresses[name]) return;
  const { default: start } = await import(addresses[name]);
  found.forEach((element) => start(element, words));
}

/** The error summary takes the focus, so that a reader hears first what is wrong. */
function focusProblems() {
  const summary = document.querySelector("[data-problems]");
  if (!summary) return;
  summary.focus();
  const said = `${words.error}: `; // some pages say it themselves, for readers without a script
  if (!document.title.startsWith(said)) document.title = said + document.title;
  summary.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    const block = field.closest(".field") ?? field;
    block.scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
    event.preventDefault();
  });
}

/** Buttons that only make sense with a script are hidden in the page and shown here. */
function showPrintButtons() {
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
}

/** Closed details print with their contents. */
function openDetailsForPrint() {
  const closed = () => document.querySelectorAll("details.more:not([open])");
  let opened = [];
  addEventListener("beforeprint", () => { opened = [...closed()]; opened.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => opened.forEach((d) => { d.open = false; }));
}

focusProblems();
showPrintButtons();
openDetailsForPrint();
/** What came with the page, and later what a module brought into it (the event portal:added). */
function enhanceAll(root) {
  enhance(root, "[data-count]", "count");
  enhance(root, "[data-wards-url]", "wards");
  enhance(root, "[data-show-field]", "reveal");
  enhance(root, "form[data-confirm], button[data-confirm]", "confirm");
  enhance(root, "[data-copy]", "copy");
  enhance(root, "[data-shortcuts]", "shortcuts");
  enhance(root, "[data-follow]", "follow");
  enhance(root, "[data-rows]", "rows");
  enhance(root, "[data-passkey]", "passkey");
  enhance(root, 'input[type="password"]', "password");
}

enhanceAll(document);
document.addEventListener("portal:added", (event) => enhanceAll(event.target));
