// Steps from one structure to another.

// A slider with buttons; `show` is told the number.
const slider = (structures, show) => {
    const last = structures.frames.length - 1;
    const range = element("input", { type: "range", id: "frame", "aria-label": "frame", min: 0, max: last, step: 1, value: 0 });
    const name = element("output", { for: "frame", id: "frame-name" });
    const button = (text, label) => element("button", { type: "button", "aria-label": label, title: label }, text);
    const [back, play, forth] = [button("‹", "the frame before"), button("▶", "play"), button("›", "the next frame")];
    let timer = null;
    let waiting = false;
    const set = number => {
        range.value = Math.max(0, Math.min(last, number));
        const label = structures.frames[Number(range.value)].label;
        name.value = label;
        range.setAttribute("aria-valuetext", label);
        if (waiting) return;
        waiting = true;
        // Of many moves within one picture the last counts.
        requestAnimationFrame(() => {
            waiting = false;
            show(Number(range.value));
        });
    };
    const stop = () => {
        clearInterval(timer);
        timer = null;
        play.textContent = "▶";
    };
    range.addEventListener("input", () => set(Number(range.value)));
    back.addEventListener("click", () => set(Number(range.value) - 1));
    forth.addEventListener("click", () => set(Number(range.value) + 1));
    play.addEventListener("click", () => {
        if (timer !== null) return stop();
        play.textContent = "❚❚";
        timer = setInterval(() => set(Number(range.value) === last ? 0 : Number(range.value) + 1), 250);
    });
    const label = structures.frames[0].label;
    name.value = label;
    range.setAttribute("aria-valuetext", label);
    return last > 0 ? [back, play, forth, range, name] : [];
};
