// Search by all words typed, in titles first; nothing is fetched, so that it works from a disk as well.
const box = document.getElementById("search");
const found = document.getElementById("found");
box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(word => word.length > 0);
    const holds = text => words.every(word => text.toLowerCase().includes(word));
    const inTitle = pages.filter(page => holds(page.title));
    const inText = pages.filter(page => !holds(page.title) && holds(page.title + " " + page.content));
    found.replaceChildren();
    for (const page of words.length === 0 ? [] : [...inTitle, ...inText].slice(0, 15)) {
        const link = document.createElement("a");
        link.href = root + page.uri;
        link.textContent = page.title;
        const item = document.createElement("li");
        item.append(link);
        found.append(item);
    }
});

// The same thing in several languages stands side by side: a run of paragraphs that are a bold name of a language, each with the code below it.
addEventListener("load", () => {
    const isCode = element => element !== null && element.matches("pre, table.pre, .code-block-wrapper");
    const names = ["Shell", "F#", "C#"];
    const isName = element => element !== null && element.tagName === "P" && names.includes(element.textContent.trim());
    for (const first of [...document.querySelectorAll("#content p")]) {
        if (!isName(first) || first.closest(".side-by-side") !== null) continue;
        const row = document.createElement("div");
        row.className = "side-by-side";
        first.before(row);
        for (let next = row.nextElementSibling; isName(next); next = row.nextElementSibling) {
            const column = document.createElement("div");
            row.append(column);
            column.append(next);
            while (isCode(row.nextElementSibling)) column.append(row.nextElementSibling);
        }
    }
});
