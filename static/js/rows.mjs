// Adds and takes away rows in their place. Without it the same buttons bring the page back with one row more or less.
export default function rows(block) {
  let plainly = false;
  block.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-row-button]");
    if (!button || plainly || block.getAttribute("aria-busy") === "true") return;
    const given = new FormData(button.form);
    given.append(button.name, button.value); // older browsers take no button into the form's data
    event.preventDefault();
    block.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(location.href, { method: "POST", body: given });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(block.id);
      if (!fresh) throw new Error("no rows");
      block.replaceWith(fresh);
      fresh.dispatchEvent(new CustomEvent("portal:added", { bubbles: true }));
      const row = document.getElementById(button.getAttribute("formaction").slice(1)) ?? fresh;
      (row.querySelector(":scope input:not([type=hidden]), :scope select, :scope textarea") ?? row).focus();
      if (row === fresh) fresh.focus();
    } catch {
      block.setAttribute("aria-busy", "false");
      plainly = true;
      button.click();
      plainly = false;
    }
  });
}
