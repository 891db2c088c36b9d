// SPDX-License-Identifier: GPL-2.0-or-later
//
// pair_style anisoap MODEL
// pair_coeff * * [shapes TYPE A B C …]
//
// LAMMPS makes moments of inertia of its diameters. Where a body's are not those of a solid ellipsoid of its shape, `shapes` gives the potential the semi-axes of a type, and
// the diameters are free to be those of an ellipsoid with the body's moments. A point, which has neither diameters nor a quaternion, is taken where `shapes` has its type,
// unturned.
//
// Potentials of ellipsoids by AniSoap's C library (anisoap.h), which is opened when the style is: LAMMPS's types are the model's species.
// Centres are the atoms of a rank, neighbours may be ghosts; forces and torques of ghosts go home by LAMMPS's reverse communication, so newton must be on.
// Nothing but headers that LAMMPS installs is used: quaternions and shapes come from a compute property/atom of the style's own, and go to the
// ghosts by the pair style's forward communication, so that no version's layout of atom styles is assumed.
//
// Compiled against the interface of neighbour requests of the headers at hand: requests that are changed by hand up to 2021, add_request since 2022.
#include "atom.h"
#include "comm.h"
#include "compute.h"
#include "error.h"
#include "force.h"
#include "memory.h"
#include "modify.h"
#include "neigh_list.h"
#include "neighbor.h"
#include "pair.h"
#include "utils.h"

#include "anisoap.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dlfcn.h>
#include <string>
#include <vector>

#ifdef ANISOAP_REQUEST_OBJECTS
// The header of requests is not installed by every package. These are their first members up to the version of 29 Sep 2021.
namespace LAMMPS_NS {
class NeighRequest : protected Pointers {
 public:
  int index;
  void *requestor;
  int requestor_instance, id;
  int pair, fix, compute, command, neigh, half, full;
};
}    // namespace LAMMPS_NS
#endif

using namespace LAMMPS_NS;

namespace {

struct Library {
  decltype(&anisoap_version) version;
  decltype(&anisoap_last_error) last_error;
  decltype(&anisoap_open_potential) open;
  decltype(&anisoap_close) close;
  decltype(&anisoap_cutoff) cutoff;
  decltype(&anisoap_species) species;
  decltype(&anisoap_takes_pairs) takes_pairs;
  decltype(&anisoap_evaluate) evaluate, evaluate_pairs;
};

const char *const POSE = "anisoap_pose";

// Processor seconds of this thread.
double now()
{
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec + 1e-9 * (double) time.tv_nsec;
}

class PairAnisoap : public Pair {
 public:
  explicit PairAnisoap(LAMMPS *lmp) : Pair(lmp)
  {
    single_enable = 0;
    restartinfo = 0;
    one_coeff = 1;
    manybody_flag = 1;
    no_virial_fdotr_compute = 0;
    comm_forward = 7;
  }

  ~PairAnisoap() override
  {
    if (handle) library.close(handle);
    // With ANISOAP_CLOCK in the environment: what this rank has computed, and how long.
    if (getenv("ANISOAP_CLOCK"))
      fprintf(stderr, "pair_style anisoap: rank %d, %ld computes, %.6f s in them, %.6f s of that in the library\n", comm->me,
              computes, within, inside);
    if (pose && modify && modify->find_compute(POSE) >= 0) modify->delete_compute(POSE);
    if (allocated) {
      memory->destroy(setflag);
      memory->destroy(cutsq);
    }
  }

  void settings(int narg, char **arg) override
  {
    if (narg != 1) stop("needs one argument, the file of a potential");
    load();
    if (handle) library.close(handle);
    handle = nullptr;
    // LAMMPS parallelizes by ranks: one thread each.
    check(library.open(arg[0], 1, &handle));
    check(library.cutoff(handle, &cutoff));
    int count = 0;
    check(library.species(handle, nullptr, 0, &count));
    known.resize(count);
    check(library.species(handle, known.data(), count, &count));
    check(library.takes_pairs(handle, &pairs));
  }

  void coeff(int narg, char **arg) override
  {
    if (narg < 2 || strcmp(arg[0], "*") || strcmp(arg[1], "*")) stop("takes 'pair_coeff * *', of all types");
    const int n = atom->ntypes;
    shape.assign(3 * (n + 1), 0.0);
    if (narg > 2) shapes(narg - 2, arg + 2);
    if (!allocated) {
      allocated = 1;
      memory->create(setflag, n + 1, n + 1, "pair:setflag");
      memory->create(cutsq, n + 1, n + 1, "pair:cutsq");
    }
    for (int i = 1; i <= n; i++)
      for (int j = i; j <= n; j++) setflag[i][j] = 1;
  }

