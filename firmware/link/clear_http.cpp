#include "link/clear_http.hpp"

#include <algorithm>
#include <array>

#include "link/header_list.hpp"

namespace signalbox::link {
namespace {

/// The value of the header Host; empty where there is none, or not all of it has come.
std::string_view host_in(std::string_view head) {
  constexpr std::string_view kName = "host:";
  constexpr std::string_view kEndOfLine = "\r\n";
  for (std::size_t end = head.find(kEndOfLine); end != std::string_view::npos; end = head.find(kEndOfLine)) {
    std::string_view line = head.substr(0, end);
    head.remove_prefix(end + kEndOfLine.size());
    if (line.size() > kName.size() && equals_ignoring_case(line.substr(0, kName.size()), kName)) {
      line.remove_prefix(kName.size());
      return next_element(line);
    }
  }
  return {};
}

}  // namespace

bool is_clear_http(std::string_view beginning) {
  constexpr std::array<std::string_view, 9> kMethods{"GET ",     "HEAD ",    "POST ",  "PUT ",  "DELETE ",
                                                     "OPTIONS ", "CONNECT ", "TRACE ", "PATCH "};
  return std::any_of(kMethods.begin(), kMethods.end(),
                     [&](std::string_view method) { return beginning.starts_with(method); });
}

HttpAnswer clear_http_refusal(std::string_view beginning, const Site& site, std::string_view local,
                              std::uint16_t port) {
  const std::string_view named = host_in(beginning);
  const bool is_named = site.is_ours(named, local);
  const std::string_view host = is_named ? named : local;
  const bool is_bare_ipv6 = !is_named && local.find(':') != std::string_view::npos;
  // Where it has a port, something that leads to us may have translated it.
  const bool has_port = is_named && named.find(':', named.rfind(']') + 1) != std::string_view::npos;
  const auto its_port = has_port ? FixedText<7>{} : format_text<7>(":%u", port);
  return {
      .status = 400,
      .content_type = "text/plain",
      .body = format_text<1023>("This port speaks TLS only: https://%s%.*s%s%s/\n", is_bare_ipv6 ? "[" : "",
                                length(host), host.data(), is_bare_ipv6 ? "]" : "", its_port.c_str()),
      .head_only = beginning.starts_with("HEAD ")};
}

}  // namespace signalbox::link
