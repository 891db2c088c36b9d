/* Energies, forces and torques of pairs of bodies of equal sites by one table, as one writes them down: two loops over sites. */
#include <stdint.h>
#include <string.h>

struct table {
    int64_t first;             /* the number of the first piece: leading bits of the square of a distance */
    double inner, outer;       /* squares between which there are pieces */
    const double *coefficient; /* four a piece, of the square's distance from the piece's beginning */
};

/* `place` has x, y, z of the sites of one body after another, from its centre; `displacement` x, y, z of a pair, from the first body's centre to the second's; `sum` six numbers a body,
   force and torque, and nine of the virial behind the last body's. Gives the energy. */
double sites(int pairs, const int *first, const int *second, const double *displacement, int bodies, int count, const double *place, const struct table *given, double *sum)
{
    const struct table table = *given;
    double energy = 0;
    for (int pair = 0; pair < pairs; pair++) {
        const double *r = displacement + 3 * pair;
        const double *a = place + 3 * count * first[pair], *b = place + 3 * count * second[pair];
        double f[3] = {0, 0, 0}, t[3] = {0, 0, 0};
        for (int i = 0; i < count; i++) {
            const double ax = a[3 * i], ay = a[3 * i + 1], az = a[3 * i + 2];
            double gx = 0, gy = 0, gz = 0;
            for (int j = 0; j < count; j++) {
                const double dx = r[0] + b[3 * j] - ax, dy = r[1] + b[3 * j + 1] - ay, dz = r[2] + b[3 * j + 2] - az;
                double s = dx * dx + dy * dy + dz * dz;
                if (s < table.outer) {
                    if (s < table.inner) s = table.inner;
                    int64_t bits;
                    memcpy(&bits, &s, sizeof s);
                    const int64_t number = bits >> 45, leading = number << 45;
                    double begin;
                    memcpy(&begin, &leading, sizeof begin);
                    const double *c = table.coefficient + 4 * (number - table.first);
                    const double x = s - begin;
                    energy += c[0] + x * (c[1] + x * (c[2] + x * c[3]));
                    const double pull = 2 * (c[1] + x * (2 * c[2] + 3 * x * c[3]));
                    gx += pull * dx;
                    gy += pull * dy;
                    gz += pull * dz;
                }
            }
            f[0] += gx;
            f[1] += gy;
            f[2] += gz;
            t[0] += ay * gz - az * gy;
            t[1] += az * gx - ax * gz;
            t[2] += ax * gy - ay * gx;
        }
        double *own = sum + 6 * first[pair], *other = sum + 6 * second[pair], *virial = sum + 6 * bodies;
        for (int c = 0; c < 3; c++) {
            const int d = (c + 1) % 3, e = (c + 2) % 3;
            own[c] += f[c];
            own[3 + c] += t[c];
            other[c] -= f[c];
            other[3 + c] += r[d] * f[e] - r[e] * f[d] - t[c];
            virial[3 * c] -= r[c] * f[0];
            virial[3 * c + 1] -= r[c] * f[1];
            virial[3 * c + 2] -= r[c] * f[2];
        }
    }
    return energy;
}
