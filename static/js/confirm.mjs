// Asks once more before something that cannot be undone.
function build(question, yes, danger, words) {
  const dialog = document.createElement("dialog");
  const text = document.createElement("p");
  text.id = `confirm-${crypto.randomUUID()}`;
  text.textContent = question;
  dialog.setAttribute("aria-labelledby", text.id);
  const row = document.createElement("form");
  row.method = "dialog";
  row.className = "actions";
  for (const [value, label, kind] of [["yes", yes, danger ? "danger" : ""], ["no", words.cancel, "secondary"]]) {
    const button = document.createElement("button");
    button.value = value;
    button.textContent = label;
    button.className = `button ${kind}`;
    if (value === "no") button.autofocus = true;
    row.append(button);
  }
  dialog.append(text, row);
  document.body.append(dialog);
  return dialog;
}

export default function confirm(asker, words) {
  const form = asker.form ?? asker;
  let sure = false;
  form.addEventListener("submit", (event) => {
    const by = event.submitter;
    if (sure || (asker !== form && by !== asker)) return;
    event.preventDefault();
    const label = asker.dataset.confirmYes ?? by?.textContent.trim() ?? words.yes;
    const dialog = build(asker.dataset.confirm, label, by?.classList.contains("danger"), words);
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (dialog.returnValue !== "yes") { by?.focus(); return; }
      sure = true;
      form.requestSubmit(by);
      sure = false;
    });
    dialog.showModal();
  });
}
