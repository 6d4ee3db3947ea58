#pragma once

#include <algorithm>
#include <string_view>

namespace signalbox::link {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

/// What is left without the space and tabs around it (OWS, RFC 9110 section 5.6.3).
constexpr std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes the first element off a comma-separated header value (RFC 9110 section 5.6.1), without the space
/// around.
constexpr std::string_view next_element(std::string_view& list) {
  const std::size_t comma = list.find(',');
  const std::string_view element = list.substr(0, comma);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  return trimmed(element);
}

/// Whether a comma-separated header value has `wanted`, in any case.
constexpr bool list_has(std::string_view list, std::string_view wanted) {
  while (!list.empty())
    if (equals_ignoring_case(next_element(list), wanted)) return true;
  return false;
}

/// Whether each element of a list is a token (RFC 9110 section 5.6.2), or empty, which means nothing.
constexpr bool is_token_list(std::string_view list) {
  const auto is_token_char = [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  };
  while (!list.empty()) {
    const std::string_view element = next_element(list);
    if (!std::all_of(element.begin(), element.end(), is_token_char)) return false;
  }
  return true;
}

}  // namespace signalbox::link
