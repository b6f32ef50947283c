// Shows a question only when the answer it depends on is given; the server judges by the same rule.
export default function reveal(block) {
  const { showField, showEquals } = block.dataset;
  const form = block.closest("form");
  if (!form?.elements.namedItem(showField)) return;
  const look = () => {
    const given = new FormData(form).getAll(showField);
    block.hidden = !given.includes(showEquals);
  };
  form.addEventListener("change", look);
  look();
}
