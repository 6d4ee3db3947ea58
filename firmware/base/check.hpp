#pragma once

#include <cstdio>
#include <cstdlib>

/// A broken invariant of our own: says where and stops. Never for input; input gets an answer.
#define SIGNALBOX_CHECK(condition)                                                           \
  do {                                                                                       \
    if (!(condition)) [[unlikely]] {                                                         \
      std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                          \
    }                                                                                        \
  } while (false)
