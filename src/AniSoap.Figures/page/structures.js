// Structures of which one is shown at a time.

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
