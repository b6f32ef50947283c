// Copies a dossier's code; says so in words. Hidden where nothing may be copied (no clipboard without HTTPS).
export default function copy(button, words) {
  if (!navigator.clipboard?.writeText) return;
  button.hidden = false;
  const label = button.textContent;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      button.hidden = true; // the code itself stands beside it
      return;
    }
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = label; }, 3000);
  });
}
