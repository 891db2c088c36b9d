// The page of a map: colours, and the structure of the point that is chosen.

// Points in the order of their rows, whatever trace they are drawn in.
const pointsOf = figure => {
    const rows = [];
    for (const trace of figure.data) {
        const [x, y] = [numbers(trace.x), numbers(trace.y)];
        numbers(trace.customdata).forEach((row, k) => rows[row] = { x: x[k], y: y[k], text: trace.text?.[k] });
    }
    return rows;
};

const map = () => {
    const points = pointsOf(figure);
    const { colours = [], structure, particle, palette, noValue, sequential, colourBar } = page.map;
    const [structureOf, particleOf] = [numbers(structure), numbers(particle)];
    const base = figure.data[0];
    const plainMarker = { size: base.marker.size, opacity: base.marker.opacity, line: base.marker.line };
    const trace = (rows, marker, more) => ({
        type: base.type,
        mode: base.mode,
        x: rows.map(row => points[row].x),
        y: rows.map(row => points[row].y),
        customdata: rows,
        ...(points[0].text === undefined ? {} : { text: rows.map(row => points[row].text), hovertemplate: base.hovertemplate }),
        marker: { ...plainMarker, ...marker },
        ...more,
    });
    const all = points.map((_, row) => row);
    const coloured = choice => {
        if (choice.numbers !== undefined) {
            const values = numbers(choice.numbers);
            const known = all.filter(row => Number.isFinite(values[row]));
            const unknown = all.filter(row => !Number.isFinite(values[row]));
            const scale = {
                color: known.map(row => values[row]),
                colorscale: sequential,
                showscale: true,
                colorbar: { ...colourBar, title: { ...colourBar.title, text: choice.label } },
            };
            return [
                ...(known.length > 0 ? [trace(known, scale, { showlegend: false })] : []),
                ...(unknown.length > 0 ? [trace(unknown, { color: noValue }, { showlegend: false })] : []),
            ];
        }
        if (choice.groups !== undefined) {
            const of = numbers(choice.of);
            return choice.groups.map((name, k) =>
                trace(all.filter(row => of[row] === k), { color: palette[k % palette.length] }, { name, showlegend: true }));
        }
        return [trace(all, { color: palette[0] }, { showlegend: false })];
    };

    const controls = element("form", { class: "controls" });
    controls.addEventListener("submit", event => event.preventDefault());
    let traces = figure.data;
    let chosen = -1;
    const show = () => {
        const ring = chosen < 0 ? [] : [{
            type: base.type,
            mode: "markers",
            x: [points[chosen].x],
            y: [points[chosen].y],
            marker: { symbol: "circle-open", size: 18, color: "#111", line: { width: 3 } },
            hoverinfo: "skip",
            showlegend: false,
            name: "chosen",
        }];
        return draw(picture, { data: [...traces, ...ring], layout: { ...figure.layout, uirevision: "kept" } });
    };
    if (colours.length > 1) {
        const options = colours.map((choice, k) => element("option", { value: k }, choice.name));
        const select = element("select", { id: "colour" }, ...options);
        select.addEventListener("change", () => {
            traces = coloured(colours[Number(select.value)]);
            show();
        });
        controls.append(element("label", {}, "colour", select));
    }
    let redrawScene = () => null;
    let choose = row => {
        chosen = row;
        return show();
    };
    if (page.structures !== undefined) {
        const structures = opened(page.structures);
        const scene = element("div", { id: "scene", role: "group", "aria-label": "the structure of the chosen point" });
        main.classList.add("two");
        let shown = withStructure(page.scene, structures, 0);
        const place = (number, of) => {
            shown = withStructure(page.scene, structures, number, of);
            return draw(scene, shown);
        };
        const number = element("input", { type: "number", id: "point", min: 0, max: points.length - 1, value: 0 });
        const what = element("output", { for: "point", id: "point-name" });
        choose = async row => {
            chosen = row;
            number.value = row;
            const isThere = structureOf[row] >= 0;
            what.value = isThere
                ? structures.frames[structureOf[row]].label + (particleOf[row] >= 0 ? ", particle " + particleOf[row] : "")
                : "this frame is not in the page, which holds " + structures.frames.length;
            if (isThere) await place(structureOf[row], particleOf[row]);
            await show();
        };
        number.addEventListener("change", () => choose(Math.max(0, Math.min(points.length - 1, Number(number.value)))));
        controls.append(element("label", {}, "point", number), what);
        main.append(scene);
        redrawScene = () => draw(scene, shown);
    }
    if (controls.childElementCount > 0) picture.after(controls);
    return async () => {
        await show();
        await redrawScene();
        picture.removeAllListeners?.("plotly_click");
        picture.on("plotly_click", event => {
            const row = event.points.find(point => point.customdata !== undefined)?.customdata;
            if (row !== undefined) choose(row);
        });
        if (chosen < 0 && page.structures !== undefined) await choose(Math.max(0, structureOf.findIndex(one => one >= 0)));
    };
};
