// Fills the ward list when a province is chosen. Without it the server offers the list on the next page.
export default function wards(block) {
  const province = block.querySelector("[data-province]");
  const ward = block.querySelector("select[data-ward]");
  const status = block.querySelector("[data-status]");
  const ask = block.querySelector("[data-again]");
  if (!province || !ward) return;
  if (ask) { ask.hidden = true; ask.type = "button"; }
  let latest = 0;

  province.addEventListener("change", async () => {
    const mine = ++latest;
    ward.replaceChildren(ward.options[0]);
    if (!province.value) return;
    ward.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(block.dataset.wardsUrl + encodeURIComponent(province.value), { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const list = await answer.json();
      if (mine !== latest) return;
      ward.append(...list.map(({ code, name }) => new Option(name, code)));
      status.textContent = status.dataset.ready.replace("#", list.length);
    } catch {
      if (mine !== latest) return;
      status.textContent = status.dataset.failed;
      if (ask) { ask.hidden = false; ask.type = "submit"; }
    } finally {
      if (mine === latest) ward.removeAttribute("aria-busy");
    }
  });
}
