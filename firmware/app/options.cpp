#include "app/options.hpp"

#include <array>
#include <charconv>
#include <string_view>

namespace signalbox::app {
namespace {

/// One option; just one of the four members is set.
struct Spec {
  const char* name;
  const char* argument;  ///< as the help shows it; nullptr: it takes none
  const char* help;
  const char* Options::*text = nullptr;
  std::uint32_t Options::*number = nullptr;
  bool Options::*flag = nullptr;
  std::uint32_t min = 0;
  std::uint32_t max = 0;
  std::span<const char* const> Options::*rest = nullptr;  ///< all arguments behind it
};

constexpr std::uint32_t kHour_ms = 3'600'000;

constexpr std::array kSpecs{
    Spec{"--address", "ADDRESS", "listen on this address only (127.0.0.1)", &Options::address},
    Spec{"--port", "PORT", "listen on this port; 0 takes any free one (8443)", nullptr, &Options::port,
         nullptr, 0, 65535},
    Spec{"--state", "DIRECTORY", "where token, key and certificate are kept (state)", &Options::state},
    Spec{"--device-file", "FILE", "parts and channels (the board's own)", &Options::device_file},
    Spec{"--certificate", "FILE", "a chain of your own, the device's first, not the device's own (PEM)",
         &Options::certificate},
    Spec{"--key", "FILE", "the private key of that certificate (PEM)", &Options::key},
    Spec{"--client-ca", "FILE", "take only clients with a certificate of this authority (PEM)",
         &Options::client_ca},
    Spec{"--client-crl", "FILE", "certificates that this authority has revoked (PEM)", &Options::client_crl},
    Spec{"--authenticate-ms", "MS", "a client without a credential is closed after that (10000)", nullptr,
         &Options::authenticate_ms, nullptr, 100, kHour_ms},
    Spec{"--heartbeat-ms", "MS", "send each client a ping that often (15000)", nullptr,
         &Options::heartbeat_ms, nullptr, 100, kHour_ms},
    Spec{"--dead-after-ms", "MS", "a client that was not heard for that long is gone (40000)", nullptr,
         &Options::dead_after_ms, nullptr, 200, kHour_ms},
    Spec{"--unread-after-ms", "MS", "a client that takes nothing for that long is closed (10000)", nullptr,
         &Options::unread_after_ms, nullptr, 100, kHour_ms},
    Spec{"--budget", nullptr, "print the memory ledger and stop", nullptr, nullptr, &Options::show_budget},
    Spec{.name = "--verify-journal",
         .argument = "FILE...",
         .help = "prove that nothing in it was changed, oldest file first, and stop",
         .rest = &Options::verify_journal},
    Spec{"--version", nullptr, "print the version and stop", nullptr, nullptr, &Options::show_version},
    Spec{"--help", nullptr, "print this and stop", nullptr, nullptr, &Options::show_help},
};

Result<void> take(Options& options, const Spec& spec, const char* argument) {
  if (spec.text != nullptr) {
    options.*spec.text = argument;
    return {};
  }
  const std::string_view text{argument};
  std::uint32_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size() || number < spec.min || number > spec.max)
    return Error{Reason::out_of_range, format_text<95>("%s takes a whole number from %u to %u, not `%.30s`",
                                                       spec.name, spec.min, spec.max, argument)};
  options.*spec.number = number;
  return {};
}

}  // namespace

Result<Options> parse_options(std::span<const char* const> arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Spec* found = nullptr;
    for (const Spec& spec : kSpecs)
      if (std::string_view{arguments[i]} == spec.name) found = &spec;
    if (found == nullptr)
      return Error{Reason::unknown_type,
                   format_text<95>("there is no option `%.40s`; --help lists them", arguments[i])};
    if (found->flag != nullptr) {
      options.*found->flag = true;
      continue;
    }
    if (i + 1 == arguments.size())
      return Error{Reason::malformed,
                   format_text<95>("%s needs a value: %s %s", found->name, found->name, found->argument)};
    if (found->rest != nullptr) {
      options.*found->rest = arguments.subspan(i + 1);
      break;
    }
    const Result<void> taken = take(options, *found, arguments[++i]);
    if (!taken) return taken.error();
  }
  if ((options.certificate == nullptr) != (options.key == nullptr))
    return Error{Reason::malformed, "--certificate and --key belong together: give both or neither"};
  if (options.client_crl != nullptr && options.client_ca == nullptr)
    return Error{Reason::malformed, "--client-crl needs --client-ca: whose certificates are revoked?"};
  if (options.dead_after_ms <= options.heartbeat_ms)
    return Error{Reason::out_of_range,
                 format_text<95>("--dead-after-ms (%u) must be longer than --heartbeat-ms (%u)",
                                 options.dead_after_ms, options.heartbeat_ms)};
  return options;
}

void print_help(std::FILE* to, const char* program) {
  std::fprintf(to, "usage: %s [option]...\n\n", program);
  for (const Spec& spec : kSpecs)
    std::fprintf(to, "  %-18s %-10s %s\n", spec.name, spec.argument != nullptr ? spec.argument : "",
                 spec.help);
  std::fprintf(to,
               "\nSIGHUP reloads certificates, revocations and the device file, SIGUSR1 prints where the "
               "pools stand.\n");
}

}  // namespace signalbox::app
