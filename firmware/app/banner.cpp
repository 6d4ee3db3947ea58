#include "app/banner.hpp"

#include <array>

#include "app/qr_code.hpp"

namespace signalbox::app {
namespace {

/// An address that a client on this machine can use, as it stands in a URL.
FixedText<63> url_host(std::string_view address) {
  if (address == "127.0.0.1" || address == "::1" || address == "*" || address == "0.0.0.0" || address == "::")
    return "localhost";
  const bool ipv6 = address.find(':') != std::string_view::npos;
  return format_text<63>(ipv6 ? "[%.*s]" : "%.*s", length(address), address.data());
}

/// The fingerprint, written with colons, in base64url (RFC 4648 section 5) for a URL.
FixedText<43> short_fingerprint(std::string_view hexadecimal) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::array<char, 43> text{};
  std::size_t size = 0;
  std::size_t bits = 0;
  unsigned held = 0;
  for (const char digit : hexadecimal) {
    if (digit == ':') continue;
    held = held << 4U | static_cast<unsigned>(kHex.find(digit));
    for (bits += 4; bits >= 6; bits -= 6) text[size++] = kLetters[(held >> (bits - 6)) & 0x3FU];
  }
  text[size] = kLetters[(held << (6 - bits)) & 0x3FU];  // 256 bits leave four
  return std::string_view{text.data(), text.size()};
}

void print_channel(std::FILE* to, const device::Channel& channel) {
  const std::string_view kind = device::wire_name(channel.kind);
  std::fprintf(to, "    %-26s %-8.*s %-6s %s\n", channel.path.c_str(), length(kind), kind.data(),
               channel.unit.c_str(), channel.is_output() ? "can be set" : "");
}

}  // namespace

void Banner::print(std::FILE* to) const {
  const FixedText<63> host = url_host(address);
  const std::string_view code = on_terminal ? claim_code : "/claim-code";
  std::fprintf(to, "\nSignalbox %.*s: %s (%s)\n\n", length(version), version.data(), roster.title.c_str(),
               roster.id.c_str());
  std::fprintf(to, "  URL          wss://%s:%u/v1/ws\n", host.c_str(), port);
  if (!claim_code.empty())
    std::fprintf(to, "  claim code   %s%s%.*s (once; makes whoever shows it the administrator)\n",
                 on_terminal ? "" : "in ", on_terminal ? "" : state, length(code), code.data());
  if (is_own_authority)
    std::fprintf(to, "  certificate  %s/certificate, https://%s:%u/ca.crt\n", state, host.c_str(), port);
  std::fprintf(to, "  fingerprint  SHA-256 %.*s\n\n", length(fingerprint), fingerprint.data());
  std::fprintf(to, "  %zu channels\n", roster.channels().size());
  for (const device::Channel& channel : roster.channels()) print_channel(to, channel);
  if (!reached_at.empty()) print_code(to);
  FixedText<511> claim;
  if (!claim_code.empty())
    claim = on_terminal ? format_text<511>(" --claim %.*s", length(claim_code), claim_code.data())
                        : format_text<511>(" --claim \"$(cat %s/claim-code)\"", state);
  if (!watch.empty())
    std::fprintf(to, "\n  Live telemetry, in another terminal:\n    %.*s wss://%s:%u/v1/ws --state %s%s\n",
                 length(watch), watch.data(), host.c_str(), port, state, claim.c_str());
  if (has_page) print_page(to, host);
  std::fprintf(to, "\n");
  std::fflush(to);
}

/// What is behind `#` stays in the browser, which fills the code in.
void Banner::print_page(std::FILE* to, std::string_view host) const {
  const auto code = claim_code.empty() || !on_terminal
                        ? FixedText<63>{}
                        : format_text<63>("#claim=%.*s", length(claim_code), claim_code.data());
  std::fprintf(to, "\n  In a browser%s:\n    https://%.*s:%u/%s\n",
               is_own_authority ? ", which asks about the certificate unless that one was installed" : "",
               length(host), host.data(), port, code.c_str());
}

/// For a phone: straight to what it has to install, with the fingerprint behind `#`, which stays on the phone
/// and can be compared with what it downloads. Where the authority is not ours, the device's page.
void Banner::print_code(std::FILE* to) const {
  const auto page = format_text<255>("https://%s:%u/", url_host(reached_at).c_str(), port);
  auto url = page;
  if (is_own_authority)
    url = format_text<255>("%sca.crt#sha256=%s", page.c_str(), short_fingerprint(fingerprint).c_str());
  std::optional<QrCode> code = QrCode::of(url);
  if (!code) code = QrCode::of(page);
  if (!code) return;
  std::fprintf(to, "\n  For a phone: %s\n\n", url.c_str());
  code->print(to, "  ");
}

}  // namespace signalbox::app
