// Says how many characters are left, counted as the server counts: code points, composed, one per line break.
export default function count(box) {
  const limit = Number(box.dataset.count);
  const line = document.getElementById(`${box.id}-count`);
  const live = document.createElement("span");
  live.className = "vh";
  live.setAttribute("aria-live", "polite");
  line.after(live);
  let pause;
  const say = () => {
    const length = [...box.value.normalize("NFC").trim()].length;
    const left = limit - length;
    line.textContent = (left < 0 ? line.dataset.over : line.dataset.left).replace("#", Math.abs(left));
    line.classList.toggle("error", left < 0);
    clearTimeout(pause);
    pause = setTimeout(() => { live.textContent = left < limit * 0.2 ? line.textContent : ""; }, 1000);
  };
  box.addEventListener("input", say);
  if (box.value) say();
}
