// Draws `figure` (data and layout of plotly.js) into the page; `page` says what else there is: layouts for wide and high pages, structures of which one is
// shown at a time, and colours and structures of the points of a map.
(() => {
    const picture = document.getElementById("picture");
    const main = document.querySelector("main");
    const settings = { responsive: true, displaylogo: false, toImageButtonOptions: { scale: 3 } };
    const slender = 600;

    const element = (tag, attributes, ...children) => {
        const made = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
        made.append(...children);
        return made;
    };

    // Numbers as plotly.js takes them: lists, or base64 of their bytes.
    const kinds = { f4: Float32Array, f8: Float64Array, i4: Int32Array };
    const numbers = value => {
        if (value === undefined || value.bdata === undefined) return value;
        const text = atob(value.bdata);
        const bytes = new Uint8Array(text.length);
        for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
        return new kinds[value.dtype](bytes.buffer);
    };

    // ---- a figure in a box of any size

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
        return { data, layout };
    };

    const draw = (box, figure, arrangements) => {
        const { data, layout } = fitted(figure, box, arrangements);
        return Plotly.react(box, data, layout, settings);
    };

    // ---- structures: particles as numbers, of which surfaces are made here

    // x = centre + R diag(a) s of every point s of the unit sphere; `inflate` makes the particle larger than it is.
    const surface = (structures, frame, members, inflate = 1) => {
        const [sphere, triangles] = [structures.points, structures.triangles];
        const [points, faces] = [sphere.length / 3, triangles.length / 3];
        const count = members.length;
        const made = {
            x: new Float32Array(count * points),
            y: new Float32Array(count * points),
            z: new Float32Array(count * points),
            i: new Int32Array(count * faces),
            j: new Int32Array(count * faces),
            k: new Int32Array(count * faces),
            customdata: new Int32Array(count * points),
        };
        if (frame.values !== undefined) made.intensity = new Float32Array(count * points);
        members.forEach((p, m) => {
            const [w, x, y, z] = frame.turns.subarray(4 * p, 4 * p + 4);
            const shape = frame.shapes === undefined ? 0 : frame.shapes[p];
            const [a, b, c] = structures.axes.subarray(3 * shape, 3 * shape + 3).map(one => inflate * one);
            const r = [
                [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
            ];
            for (let s = 0; s < points; s++) {
                const at = m * points + s;
                const [u, v, t] = [a * sphere[3 * s], b * sphere[3 * s + 1], c * sphere[3 * s + 2]];
                made.x[at] = frame.centers[3 * p] + r[0][0] * u + r[0][1] * v + r[0][2] * t;
                made.y[at] = frame.centers[3 * p + 1] + r[1][0] * u + r[1][1] * v + r[1][2] * t;
                made.z[at] = frame.centers[3 * p + 2] + r[2][0] * u + r[2][1] * v + r[2][2] * t;
                made.customdata[at] = p;
                if (made.intensity !== undefined) made.intensity[at] = frame.values[p];
            }
            for (let f = 0; f < faces; f++) {
                made.i[m * faces + f] = m * points + triangles[3 * f];
                made.j[m * faces + f] = m * points + triangles[3 * f + 1];
                made.k[m * faces + f] = m * points + triangles[3 * f + 2];
            }
        });
        return made;
    };

    const edges = cell => {
        const line = { x: [], y: [], z: [] };
        if (cell === undefined) return line;
        const add = (...corner) => ["x", "y", "z"].forEach((axis, d) =>
            line[axis].push(corner[0] === null ? null : corner[0] * cell[d] + corner[1] * cell[3 + d] + corner[2] * cell[6 + d]));
        for (const i of [0, 1])
            for (const j of [0, 1])
                for (const [start, stop] of [[[0, i, j], [1, i, j]], [[i, 0, j], [i, 1, j]], [[i, j, 0], [i, j, 1]]]) {
                    add(...start);
                    add(...stop);
                    add(null);
                }
        return line;
    };

    // The distance to the nearest image: whole vectors of the cell are taken off the axes that repeat.
    const nearness = (frame, center) => {
        const c = frame.cell;
        const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
        const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
        const rows = c === undefined ? [] : [c.slice(0, 3), c.slice(3, 6), c.slice(6, 9)];
        const inverse = rows.map((row, k) => {
            const normal = cross(rows[(k + 1) % 3], rows[(k + 2) % 3]);
            return normal.map(one => one / dot(normal, row));
        });
        const at = p => frame.centers.subarray(3 * p, 3 * p + 3);
        return p => {
            let d = [0, 1, 2].map(k => at(p)[k] - at(center)[k]);
            inverse.forEach((normal, k) => {
                const whole = frame.repeats[k] ? Math.round(dot(normal, d)) : 0;
                d = d.map((one, axis) => one - whole * rows[k][axis]);
            });
            return Math.hypot(...d);
        };
    };

    // What is told of structures is read once.
    const opened = structures => {
        for (const name of ["points", "triangles", "axes"]) structures[name] = numbers(structures[name]);
        return structures;
    };
    const frameOf = (structures, number) => {
        const frame = structures.frames[number];
        for (const name of ["centers", "turns", "shapes", "surfaces", "values"])
            if (frame[name] !== undefined) frame[name] = numbers(frame[name]);
        return frame;
    };

    // The figure with another structure in it; of a particle its neighbours within the cutoff stand out.
    const withStructure = (figure, structures, number, particle = -1) => {
        const frame = frameOf(structures, number);
        const all = Array.from({ length: frame.centers.length / 3 }, (_, p) => p);
        const distance = particle >= 0 ? nearness(frame, particle) : null;
        const stands = p => distance === null || structures.cutoff === undefined || (p !== particle && distance(p) <= structures.cutoff);
        const data = [];
        const pale = [];
        figure.data.forEach((trace, k) => {
            if (k < structures.surfaces) {
                const own = all.filter(p => frame.surfaces === undefined || frame.surfaces[p] === k);
                const part = (members, inflate, more) => {
                    const made = surface(structures, frame, members, inflate);
                    if (trace.intensity === undefined) delete made.intensity;
                    return { ...trace, ...made, visible: members.length > 0, ...more };
                };
                // The chosen one is in the middle of its neighbours: one looks through them.
                data.push(part(own.filter(p => stands(p)), 1, particle >= 0 ? { opacity: 0.15 } : {}));
                if (particle >= 0) {
                    const others = own.filter(p => !stands(p) && p !== particle);
                    if (others.length > 0) pale.push(part(others, 1, { opacity: 0.03, showscale: false, showlegend: false, hoverinfo: "skip", hovertemplate: null }));
                    if (own.includes(particle)) {
                        const chosen = part([particle], 1.04, { color: "#e8590c", name: "chosen", showscale: false, showlegend: false });
                        delete chosen.intensity;
                        pale.push(chosen);
                    }
                }
            } else if (k === structures.cell) data.push({ ...trace, ...edges(frame.cell) });
            else if (frame.director === undefined) data.push({ ...trace, x: [], y: [], z: [], visible: false });
            else {
                const e = frame.director.ends;
                const { name, hovertemplate } = frame.director;
                data.push({ ...trace, x: [e[0], e[3]], y: [e[1], e[4]], z: [e[2], e[5]], name, hovertemplate, visible: true });
            }
        });
        return { data: [...data, ...pale], layout: { ...figure.layout, uirevision: "kept" } };
    };

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

    // ---- pages

    const frames = () => {
        const structures = opened(page.structures);
        let shown = withStructure(figure, structures, 0);
        const steps = slider(structures, number => {
            shown = withStructure(figure, structures, number);
            draw(picture, shown);
        });
        if (steps.length > 0) main.append(element("form", { class: "controls" }, ...steps));
        return () => draw(picture, shown);
    };

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

    const render = page.map !== undefined ? map() : page.structures !== undefined ? frames() : () => draw(picture, figure, page.arrangements);
    // A page that turns has other room.
    let width = window.innerWidth;
    window.addEventListener("resize", () => {
        if ((width < slender) !== (window.innerWidth < slender) || page.arrangements !== undefined) render();
        width = window.innerWidth;
    });
    Promise.resolve(render()).then(() => { picture.dataset.drawn = "yes"; });
})();
