// Nothing is fetched, so that the site works from a disk as well.
const element = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
};

// The menus of a phone, behind a button.
const opener = document.getElementById("open-menu");
const menu = document.getElementById("fsdocs-main-menu");
const sections = document.getElementById("fsdocs-page-menu");
const isWide = () => matchMedia("(min-width: 768px)").matches;
const show = open => {
    menu.classList.toggle("open", open);
    opener.setAttribute("aria-expanded", open);
    // What is on this page stands below the pages.
    if (open && !isWide()) menu.append(sections);
    sections.classList.toggle("open", open && !isWide());
};
opener.addEventListener("click", () => show(!menu.classList.contains("open")));
menu.addEventListener("click", event => { if (event.target.closest("a") !== null) show(false); });
addEventListener("keydown", event => { if (event.key === "Escape") { show(false); found.replaceChildren(); } });

// Search by all words typed: guides before members, titles before texts, with a piece of the text around the first word.
const box = document.getElementById("search");
const found = document.getElementById("found");
const isReference = page => page.uri.startsWith("reference/");
const language = page => !isReference(page) ? "guide"
    : page.uri.startsWith("reference/anisoap-csharp") ? "C#"
    : "F#";
// What stands between the tags, as it is read: in the index "&" is a name's beginning.
const decoder = document.createElement("textarea");
const plain = text => {
    decoder.innerHTML = text.replace(/<[^>]*>/g, " ");
    return decoder.value.replace(/\s+/g, " ");
};
const times = (text, words) => words.reduce((sum, word) => sum + text.toLowerCase().split(word).length - 1, 0);
const marked = (text, words) => {
    const pattern = new RegExp("(" + words.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|") + ")", "gi");
    return text.split(pattern).map((piece, i) => i % 2 === 1 ? element("mark", {}, piece) : piece);
};
const snippet = (page, words) => {
    const text = plain(page.content);
    const at = text.toLowerCase().indexOf(words[0]);
    if (at < 0) return text.slice(0, 120);
    const start = Math.max(0, at - 50);
    return (start > 0 ? "…" : "") + text.slice(start, at + 110) + "…";
};
const result = (page, words) => {
    const title = plain(page.title);
    const link = element("a", { href: root + page.uri },
        element("span", { class: "kind" }, language(page)),
        element("strong", {}, ...marked(title, words)),
        element("span", { class: "snippet" }, ...marked(snippet(page, words), words)));
    return element("li", {}, link);
};
const search = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(word => word.length > 0);
    found.replaceChildren();
    if (words.length === 0) return;
    const holds = text => words.every(word => text.toLowerCase().includes(word));
    const rank = page =>
        holds(page.title) ? (isReference(page) ? 1 : 0)
        : holds(page.title + " " + page.content) ? (isReference(page) ? 3 : 2)
        : 4;
    const ranked = pages.map(page => [rank(page), page]).filter(([place]) => place < 4)
        .map(([place, page]) => [place, page, place < 2 ? -page.title.length : times(page.content, words)]);
    // Of titles the shortest first, of texts those that say most about it.
    ranked.sort(([one, , a], [other, , b]) => one - other || b - a);
    // Guides that only mention a word are no worse than members that are called so, but members must be seen too.
    const guides = ranked.filter(([, page]) => !isReference(page)).slice(0, 8);
    const members = ranked.filter(([, page]) => isReference(page)).slice(0, 15 - guides.length);
    for (const [, page] of [...guides, ...members]) found.append(result(page, words));
    if (ranked.length === 0) found.append(element("li", {}, element("p", {}, "Nothing found for “" + box.value.trim() + "”.")));
};
box.addEventListener("input", search);
box.addEventListener("focus", search);
addEventListener("click", event => { if (event.target.closest("header .end") === null) found.replaceChildren(); });

// The same thing in several languages: tabs, of which the one chosen last is open on every page. A run of paragraphs that are a bold name of a language, each with
// the code below it.
const names = ["Shell", "F#", "C#"];
const remembered = () => { try { return localStorage.getItem("language"); } catch { return null; } };
const remember = name => { try { localStorage.setItem("language", name); } catch { /* Without a memory the page still works. */ } };
const choose = name => {
    for (const group of document.querySelectorAll(".tabs")) {
        const tabs = [...group.querySelectorAll("[role=tab]")];
        const chosen = tabs.find(tab => tab.textContent === name) ?? tabs[0];
        for (const tab of tabs) {
            tab.setAttribute("aria-selected", tab === chosen);
            tab.tabIndex = tab === chosen ? 0 : -1;
            document.getElementById(tab.getAttribute("aria-controls")).hidden = tab !== chosen;
        }
    }
};
const isCode = one => one !== null && one.matches("pre, table.pre, .code-block-wrapper");
// A table's cells are paragraphs too: without code below it a language's name is a word as any other.
const isName = one => one !== null && one.tagName === "P" && names.includes(one.textContent.trim()) && isCode(one.nextElementSibling);
let count = 0;
const makeTabs = first => {
    const bar = element("div", { role: "tablist", "aria-label": "Language" });
    const group = element("div", { class: "tabs" }, bar);
    first.before(group);
    for (let next = group.nextElementSibling; isName(next); next = group.nextElementSibling) {
        const id = "language-" + count++;
        const name = next.textContent.trim();
        const tab = element("button", { role: "tab", type: "button", id: id + "-tab", "aria-controls": id }, name);
        const panel = element("div", { role: "tabpanel", id, "aria-labelledby": id + "-tab" });
        tab.addEventListener("click", () => { remember(name); choose(name); tab.scrollIntoView({ block: "nearest" }); });
        tab.addEventListener("keydown", event => {
            const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
            if (step === undefined) return;
            const all = [...bar.children];
            const other = all[(all.indexOf(tab) + step + all.length) % all.length];
            other.click();
            other.focus();
        });
        bar.append(tab);
        group.append(panel);
        next.remove();
        while (isCode(group.nextElementSibling)) panel.append(group.nextElementSibling);
    }
};
addEventListener("load", () => {
    // A button that stays where it is while its code scrolls.
    for (const pre of document.querySelectorAll("#content pre.has-copy-button")) {
        const wrapper = element("div", { class: "code-block-wrapper" });
        pre.before(wrapper);
        wrapper.append(pre, pre.querySelector(".copy-code-button"));
    }
    // Whoever cannot use a mouse scrolls by the arrow keys.
    for (const code of document.querySelectorAll(".code-block-wrapper > pre, .code-block-wrapper > table.pre, #content > table")) code.tabIndex = 0;
    for (const first of [...document.querySelectorAll("#content p")]) if (first.isConnected && isName(first)) makeTabs(first);
    choose(remembered() ?? "Shell");
});
