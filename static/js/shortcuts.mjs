// The desk by keyboard: `?` opens the sheet; any element with data-key answers to its key; j and k walk the rows.
// One may turn the keys off (WCAG 2.1.4): dictation software types single letters.
const OFF = "portal-keys-off";
const remembered = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
const remember = (off) => { try { localStorage.setItem(OFF, off ? "1" : "0"); } catch { /* private window: for this page only */ } };

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const now = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[Math.max(0, Math.min(rows.length - 1, now + step))];
  const target = row.matches("a, button, [tabindex]") ? row : row.querySelector("a, button, [tabindex]") ?? row;
  if (target === row && row.tabIndex < 0) row.tabIndex = -1; // a row of words alone takes the focus itself
  target.focus();
  // after a click WebKit shows no outline on what a script has focused
  target.classList.add("is-walked");
  target.addEventListener("blur", () => target.classList.remove("is-walked"), { once: true });
}

function use(key) {
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return false;
  if (target.matches("input:not([type=checkbox]), select, textarea")) target.focus();
  else target.click();
  return true;
}

export default function shortcuts(sheet) {
  const list = sheet.querySelector("dl");
  document.querySelectorAll("[data-key]").forEach((element) => {
    const term = document.createElement("dt");
    const key = document.createElement("kbd");
    key.textContent = element.dataset.key;
    term.append(key);
    const meaning = document.createElement("dd");
    meaning.textContent = element.dataset.keyLabel ?? element.textContent.trim();
    list.append(term, meaning);
  });
  const box = sheet.querySelector("[data-keys-off]");
  box.checked = remembered();
  box.addEventListener("change", () => remember(box.checked));
  const shows = Boolean(sheet.showModal);
  document.querySelectorAll("[data-shortcuts-open]").forEach((button) => {
    button.hidden = !shows;
    button.addEventListener("click", () => sheet.showModal());
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || box.checked || sheet.open) return;
    if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
    if (event.key === "?" && shows) sheet.showModal();
    else if (event.key === "j") walk(1);
    else if (event.key === "k") walk(-1);
    else if (!use(event.key)) return;
    event.preventDefault();
  });
}
