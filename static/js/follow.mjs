// Keeps a bar going while the worker is at it: asks for this page again, the more seldom the longer nothing moves,
// not at all while nobody looks, and shows the whole page anew once there is no bar to follow.
const SOONEST_MS = 1000;
const LATEST_MS = 30_000;
const SAY_EVERY_MS = 10_000;

export default function follow(block) {
  const live = document.createElement("span");
  live.className = "vh";
  live.setAttribute("aria-live", "polite");
  block.after(live);
  let wait = SOONEST_MS;
  let said = Date.now();

  function show(now) {
    const moved = now.textContent !== block.textContent;
    wait = moved ? SOONEST_MS : Math.min(wait * 1.5, LATEST_MS);
    if (!moved) return;
    block.replaceChildren(...now.childNodes);
    if (Date.now() - said < SAY_EVERY_MS) return;
    live.textContent = block.querySelector("strong")?.textContent ?? "";
    said = Date.now();
  }

  async function look() {
    if (document.hidden) return void document.addEventListener("visibilitychange", look, { once: true });
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.querySelector("[data-follow]");
      if (!now) return void location.reload(); // it has come to its end, or one is to sign in again
      show(now);
    } catch {
      wait = Math.min(wait * 2, LATEST_MS);
    }
    setTimeout(look, wait);
  }

  setTimeout(look, wait);
}
