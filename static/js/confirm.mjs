// Asks once more before something that cannot be undone. What may fail is done before the form is held back: where a
// browser cannot ask (no dialog, an old one, somebody's window within another app), the form goes in as without a script.
function build(question, yes, danger, words) {
  const dialog = document.createElement("dialog");
  const text = document.createElement("p");
  text.id = "confirm-question"; // one at a time: it goes when it is answered
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
  return dialog;
}

/** The answer's button pressed anew: unlike requestSubmit, every browser can, and it sends what the button says. */
function press(form, by) {
  if (by) return by.click();
  const button = document.createElement("button");
  button.hidden = true;
  form.append(button);
  button.click();
  button.remove();
}

export default function confirm(asker, words) {
  const form = asker.form ?? asker;
  let sure = false;
  form.addEventListener("submit", (event) => {
    const by = event.submitter;
    if (sure || (asker !== form && by !== asker)) return;
    let dialog;
    try {
      const label = asker.dataset.confirmYes ?? by?.textContent.trim() ?? words.yes;
      dialog = build(asker.dataset.confirm, label, by?.classList.contains("danger"), words);
      dialog.addEventListener("close", () => {
        dialog.remove();
        if (dialog.returnValue !== "yes") { by?.focus(); return; }
        sure = true;
        press(form, by);
        sure = false;
      });
      document.body.append(dialog);
      dialog.showModal();
    } catch {
      dialog?.remove();
      return;
    }
    event.preventDefault();
  });
}
