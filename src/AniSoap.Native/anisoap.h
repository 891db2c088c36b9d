/* AniSoap for programs that speak C: potentials of ellipsoids, and features of their surroundings.

   Every function returns ANISOAP_OK or a code, and leaves a sentence about it for anisoap_last_error, of the same thread. Counts are
   numbers of elements; arrays are in C order; nothing is kept of the caller's memory after a call. A handle may be used by several
   threads: calls of one handle wait for each other, those of different handles do not. Lengths and energies are in the model's units. */
#ifndef ANISOAP_H
#define ANISOAP_H
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ANISOAP_VERSION 1

enum {
    ANISOAP_OK = 0,
    ANISOAP_REFUSED = 2,    /* something given cannot work: the sentence says what */
    ANISOAP_BROKEN = 3,     /* a fault of the library */
    ANISOAP_BAD_HANDLE = 4  /* closed, or never opened */
};

/* The version of this interface that the library speaks: ANISOAP_VERSION. */
int anisoap_version(void);

/* Copies the last sentence, cut to size - 1 bytes and ended by a zero; returns the bytes that it has. */
int anisoap_last_error(char *text, int size);

/* A potential, as `anisoap train` writes it. */
int anisoap_open_potential(const char *path, int threads, void **handle);

/* Power spectra by a file of hyperparameters (`--hypers`), of these species. */
int anisoap_open_features(const char *path, const int *species, int species_count, int threads, void **handle);

int anisoap_close(void *handle);

/* The radius beyond which nothing acts. */
int anisoap_cutoff(void *handle, double *cutoff);

/* Copies at most `room` of the species that the handle knows; `count` becomes their number. */
int anisoap_species(void *handle, int *species, int room, int *count);

/* Numbers of a centre's power spectrum. */
int anisoap_length(void *handle, int *length);

/* Surroundings: particles 0 … n − 1 stand at position (x, y, z), turned by quaternion (w, x, y, z; of any length), with semiaxes along the body's
   x, y, z, of species. The first `centers` of them are centres; the neighbours of centre i are neighbors[first[i]] … neighbors[first[i + 1] − 1], all that
   are within the cutoff and perhaps others, each once. Images of particles (ghosts) are particles of their own.

   energy: that of the centres' pairs (half of a pair's energy for each of its directions where both are centres). center_energy: one number a centre,
   or NULL. force, torque: three numbers a particle, ghosts' parts in the ghosts' rows, torques about each particle's own centre, lab frame. virial: W_ab = sum of r_a f_b, a
   slowest, or NULL. All are overwritten. */
int anisoap_evaluate(void *handle, int centers, int n, const double *position, const double *quaternion, const double *semiaxes,
                     const int *species, const int64_t *first, const int *neighbors, double *energy, double *center_energy,
                     double *force, double *torque, double *virial);

/* `takes` becomes 1 where anisoap_evaluate_pairs can be asked, else 0: where nothing but bodies made of sites acts. */
int anisoap_takes_pairs(void *handle, int *takes);

/* The same by lists in which every pair stands once, with either of its particles, which is a centre then: half the work. energy: that of the pairs. particle_energy: n numbers,
   half of a pair's energy for each of its particles, ghosts' in the ghosts' rows, or NULL. */
int anisoap_evaluate_pairs(void *handle, int centers, int n, const double *position, const double *quaternion, const double *semiaxes,
                           const int *species, const int64_t *first, const int *neighbors, double *energy, double *particle_energy,
                           double *force, double *torque, double *virial);

/* The power spectra of the centres: values has anisoap_length numbers for each. */
int anisoap_spectra(void *handle, int centers, int n, const double *position, const double *quaternion, const double *semiaxes,
                    const int *species, const int64_t *first, const int *neighbors, double *values);

#ifdef __cplusplus
}
#endif
#endif