  void init_style() override
  {
    if (!atom->ellipsoid_flag) stop("needs atom_style ellipsoid");
    if (!force->newton_pair) stop("needs newton on: the forces on ghosts go home to their atoms");
    if (modify->find_compute(POSE) < 0)
      modify->add_compute(std::string(POSE) + " all property/atom quatw quati quatj quatk shapex shapey shapez");
    pose = modify->compute[modify->find_compute(POSE)];
#ifdef ANISOAP_REQUEST_OBJECTS
    // The request first: it may move the array of requests.
    const int request = neighbor->request(this, instance_me);
    neighbor->requests[request]->half = pairs;
    neighbor->requests[request]->full = !pairs;
#else
    neighbor->add_request(this, pairs ? NeighConst::REQ_DEFAULT : NeighConst::REQ_FULL);
#endif
  }

  double init_one(int, int) override { return cutoff; }

  int pack_forward_comm(int n, int *which, double *to, int, int *) override
  {
    int m = 0;
    for (int k = 0; k < n; k++) {
      for (int c = 0; c < 4; c++) to[m++] = quaternion[4 * which[k] + c];
      for (int c = 0; c < 3; c++) to[m++] = semiaxes[3 * which[k] + c];
    }
    return m;
  }

  void unpack_forward_comm(int n, int from, double *buffer) override
  {
    int m = 0;
    for (int i = from; i < from + n; i++) {
      for (int c = 0; c < 4; c++) quaternion[4 * i + c] = buffer[m++];
      for (int c = 0; c < 3; c++) semiaxes[3 * i + c] = buffer[m++];
    }
  }

  void compute(int eflag, int vflag) override
  {
    const double began = now();
    ev_init(eflag, vflag);
    if (vflag_atom) stop("has no stress per atom");
    gather();
    list_neighbors();
    const double listed = now();
    const int nlocal = atom->nlocal, nall = nlocal + atom->nghost;
    double total = 0.0;
    check((pairs ? library.evaluate_pairs : library.evaluate)(
        handle, nlocal, nall, nall ? atom->x[0] : nullptr, quaternion.data(), semiaxes.data(), atom->type, first.data(),
        neighbors.data(), &total, eflag_atom ? energy.data() : nullptr, push.data(), turn.data(), nullptr));
    inside += now() - listed;
    double **f = atom->f, **torque = atom->torque;
    for (int i = 0; i < nall; i++)
      for (int c = 0; c < 3; c++) {
        f[i][c] += push[3 * i + c];
        torque[i][c] += turn[3 * i + c];
      }
    if (eflag_global) eng_vdwl += total;
    // Of pairs that are listed once ghosts have halves too, which LAMMPS brings home.
    if (eflag_atom)
      for (int i = 0; i < (pairs ? nall : nlocal); i++) eatom[i] += energy[i];
    if (vflag_fdotr) virial_fdotr_compute();
    within += now() - began;
    computes++;
  }

 private:
  // shapes TYPE A B C, several times over: semi-axes of types for the potential.
  void shapes(int narg, char **arg)
  {
    if (strcmp(arg[0], "shapes") || narg < 5 || (narg - 1) % 4)
      stop("takes 'pair_coeff * *', and perhaps 'shapes' with a type and three semi-axes, or several");
    for (int at = 1; at < narg; at += 4) {
      const int type = utils::inumeric(FLERR, arg[at], false, lmp);
      if (type < 1 || type > atom->ntypes) stop(std::string("'shapes' names the type ") + arg[at] + ", which there is not");
      for (int c = 0; c < 3; c++) {
        const double semiaxis = utils::numeric(FLERR, arg[at + 1 + c], false, lmp);
        if (!(semiaxis > 0.0)) stop(std::string("'shapes' has the semi-axis ") + arg[at + 1 + c] + "; accepted: numbers above zero");
        shape[3 * type + c] = semiaxis;
      }
    }
  }

  Library library{};
  void *handle = nullptr;
  double cutoff = 0.0, within = 0.0, inside = 0.0;
  long computes = 0;
  // Whether every pair is listed once: where nothing but bodies made of sites acts.
  int pairs = 0;
  Compute *pose = nullptr;
  std::vector<int> known;
  std::vector<double> quaternion, semiaxes, energy, push, turn;
  // By type: semi-axes that pair_coeff gives, zeros where diameters are LAMMPS's.
  std::vector<double> shape;
  std::vector<int64_t> first;
  std::vector<int> neighbors;

