#pragma once

#include <algorithm>
#include <string_view>

namespace signalbox::link {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

/// Takes the first element off a comma-separated header value (RFC 9110 section 5.6.1), without the space
/// around.
constexpr std::string_view next_element(std::string_view& list) {
  const std::size_t comma = list.find(',');
  std::string_view element = list.substr(0, comma);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  while (!element.empty() && (element.front() == ' ' || element.front() == '\t')) element.remove_prefix(1);
  while (!element.empty() && (element.back() == ' ' || element.back() == '\t')) element.remove_suffix(1);
  return element;
}

/// Whether a comma-separated header value has `wanted`, in any case.
constexpr bool list_has(std::string_view list, std::string_view wanted) {
  while (!list.empty())
    if (equals_ignoring_case(next_element(list), wanted)) return true;
  return false;
}

}  // namespace signalbox::link
