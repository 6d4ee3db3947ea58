#include "app/banner.hpp"

namespace signalbox::app {
namespace {

int length(std::string_view text) { return static_cast<int>(text.size()); }

/// An address that a client on this machine can use, as it stands in a URL.
FixedText<63> url_host(std::string_view address) {
  if (address == "127.0.0.1" || address == "::1" || address == "0.0.0.0" || address == "::")
    return "localhost";
  const bool ipv6 = address.find(':') != std::string_view::npos;
  return format_text<63>(ipv6 ? "[%.*s]" : "%.*s", length(address), address.data());
}

void print_channel(std::FILE* to, const device::Channel& channel) {
  const std::string_view kind = device::wire_name(channel.kind);
  std::fprintf(to, "    %-26s %-8.*s %-6s %s\n", channel.path.c_str(), length(kind), kind.data(),
               channel.unit.c_str(), channel.is_output() ? "can be set" : "");
}

}  // namespace

void Banner::print(std::FILE* to) const {
  const FixedText<63> host = url_host(address);
  std::fprintf(to, "\nSignalbox %.*s: %s (%s)\n\n", length(version), version.data(), roster.title.c_str(),
               roster.id.c_str());
  std::fprintf(to, "  URL          wss://%s:%u/v1/ws\n", host.c_str(), port);
  if (!claim_code.empty())
    std::fprintf(to, "  claim code   %.*s (once; makes whoever shows it the administrator)\n",
                 length(claim_code), claim_code.data());
  std::fprintf(to, "  certificate  %s/certificate\n", state);
  std::fprintf(to, "  fingerprint  SHA-256 %.*s\n\n", length(fingerprint), fingerprint.data());
  std::fprintf(to, "  %zu channels\n", roster.channels().size());
  for (const device::Channel& channel : roster.channels()) print_channel(to, channel);
  if (!watch.empty())
    std::fprintf(to,
                 "\n  Live telemetry, in another terminal:\n    %.*s wss://%s:%u/v1/ws --state %s%s%.*s\n",
                 length(watch), watch.data(), host.c_str(), port, state,
                 claim_code.empty() ? "" : " --claim ", length(claim_code), claim_code.data());
  std::fprintf(to, "\n");
  std::fflush(to);
}

}  // namespace signalbox::app
