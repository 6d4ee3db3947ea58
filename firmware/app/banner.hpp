#pragma once

#include <cstdint>
#include <cstdio>
#include <string_view>

#include "device/roster.hpp"

namespace signalbox::app {

/// What a person at the console is told once the device serves.
struct Banner {
  const device::Roster& roster;
  std::string_view version;
  const char* address;
  std::uint16_t port;
  std::string_view claim_code;   ///< empty: nobody can claim it
  bool on_terminal;              ///< otherwise it may be logged, and says only where the code is
  std::string_view fingerprint;  ///< SHA-256 of what a client should trust, with colons
  bool is_own_authority;         ///< whether that is the device's own authority, handed out at /ca.crt
  std::string_view reached_at;   ///< an address for a phone's camera; empty: others do not reach the device
  const char* state;             ///< directory of tokens and certificate
  bool has_page;                 ///< for browsers
  std::string_view watch;  ///< the program of the line to paste into another terminal; empty: no such line

  void print(std::FILE* to) const;

 private:
  void print_code(std::FILE* to) const;
  void print_page(std::FILE* to, std::string_view host) const;
};

}  // namespace signalbox::app
