// Names to choose from while somebody types: a combobox with a list, by keyboard, pointer and screen reader.
// Without it, or when the network fails, the form still searches.
const WAIT_MS = 140;
const LEAST = 2;

function start(block, number) {
  const input = block.querySelector("input");
  const list = document.createElement("ul");
  const status = document.createElement("span");
  const known = new Map();
  let timer = 0;
  let latest = 0;
  let active = -1;

  list.id = `suggestions-${number}`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", block.dataset.label);
  status.className = "vh";
  status.setAttribute("role", "status");
  block.append(list, status);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })) {
    input.setAttribute(name, value);
  }

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(next) {
    const options = [...list.children];
    if (!options.length) return;
    active = (next + options.length) % options.length;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  }

  function show(found) {
    list.replaceChildren(...found.map((item, at) => {
      const option = document.createElement("li");
      const sector = document.createElement("small");
      option.id = `${list.id}-${at}`;
      option.dataset.url = item.url;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      sector.textContent = [item.agency, item.sector].filter(Boolean).join(" · ");
      option.append(item.name, sector);
      return option;
    }));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    status.textContent = found.length ? block.dataset.one.replace("#", found.length) : block.dataset.none;
  }

  async function ask() {
    const words = input.value.trim();
    const mine = ++latest;
    if (words.length < LEAST) return close();
    if (!known.has(words)) {
      try {
        const answer = await fetch(`${block.dataset.suggest}?q=${encodeURIComponent(words)}`, { headers: { Accept: "application/json" } });
        if (!answer.ok) return close();
        known.set(words, await answer.json());
      } catch {
        return close();
      }
    }
    if (mine === latest && document.activeElement === input) show(known.get(words));
  }

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // a Vietnamese letter is being made
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return void ask();
      event.preventDefault();
      mark(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
    } else if (event.key === "Enter" && active >= 0 && !list.hidden) {
      event.preventDefault();
      location.assign(list.children[active].dataset.url);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      latest++;
      close();
    }
  });
  input.addEventListener("blur", () => { latest++; close(); });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the input keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.url);
  });
}

document.querySelectorAll("[data-suggest]").forEach(start);
