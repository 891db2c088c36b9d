"""points_beside.py FRAMES.extxyz POTENTIAL.json OUT.extxyz OUT.json: every third body becomes a point of species 2 without moments of inertia, one site of type b at its centre, that acts on itself and on the sites of type a
as these act on each other."""

import json
import sys

frames, potential, out, model = sys.argv[1:]

with open(potential) as file:
    made = json.load(file)

sites = made["sites"]
sites["bodies"]["2"] = [{"position": [0.0, 0.0, 0.0], "type": "b"}]
sites["functions"] += [{**sites["functions"][0], "types": types} for types in (["a", "b"], ["b", "b"])]
with open(model, "w") as file:
    json.dump(made, file)

with open(frames) as file:
    count, head, *rows = file.read().splitlines()

with open(out, "w") as file:
    print(count, head, sep="\n", file=file)
    for i, row in enumerate(rows):
        words = row.split()
        if i % 3 == 2:
            # Ends on diameters, mass, moments of inertia.
            words = ["He", *words[1:-7], "1.0", "1.0", "1.0", "1.5", "0.0", "0.0", "0.0"]
        print(*words, file=file)
