#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <span>

#include "base/fixed_text.hpp"
#include "base/result.hpp"

namespace signalbox::app {

/// What the command line says. Texts point into it.
struct Options {
  const char* address = "127.0.0.1";
  const char* state = "state";         ///< directory of tokens, keys and certificate
  const char* device_file = nullptr;   ///< none: the board's own
  const char* issuer = nullptr;        ///< JWKS file: whose tokens are taken beside the device's own
  const char* certificate = nullptr;   ///< PEM file with a chain of one's own; none: the device makes its own
  const char* key = nullptr;           ///< PEM file, of `certificate`
  const char* client_ca = nullptr;     ///< PEM file; clients must then show a certificate of this authority
  const char* client_crl = nullptr;    ///< PEM file of that authority's revoked certificates
  const char* allow_host = nullptr;    ///< comma-separated; none: the machine's own names
  const char* allow_origin = nullptr;  ///< comma-separated; none: our own pages
  const char* init = nullptr;          ///< device file to be made of what the machine has
  const char* drop = nullptr;          ///< user to become; none: as who started it
  std::uint32_t port = 8443;
  std::uint32_t authenticate_ms = 10'000;
  std::uint32_t heartbeat_ms = 15'000;
  std::uint32_t dead_after_ms = 40'000;
  std::uint32_t unread_after_ms = 10'000;
  std::uint32_t handshake_ms = 10'000;
  std::uint32_t handshakes_per_s = 200;
  std::uint32_t connections_per_address = 64;
  std::uint32_t requests_per_s = 200;
  std::uint32_t bytes_per_s = 256 * 1024;
  std::uint32_t failed_logins = 5;
  std::uint32_t history_every_s = 60;  ///< 0: in memory alone
  bool no_sandbox = false;
  bool supervise = false;
  bool factory_reset = false;
  bool examine = false;
  bool show_budget = false;
  bool show_help = false;
  bool show_version = false;
  std::span<const char* const> verify_journal;  ///< files, oldest first

  /// Whether something is printed instead of serving.
  bool only_shows() const {
    return examine || init != nullptr || show_budget || show_help || show_version || !verify_journal.empty();
  }
};

/// Reads the arguments after the program's name; the error says which one, what it said and what would be
/// right.
Result<Options> parse_options(std::span<const char* const> arguments);

/// The files that the options name, in `into`: they may be read again while it serves.
inline constexpr std::size_t kFilesMax = 8;
std::span<const char* const> files_named(const Options& options, std::array<const char*, kFilesMax>& into);

void print_help(std::FILE* to, const char* program);

}  // namespace signalbox::app
