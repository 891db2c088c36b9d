// A figure in a box of any size.

// A title in lines of so many letters: a tag or an entity is none or one of them.
const lines = (text, most) => {
    const size = word => word.replace(/<[^>]*>/g, "").replace(/&\w+;/g, "x").length;
    const done = [];
    let line = "";
    for (const word of text.split(/ +|(?<=[_/])/)) {
        const glue = line === "" || /[_/]$/.test(line) ? "" : " ";
        if (line !== "" && size(line + glue + word) > most) {
            done.push(line);
            line = word;
        } else line += glue + word;
    }
    return [...done, line];
};

// plotly.js makes the product of the three sides 1, whatever the page's form. In parallel projection their size is the zoom.
const zoomed = (scene, zoom) => {
    const sides = ["xaxis", "yaxis", "zaxis"].map(axis => scene[axis].range);
    if (sides.includes(undefined)) return scene;
    const [x, y, z] = sides.map(([low, high]) => high - low);
    const mean = Math.cbrt(x * y * z) / zoom;
    return { ...scene, aspectmode: "manual", aspectratio: { x: x / mean, y: y / mean, z: z / mean } };
};

// Where there is little room: smaller margins, colour bars and legends below, titles in several lines.
const fitted = (figure, box, arrangements = []) => {
    const wide = box.clientWidth;
    const arrangement = arrangements.find(one => wide >= one.least * window.innerHeight);
    const layout = { ...figure.layout, ...arrangement?.layout };
    const isSlender = wide < slender;
    let least = (arrangement?.height ?? 0) * wide;
    if (isSlender && layout.grid?.columns > 1) {
        // Panels side by side are too narrow for their numbers: one below the other.
        const panels = Object.keys(layout).filter(name => /^xaxis\d*$/.test(name)).length;
        layout.grid = { ...layout.grid, rows: panels, columns: 1, ygap: 0.4 };
        least = 290 * panels;
    }
    box.style.minHeight = least > 0 ? Math.round(least) + "px" : "";
    const high = box.clientHeight;
    const margin = { ...layout.margin, ...arrangement?.layout.margin };
    if (isSlender) {
        margin.l = Math.min(margin.l, 50);
        margin.r = Math.min(margin.r, 12);
    }
    if (layout.title !== undefined) {
        const size = isSlender ? 15 : 18;
        const room = wide - (isSlender ? 16 : 260);
        const rows = lines(layout.title.text, Math.max(12, Math.floor(room / (0.52 * size))));
        // The symbols of plotly.js stand in the corner of a narrow page.
        const above = isSlender ? 34 : 14;
        layout.title = { ...layout.title, text: rows.join("<br>"), font: { ...layout.title.font, size }, yref: "container", y: 1 - above / high, yanchor: "top" };
        margin.t = Math.max(isSlender ? 0 : margin.t, above + 1.3 * size * rows.length + (isSlender ? 26 : 22));
    }
    const below = bar => ({
        ...bar,
        title: { ...bar.title, side: "top" },
        orientation: "h",
        thickness: 12,
        x: 0.5,
        xanchor: "center",
        len: 0.9,
        yref: "container",
        y: 0.01,
        yanchor: "bottom",
    });
    const hasLegend = figure.data.some(trace => trace.showlegend === true);
    let bars = 0;
    const data = figure.data.map(trace => {
        if (!isSlender || arrangement !== undefined) return trace;
        if (trace.colorbar !== undefined) {
            bars++;
            return { ...trace, colorbar: below(trace.colorbar) };
        }
        if (trace.marker?.colorbar !== undefined) {
            bars++;
            return { ...trace, marker: { ...trace.marker, colorbar: below(trace.marker.colorbar) } };
        }
        return trace;
    });
    if (isSlender && layout.coloraxis?.colorbar !== undefined && arrangement === undefined) {
        bars++;
        layout.coloraxis = { ...layout.coloraxis, colorbar: below(layout.coloraxis.colorbar) };
    }
    const isScene = layout.scene !== undefined;
    if (bars > 0) margin.b = (isScene ? 0 : 60) + 62;
    if (isSlender && hasLegend) {
        // Names one below the other where they are few: columns of a legend that lies are as wide as its longest name.
        layout.legend = { ...layout.legend, orientation: "h", x: 0, xanchor: "left", yref: "container", y: (bars > 0 ? 64 : 4) / high, yanchor: "bottom" };
        const entries = figure.data.filter(trace => trace.showlegend === true).map(trace => (trace.name ?? "").length);
        const each = 60 + 7.5 * Math.max(...entries);
        const rows = Math.ceil(entries.length / Math.max(1, Math.floor((wide - 30) / each)));
        margin.b = (isScene ? 0 : 60) + (bars > 0 ? 62 : 0) + 21 * Math.min(rows, 8) + 8;
    }
    if (isScene) {
        // With its labels a scene of zoom 1 is about 0.62 times as wide as it is high.
        const room = wide - (isSlender ? 90 : 200);
        layout.scene = zoomed(layout.scene, Math.min(1.15, room / (0.62 * (high - margin.t - margin.b))));
    }
    if (arrangement?.side !== undefined) {
        // Squares side by side: what is left of the page's height is above and below.
        const spare = high - margin.t - margin.b - arrangement.side * (wide - margin.l - margin.r);
        margin.t += Math.max(0, 0.4 * spare);
        margin.b += Math.max(0, 0.6 * spare);
    }
    layout.margin = margin;
    return { data, layout, form: `${isSlender} ${arrangements.indexOf(arrangement)}` };
};

const forms = new WeakMap();

const draw = (box, figure, arrangements) => {
    const { data, layout, form } = fitted(figure, box, arrangements);
    if (forms.has(box) && forms.get(box) !== form) {
        // plotly.js keeps the room that legends and colour bars took elsewhere, until none is left for the picture: it is drawn anew, seen from where one was.
        const camera = box.layout?.scene?.camera;
        if (camera !== undefined) layout.scene = { ...layout.scene, camera };
        Plotly.purge(box);
    }
    forms.set(box, form);
    return Plotly.react(box, data, layout, settings);
};
