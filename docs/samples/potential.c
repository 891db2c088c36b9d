/* A pair of ellipsoids by a learnt potential: potential FILE.json prints the energy, and the force and torque on the second particle.
   gcc -I native potential.c -o potential -L native -lanisoap */
#include "anisoap.h"
#include <stdio.h>

static int failed(int code)
{
    char text[1024];
    if (code == ANISOAP_OK)
        return 0;
    anisoap_last_error(text, sizeof text);
    fprintf(stderr, "%s\n", text);
    return 1;
}

int main(int count, char **arguments)
{
    /* Two rods of diameters 1, 1 and 3; the second is turned about x. Each is the other's neighbour. */
    const double position[] = {0, 0, 0, 1.1, 0.3, 0.2};
    const double quaternion[] = {1, 0, 0, 0, 0.8, 0.6, 0, 0};
    const double semiaxes[] = {0.5, 0.5, 1.5, 0.5, 0.5, 1.5};
    const int species[] = {1, 1};
    const int64_t first[] = {0, 1, 2};
    const int neighbors[] = {1, 0};
    double energy, force[6], torque[6];
    void *potential = NULL;

    if (count != 2 || anisoap_version() != ANISOAP_VERSION)
        return 2;
    if (failed(anisoap_open_potential(arguments[1], 1, &potential)))
        return 1;
    if (failed(anisoap_evaluate(potential, 2, 2, position, quaternion, semiaxes, species, first, neighbors, &energy, NULL, force, torque, NULL)))
        return 1;
    printf("%.17g  %.17g %.17g %.17g  %.17g %.17g %.17g\n", energy, force[3], force[4], force[5], torque[3], torque[4], torque[5]);
    return failed(anisoap_close(potential));
}