  [[noreturn]] void stop(const std::string &text)
  {
    error->one(FLERR, "pair_style anisoap: " + text);
    abort();
  }

  void check(int code)
  {
    if (!code) return;
    char text[1024] = "";
    library.last_error(text, sizeof text);
    stop(text);
  }

  template <class F> void take(void *so, F &function, const char *name)
  {
    function = (F) dlsym(so, name);
    if (!function) stop(std::string("the library lacks ") + name);
  }

  void load()
  {
    const char *name = getenv("ANISOAP_LIBRARY");
    if (!name) name = "libanisoap.so";
    void *so = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!so) stop(std::string(dlerror()) + " (ANISOAP_LIBRARY names the library)");
    take(so, library.version, "anisoap_version");
    if (library.version() != ANISOAP_VERSION)
      stop("the library speaks version " + std::to_string(library.version()) + " of its interface, the pair style " +
           std::to_string(ANISOAP_VERSION));
    take(so, library.last_error, "anisoap_last_error");
    take(so, library.open, "anisoap_open_potential");
    take(so, library.close, "anisoap_close");
    take(so, library.cutoff, "anisoap_cutoff");
    take(so, library.species, "anisoap_species");
    take(so, library.takes_pairs, "anisoap_takes_pairs");
    take(so, library.evaluate, "anisoap_evaluate");
    take(so, library.evaluate_pairs, "anisoap_evaluate_pairs");
  }

  void share()
  {
#ifdef ANISOAP_REQUEST_OBJECTS
    comm->forward_comm_pair(this);
#else
    comm->forward_comm(this);
#endif
  }

  // Quaternions and semi-axes of atoms and ghosts.
  void gather()
  {
    const int nlocal = atom->nlocal, nall = nlocal + atom->nghost;
    quaternion.resize(4 * nall);
    semiaxes.resize(3 * nall);
    energy.resize(nall);
    push.resize(3 * nall);
    turn.resize(3 * nall);
    pose->compute_peratom();
    for (int i = 0; i < nlocal; i++) {
      const double *own = &shape[3 * atom->type[i]];
      const bool is_point = atom->ellipsoid[i] < 0;
      if (is_point && own[0] == 0.0)
        stop("atom " + std::to_string((long long) atom->tag[i]) + " is a point without a shape");
      if (!is_known(atom->type[i]))
        stop("atom " + std::to_string((long long) atom->tag[i]) + " is of type " + std::to_string(atom->type[i]) +
             ", which the potential was not trained on");
      const double *row = pose->array_atom[i];
      for (int c = 0; c < 4; c++) quaternion[4 * i + c] = is_point ? c == 0 : row[c];
      // LAMMPS has diameters.
      for (int c = 0; c < 3; c++) semiaxes[3 * i + c] = own[0] > 0.0 ? own[c] : 0.5 * row[4 + c];
    }
    share();
  }

  bool is_known(int type) const
  {
    for (int one : known)
      if (one == type) return true;
    return false;
  }

  void list_neighbors()
  {
    const int nlocal = atom->nlocal;
    first.assign(nlocal + 1, 0);
    for (int k = 0; k < list->inum; k++) first[list->ilist[k] + 1] = list->numneigh[list->ilist[k]];
    for (int i = 0; i < nlocal; i++) first[i + 1] += first[i];
    neighbors.resize(first[nlocal]);
    for (int k = 0; k < list->inum; k++) {
      const int i = list->ilist[k];
      const int *from = list->firstneigh[i];
      int *to = neighbors.data() + first[i];
      for (int c = 0; c < list->numneigh[i]; c++) to[c] = from[c] & NEIGHMASK;
    }
  }
};

Pair *create(LAMMPS *lmp) { return new PairAnisoap(lmp); }

// What a plugin hands to a LAMMPS with the PLUGIN package: seven members, the creator among them.
struct Plugin {
  const char *version, *style, *name, *info, *author;
  Pair *(*creator)(LAMMPS *);
  void *handle;
};

}    // namespace

extern "C" void lammpsplugin_init(void *lmp, void *handle, void *registrar)
{
  Plugin plugin{ANISOAP_LAMMPS_VERSION, "pair", "anisoap", "potentials of ellipsoids by AniSoap", "AniSoap contributors",
                create, handle};
  ((void (*)(Plugin *, void *)) registrar)(&plugin, lmp);
}

// For a LAMMPS without that package: called by ctypes from LAMMPS's own command `python`, or by a driver program.
extern "C" int anisoap_lammps_register(void *lmp)
{
  (*((LAMMPS *) lmp)->force->pair_map)["anisoap"] = create;
  return 0;
}
