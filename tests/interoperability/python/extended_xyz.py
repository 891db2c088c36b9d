"""Frames of extended XYZ as arrays, for the checks beside."""

import re

import numpy


def frames(path):
    """(info, columns) of every frame: texts by key, arrays by name."""
    lines = open(path).read().split("\n")
    at = 0
    while at < len(lines) and lines[at]:
        count = int(lines[at])
        info = dict((key, a or b) for key, a, b in re.findall(r'(\w+)=(?:"([^"]*)"|(\S+))', lines[at + 1]))
        rows = [line.split() for line in lines[at + 2 : at + 2 + count]]
        columns, place = {}, 0
        parts = info["Properties"].split(":")
        for name, kind, width in zip(parts[::3], parts[1::3], parts[2::3]):
            if kind == "R":
                columns[name] = numpy.array([[float(x) for x in row[place : place + int(width)]] for row in rows])
            place += int(width)
        yield info, columns
        at += 2 + count
