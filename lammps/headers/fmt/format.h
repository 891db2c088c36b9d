// SPDX-License-Identifier: GPL-2.0-or-later
//
// Debian 12 installs LAMMPS's headers without the formatting library whose names they mention. These declarations are enough to read the
// headers; the pair style calls nothing that is made of them.
#pragma once
#include <string>

#define FMT_VERSION 0

namespace fmt {
struct string_view {
  string_view(const char *);
  string_view(const std::string &);
};
struct format_args {};
template <class... Arguments> format_args make_format_args(const Arguments &...);
template <class... Arguments> format_args make_args_checked(const Arguments &...);
}    // namespace fmt
