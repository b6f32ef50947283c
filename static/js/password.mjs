// A button that shows what was typed. It comes with the script; the password is hidden again before it is sent, so
// that no browser keeps it among the words typed before.
export default function password(input, words) {
  const row = document.createElement("div");
  const button = document.createElement("button");
  row.className = "with-button";
  button.type = "button";
  button.className = "button link small";
  button.setAttribute("aria-controls", input.id);

  function show(shown) {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? words.hide : words.show;
  }

  input.replaceWith(row);
  row.append(input, button);
  input.autocapitalize = "none";
  show(false);
  button.addEventListener("click", () => {
    show(input.type === "password");
    input.focus();
  });
  input.form?.addEventListener("submit", () => show(false));
}
