#include "link/site.hpp"

#include <algorithm>
#include <span>

#include "link/header_list.hpp"

namespace signalbox::link {
namespace {

/// Host and port, as they stand in a URL.
struct Authority {
  std::string_view host;  ///< an IPv6 address without its brackets
  std::string_view port;  ///< empty: that of the scheme
};

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// An empty host where it is none.
Authority authority_of(std::string_view text) {
  Authority its;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {};
    its.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    its.host = text.substr(0, colon);
    rest = text.substr(colon);
    if (its.host.ends_with('.')) its.host.remove_suffix(1);  // the root of all names may be written
  }
  if (rest.empty()) return its;
  its.port = rest.substr(1);
  // RFC 3986 section 3.2.3: a colon and nothing is the scheme's port.
  return rest.front() == ':' && (its.port.empty() || is_port(its.port)) ? its : Authority{};
}

bool is_host(std::string_view host) {
  const bool has_port = std::count(host.begin(), host.end(), ':') == 1;  // an IPv6 address has two colons
  return !host.empty() && !has_port && host.size() <= 253 &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  std::string_view{".-_:"}.find(c) != std::string_view::npos;
         });
}

bool is_local_of(std::string_view host, std::string_view name) {
  constexpr std::string_view kLocal = ".local";
  return name.find('.') == std::string_view::npos && host.size() == name.size() + kLocal.size() &&
         equals_ignoring_case(host.substr(0, name.size()), name) &&
         equals_ignoring_case(host.substr(name.size()), kLocal);
}

std::string_view port_or(std::string_view port, bool secure) {
  return !port.empty() ? port : secure ? "443" : "80";
}

/// What follows `scheme://`; empty where it is another scheme's.
std::string_view without_scheme(std::string_view origin, bool secure) {
  const std::string_view scheme = secure ? "https://" : "http://";
  const bool is_its =
      origin.size() > scheme.size() && equals_ignoring_case(origin.substr(0, scheme.size()), scheme);
  return is_its ? origin.substr(scheme.size()) : std::string_view{};
}

bool is_same_place(std::string_view one, std::string_view other, bool secure) {
  const Authority a = authority_of(one);
  const Authority b = authority_of(other);
  return !a.host.empty() && equals_ignoring_case(a.host, b.host) &&
         port_or(a.port, secure) == port_or(b.port, secure);
}

}  // namespace

Result<void> Site::add_host(std::string_view host) {
  if (!is_host(host))
    return Error{Reason::malformed,
                 format_text<95>("'%.*s' is no host name and no address",
                                 static_cast<int>(std::min<std::size_t>(host.size(), 50)), host.data())};
  if (hosts_count_ == kHostsMax)
    return Error{Reason::overloaded, format_text<95>("more than %zu host names", kHostsMax)};
  hosts_[hosts_count_++] = host;
  return {};
}

Result<void> Site::add_origin(std::string_view origin) {
  const bool secure = !without_scheme(origin, true).empty();
  if (!is_host(authority_of(without_scheme(origin, secure)).host))
    return Error{Reason::malformed,
                 format_text<95>("'%.*s' is no origin such as https://panel.example",
                                 static_cast<int>(std::min<std::size_t>(origin.size(), 40)), origin.data())};
  if (origins_count_ == kOriginsMax)
    return Error{Reason::overloaded, format_text<95>("more than %zu origins", kOriginsMax)};
  origins_[origins_count_++] = origin;
  return {};
}

bool Site::is_ours(std::string_view authority, std::string_view local) const {
  const std::string_view host = authority_of(authority).host;
  if (host.empty()) return false;
  const auto hosts = std::span{hosts_}.first(hosts_count_);
  return equals_ignoring_case(host, local) ||
         std::any_of(hosts.begin(), hosts.end(), [&](std::string_view name) {
           return equals_ignoring_case(host, name) || is_local_of(host, name);
         });
}

bool Site::is_own_page(std::string_view origin, std::string_view authority, bool secure) {
  return is_same_place(without_scheme(origin, secure), authority, secure);
}

bool Site::may_come_from(std::string_view origin, std::string_view authority, bool secure) const {
  if (is_own_page(origin, authority, secure)) return true;
  const auto origins = std::span{origins_}.first(origins_count_);
  return std::any_of(origins.begin(), origins.end(), [&](std::string_view allowed) {
    const bool https = !without_scheme(allowed, true).empty();
    return is_same_place(without_scheme(origin, https), without_scheme(allowed, https), https);
  });
}

}  // namespace signalbox::link
