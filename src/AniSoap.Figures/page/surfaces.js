// Particles as numbers, of which surfaces are made here; the edges of the cell; distances across it.

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
