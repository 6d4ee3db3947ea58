#include "link/cookie.hpp"

#include <cinttypes>

namespace signalbox::link {

std::string_view cookie_of(std::string_view header, std::string_view name) {
  std::string_view found;
  while (!header.empty()) {
    const std::size_t end = header.find(';');
    std::string_view pair = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view{} : header.substr(end + 1);
    while (!pair.empty() && (pair.front() == ' ' || pair.front() == '\t')) pair.remove_prefix(1);
    while (!pair.empty() && (pair.back() == ' ' || pair.back() == '\t')) pair.remove_suffix(1);
    const bool is_it = pair.size() > name.size() + 1 && pair.starts_with(name) && pair[name.size()] == '=';
    if (!is_it) continue;
    if (!found.empty()) return {};
    found = pair.substr(name.size() + 1);
  }
  return found;
}

FixedText<kSetCookieBytesMax> set_cookie(std::string_view token, std::int64_t max_age_s, bool secure) {
  return format_text<kSetCookieBytesMax>("%s=%.*s; Path=/; Max-Age=%" PRId64 "; HttpOnly; SameSite=Strict%s",
                                         cookie_name(secure).data(), length(token), token.data(), max_age_s,
                                         secure ? "; Secure" : "");
}

}  // namespace signalbox::link
