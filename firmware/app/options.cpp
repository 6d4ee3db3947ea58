#include "app/options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

namespace signalbox::app {
namespace {

/// One option; just one of the four members is set.
struct Spec {
  const char* name = "";
  const char* argument = nullptr;  ///< as the help shows it; nullptr: it takes none
  const char* help = "";
  const char* Options::*text = nullptr;
  std::uint32_t Options::*number = nullptr;
  bool Options::*flag = nullptr;
  std::uint32_t min = 0;
  std::uint32_t max = 0;
  std::span<const char* const> Options::*rest = nullptr;  ///< all arguments behind it
  bool is_list = false;                                   ///< of a text: several, separated by commas
};

constexpr Spec text_option(const char* name, const char* argument, const char* help,
                           const char* Options::*into) {
  return {.name = name, .argument = argument, .help = help, .text = into};
}

constexpr Spec list_option(const char* name, const char* argument, const char* help,
                           const char* Options::*into) {
  return {.name = name, .argument = argument, .help = help, .text = into, .is_list = true};
}

/// From `min` to `max`.
constexpr Spec number_option(const char* name, const char* argument, const char* help,
                             std::uint32_t Options::*into, std::uint32_t min, std::uint32_t max) {
  return {.name = name, .argument = argument, .help = help, .number = into, .min = min, .max = max};
}

constexpr Spec flag_option(const char* name, const char* help, bool Options::*into) {
  return {.name = name, .help = help, .flag = into};
}

constexpr std::uint32_t kHour_ms = 3'600'000;

constexpr std::array kSpecs{
    text_option("--address", "ADDRESS", "listen on this address only; '*' is all of them (127.0.0.1)",
                &Options::address),
    number_option("--port", "PORT", "listen on this port; 0 takes any free one (8443)", &Options::port, 0,
                  65535),
    text_option("--state", "DIRECTORY", "where tokens, key and certificate are kept (state)",
                &Options::state),
    text_option("--device-file", "FILE", "parts and channels (the board's own)", &Options::device_file),
    number_option("--history-every-s", "S", "what was measured is put on the disk that often; 0: never (60)",
                  &Options::history_every_s, 0, 86'400),

    text_option("--certificate", "FILE",
                "a chain instead of the device's own, the server's certificate first (PEM)",
                &Options::certificate),
    text_option("--key", "FILE", "the private key of that certificate (PEM)", &Options::key),
    text_option("--issuer", "FILE", "take tokens that these keys have signed as well (JWKS, RFC 7517)",
                &Options::issuer),
    text_option("--client-ca", "FILE", "take only clients with a certificate of this authority (PEM)",
                &Options::client_ca),
    text_option("--client-crl", "FILE", "certificates that this authority has revoked (PEM)",
                &Options::client_crl),
    list_option("--allow-host", "NAMES", "reached by these names too, such as door.example,192.0.2.7",
                &Options::allow_host),
    list_option("--allow-origin", "ORIGINS", "pages from there may connect, such as https://panel.example",
                &Options::allow_origin),

    number_option("--connections-per-address", "N", "at once; an IPv6 /64 is one address; 0: no limit (64)",
                  &Options::connections_per_address, 0, 65'535),
    number_option("--handshakes-per-s", "N", "of all; an address gets a twentieth; 0: no limit (200)",
                  &Options::handshakes_per_s, 0, 100'000),
    number_option("--requests-per-s", "N",
                  "of a client, by HTTP of a token; beyond it is told to wait; 0: no limit (200)",
                  &Options::requests_per_s, 0, 1'000'000),
    number_option("--bytes-per-s", "N", "of a client, beyond it is read later; 0: no limit (262144)",
                  &Options::bytes_per_s, 0, 1'000'000'000),
    number_option("--failed-logins", "N", "of an address are free, then it has to wait; 0: any number (5)",
                  &Options::failed_logins, 0, 1'000'000),
    number_option("--handshake-ms", "MS", "for TLS, and again for the HTTP request (10000)",
                  &Options::handshake_ms, 100, kHour_ms),
    number_option("--authenticate-ms", "MS", "a client without a credential is closed after that (10000)",
                  &Options::authenticate_ms, 100, kHour_ms),
    number_option("--heartbeat-ms", "MS", "send each client a ping that often (15000)",
                  &Options::heartbeat_ms, 100, kHour_ms),
    number_option("--dead-after-ms", "MS", "a client that was not heard for that long is gone (40000)",
                  &Options::dead_after_ms, 200, kHour_ms),
    number_option("--unread-after-ms", "MS", "a client that takes nothing for that long is closed (10000)",
                  &Options::unread_after_ms, 100, kHour_ms),

    text_option("--drop", "USER", "as root: become that user, a name or UID:GID, with no rights left",
                &Options::drop),
    flag_option("--supervise", "watch over the process that serves, where there is no systemd",
                &Options::supervise),
    flag_option("--no-sandbox", "leave system calls and files open to the process, for debugging",
                &Options::no_sandbox),

    flag_option("--doctor", "say what the machine offers and what the device file misses, and stop",
                &Options::examine),
    // Not FILE: nobody reads it again.
    text_option("--init", "NEW-FILE", "write a first device file of what the machine has, and stop",
                &Options::init),
    flag_option("--factory-reset", "forget who the device is and who may come in, and stop",
                &Options::factory_reset),
    flag_option("--budget", "print the memory ledger and stop", &Options::show_budget),
    Spec{.name = "--verify-journal",
         .argument = "FILE...",
         .help = "prove that nothing in it was changed, oldest file first, and stop",
         .rest = &Options::verify_journal},
    flag_option("--version", "print the version and stop", &Options::show_version),
    flag_option("--help", "print this and stop", &Options::show_help),
};

constexpr bool is_file(const Spec& spec) {
  return spec.text != nullptr && std::string_view{spec.argument} == "FILE";
}

/// A first word that is an order goes without dashes as well: `signalbox doctor`.
bool is_called(const Spec& spec, std::string_view word, bool is_first) {
  const std::string_view name{spec.name};
  const bool is_order = spec.flag == &Options::examine || spec.text == &Options::init;
  return word == name || (is_first && is_order && word == name.substr(std::string_view{"--"}.size())) ||
         (spec.flag == &Options::show_help && word == "-h");
}

const Spec* spec_of(std::string_view word, bool is_first) {
  for (const Spec& spec : kSpecs)
    if (is_called(spec, word, is_first)) return &spec;
  return nullptr;
}

/// What stands behind the `=` of `--port=8443`; nullptr where there is none.
const char* value_in(const char* word) {
  const char* equals = std::string_view{word}.starts_with("--") ? std::strchr(word, '=') : nullptr;
  return equals != nullptr ? equals + 1 : nullptr;
}

Result<void> take(Options& options, const Spec& spec, const char* argument) {
  if (spec.text != nullptr) {
    if (*argument == '\0')
      return Error{Reason::malformed, format_text<95>("%s needs a value, and has an empty one: %s %s",
                                                      spec.name, spec.name, spec.argument)};
    if (spec.is_list && options.*spec.text != nullptr)
      return Error{
          Reason::malformed,
          format_text<95>("%s stands twice: name all of them in one, with commas between", spec.name)};
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
    const char* value = value_in(arguments[i]);
    const std::size_t name_size =
        value != nullptr ? static_cast<std::size_t>(value - arguments[i] - 1) : std::strlen(arguments[i]);
    const Spec* found = spec_of({arguments[i], name_size}, i == 0);
    if (found == nullptr)
      return Error{Reason::unknown_type,
                   format_text<95>("there is no option `%.40s`; --help lists them", arguments[i])};
    if (value != nullptr && found->text == nullptr && found->number == nullptr)
      return Error{Reason::malformed,
                   format_text<95>("%s stands without `=`; --help shows how", found->name)};
    if (found->flag != nullptr) {
      options.*found->flag = true;
      continue;
    }
    if (value == nullptr && i + 1 == arguments.size())
      return Error{Reason::malformed,
                   format_text<95>("%s needs a value: %s %s", found->name, found->name, found->argument)};
    if (found->rest != nullptr) {
      options.*found->rest = arguments.subspan(i + 1);
      break;
    }
    const Result<void> taken = take(options, *found, value != nullptr ? value : arguments[++i]);
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
  constexpr std::uint32_t kBytesPerSMin = 4096;  // below that a pause could be longer than silence may be
  if (options.bytes_per_s != 0 && options.bytes_per_s < kBytesPerSMin)
    return Error{Reason::out_of_range, format_text<95>("--bytes-per-s takes 0 or at least %u, not %u",
                                                       kBytesPerSMin, options.bytes_per_s)};
  return options;
}

std::span<const char* const> files_named(const Options& options, std::array<const char*, kFilesMax>& into) {
  static_assert(std::ranges::count_if(kSpecs, is_file) <= std::ptrdiff_t{kFilesMax});
  std::size_t count = 0;
  for (const Spec& spec : kSpecs)
    if (is_file(spec) && options.*spec.text != nullptr) into[count++] = options.*spec.text;
  return std::span{into}.first(count);
}

void print_help(std::FILE* to, const char* program) {
  std::fprintf(to,
               "usage: %s [doctor | init NEW-FILE] [option]...\n"
               "A value may stand behind `=` too. Of an option that stands twice the last one counts.\n\n",
               program);
  for (const Spec& spec : kSpecs)
    std::fprintf(to, "  %-25s %-10s %s\n", spec.name, spec.argument != nullptr ? spec.argument : "",
                 spec.help);
  std::fprintf(to,
               "\nSIGHUP reloads certificates, revocations and the device file, SIGUSR1 prints where the "
               "pools stand.\n");
}

}  // namespace signalbox::app
