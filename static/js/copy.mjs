// Copies a dossier's code; says so in words.
export default function copy(button, words) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  const label = button.textContent;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = label; }, 3000);
  });
}
