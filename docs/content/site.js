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
