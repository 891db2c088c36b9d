/* threads MODEL SURROUNDINGS [CALLS]: four host threads with a handle each have the same bits as the first alone. With CALLS it says what a call of one thread costs, too. SURROUNDINGS are
   numbers in the order of anisoap_evaluate, as surroundings.py writes them. */
#define _POSIX_C_SOURCE 200809L
#include "anisoap.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { THREADS = 4 };

static int centers, n;
static double *position, *quaternion, *semiaxes;
static int *species, *neighbors;
static int64_t *first;

struct outcome {
    void *handle;
    double energy, virial[9];
    double *center_energy, *force, *torque;
    int code;
};

static void *read_all(FILE *file, size_t size, size_t count)
{
    void *room = malloc(size * count + 1);
    if (!room || fread(room, size, count, file) != count) {
        fprintf(stderr, "the surroundings end early\n");
        exit(2);
    }
    return room;
}

static void *evaluate(void *given)
{
    struct outcome *one = given;
    one->code = anisoap_evaluate(one->handle, centers, n, position, quaternion, semiaxes, species, first, neighbors, &one->energy, one->center_energy,
                                 one->force, one->torque, one->virial);
    return NULL;
}

static int differs(const struct outcome *a, const struct outcome *b)
{
    return a->code || b->code || memcmp(&a->energy, &b->energy, sizeof a->energy) || memcmp(a->virial, b->virial, sizeof a->virial) ||
           memcmp(a->center_energy, b->center_energy, sizeof(double) * (size_t)centers) || memcmp(a->force, b->force, 3 * sizeof(double) * (size_t)n) ||
           memcmp(a->torque, b->torque, 3 * sizeof(double) * (size_t)n);
}

int main(int count, char **words)
{
    FILE *file = count >= 3 ? fopen(words[2], "rb") : NULL;
    int sizes[2];
    if (!file || fread(sizes, sizeof(int), 2, file) != 2) {
        fprintf(stderr, "threads MODEL SURROUNDINGS [CALLS]\n");
        return 2;
    }
    centers = sizes[0];
    n = sizes[1];
    position = read_all(file, sizeof(double), 3 * (size_t)n);
    quaternion = read_all(file, sizeof(double), 4 * (size_t)n);
    semiaxes = read_all(file, sizeof(double), 3 * (size_t)n);
    species = read_all(file, sizeof(int), (size_t)n);
    first = read_all(file, sizeof(int64_t), (size_t)centers + 1);
    neighbors = read_all(file, sizeof(int), (size_t)first[centers]);
    fclose(file);

    struct outcome all[THREADS + 1];
    for (int i = 0; i <= THREADS; i++) {
        all[i].center_energy = malloc(sizeof(double) * (size_t)centers);
        all[i].force = malloc(3 * sizeof(double) * (size_t)n);
        all[i].torque = malloc(3 * sizeof(double) * (size_t)n);
        if (anisoap_open_potential(words[1], 1, &all[i].handle)) {
            char text[1024];
            anisoap_last_error(text, sizeof text);
            fprintf(stderr, "%s\n", text);
            return 2;
        }
    }
    evaluate(&all[THREADS]);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, evaluate, &all[i]);
    int wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        wrong |= differs(&all[i], &all[THREADS]);
    }
    printf("%d centres, %d particles, energy %.15g: %s\n", centers, n, all[THREADS].energy, wrong ? "threads differ" : "the same bits");
    if (count > 3) {
        struct timespec a, b;
        const int calls = atoi(words[3]);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
        for (int i = 0; i < calls; i++) evaluate(&all[0]);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
        printf("%.4f ms a call\n", 1e3 * ((double)(b.tv_sec - a.tv_sec) + 1e-9 * (double)(b.tv_nsec - a.tv_nsec)) / calls);
    }
    for (int i = 0; i <= THREADS; i++) {
        wrong |= anisoap_close(all[i].handle) != ANISOAP_OK;
        free(all[i].center_energy);
        free(all[i].force);
        free(all[i].torque);
    }
    free(position), free(quaternion), free(semiaxes), free(species), free(first), free(neighbors);
    return wrong;
}
