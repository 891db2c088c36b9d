"""A pair of ellipsoids by a learnt potential, from Python: potential.py FILE.json prints the energy, and the force and torque on the second particle.

The loader has to find libanisoap.so: LD_LIBRARY_PATH=native python3 potential.py FILE.json"""

import ctypes
import sys

import numpy

library = ctypes.CDLL("libanisoap.so")


def check(code):
    if code:
        text = ctypes.create_string_buffer(1024)
        library.anisoap_last_error(text, len(text))
        sys.exit(text.value.decode())


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


# Two rods of diameters 1, 1 and 3; the second is turned about x. Each is the other's neighbour.
position = numpy.array([[0, 0, 0], [1.1, 0.3, 0.2]])
quaternion = numpy.array([[1.0, 0, 0, 0], [0.8, 0.6, 0, 0]])
semiaxes = numpy.array([[0.5, 0.5, 1.5], [0.5, 0.5, 1.5]])
species = numpy.array([1, 1], dtype=numpy.int32)
first = numpy.array([0, 1, 2], dtype=numpy.int64)
neighbors = numpy.array([1, 0], dtype=numpy.int32)
energy, force, torque = numpy.zeros(1), numpy.zeros((2, 3)), numpy.zeros((2, 3))

potential = ctypes.c_void_p()
check(library.anisoap_open_potential(sys.argv[1].encode(), 1, ctypes.byref(potential)))
arrays = [pointer(a) for a in (position, quaternion, semiaxes, species, first, neighbors, energy)]
check(library.anisoap_evaluate(potential, 2, 2, *arrays, None, pointer(force), pointer(torque), None))
check(library.anisoap_close(potential))
print(repr(float(energy[0])), *(repr(float(x)) for x in [*force[1], *torque[1]]))
