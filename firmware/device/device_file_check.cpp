#include "device/device_file_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace signalbox::device {
namespace {

/// How many letters must be changed, added or left out to make `b` of `a` (Levenshtein); names longer than 31
/// bytes are never close.
std::size_t distance(std::string_view a, std::string_view b) {
  constexpr std::size_t kFar = 99;
  std::array<std::size_t, 32> row{};
  if (a.size() >= row.size() || b.size() >= row.size()) return kFar;
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

FixedText<383> range_words(const DeviceFileCheck::NumberRule& rule) {
  auto words = format_text<383>("a %s from %.10g to %.10g", rule.whole ? "whole number" : "number", rule.min,
                                rule.max);
  for (std::size_t i = 0; i < rule.choices.size(); ++i)
    words = format_text<383>("%s%.10g", i == 0 ? "one of " : format_text<383>("%s, ", words.c_str()).c_str(),
                             rule.choices[i]);
  return words;
}

FixedText<383> number_words(const DeviceFileCheck::NumberRule& rule) {
  const FixedText<383> words = range_words(rule);
  if (rule.help.empty()) return words;
  return format_text<383>("%s (%.*s)", words.c_str(), length(rule.help), rule.help.data());
}

}  // namespace

bool DeviceFileCheck::wrong(const DeviceFileMember& member, std::string_view found,
                            std::string_view expected) {
  const TextPlace where = place(member);
  mistake_ = {where.line, where.column, member.path(), found, expected};
  return false;
}

bool DeviceFileCheck::missing(const DeviceFileMember& object, std::string_view name,
                              std::string_view expected) {
  wrong(object, "nothing", expected);
  const FixedText<127> path = object.path();
  mistake_.member =
      format_text<127>("%s%s%.*s", path.c_str(), path.empty() ? "" : ".", length(name), name.data());
  return false;
}

bool DeviceFileCheck::object(const DeviceFileMember& member, std::span<const std::string_view> allowed) {
  if (!member.is_object()) return wrong(member, "an object in braces");
  for (std::size_t i = 0; i < member.size(); ++i) {
    const DeviceFileMember child = member.at(i);
    if (std::find(allowed.begin(), allowed.end(), child.name()) != allowed.end()) continue;
    return wrong(child, "an unknown member", choices(child.name(), allowed));
  }
  return no_duplicates(member);
}

bool DeviceFileCheck::no_duplicates(const DeviceFileMember& object) {
  for (std::size_t i = 1; i < object.size(); ++i) {
    const DeviceFileMember member = object.at(i);
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      const DeviceFileMember first = object.at(earlier);
      if (first.name() != member.name()) continue;
      return wrong(member, "this member a second time",
                   format_text<95>("it once only (the first is in line %u)", place(first).line));
    }
  }
  return true;
}

bool DeviceFileCheck::number(const DeviceFileMember& object, std::string_view name, const NumberRule& rule,
                             double& into) {
  const auto member = object.child(name);
  if (!member) return rule.need == Need::optional || missing(object, name, number_words(rule));
  const std::optional<double> value = member->number();
  const auto is_choice = [&rule](double number) {
    return rule.choices.empty() ||
           std::find(rule.choices.begin(), rule.choices.end(), number) != rule.choices.end();
  };
  const bool right = value && *value >= rule.min && *value <= rule.max &&
                     (!rule.whole || std::floor(*value) == *value) && is_choice(*value);
  if (!right) return wrong(*member, number_words(rule));
  into = *value;
  return true;
}

bool DeviceFileCheck::duration(const DeviceFileMember& object, std::string_view name,
                               const DurationRule& rule, Duration& into) {
  auto ms = static_cast<double>(to_ms(into));
  if (!number(object, name, {rule.min_ms, rule.max_ms, true, rule.help}, ms)) return false;
  into = from_ms(static_cast<std::int64_t>(ms));
  return true;
}

bool DeviceFileCheck::boolean(const DeviceFileMember& object, std::string_view name, Need need, bool& into) {
  const auto member = object.child(name);
  if (!member) return need == Need::optional || missing(object, name, "true or false");
  const auto value = member->boolean();
  if (!value) return wrong(*member, "true or false");
  into = *value;
  return true;
}

bool DeviceFileCheck::text_value(const DeviceFileMember& member, Need need, std::string_view what,
                                 std::size_t bytes_max) {
  const auto value = member.text();
  if (!value || (value->empty() && need == Need::required))
    return wrong(member, format_text<383>("a text: %.*s", length(what), what.data()));
  if (value->size() <= bytes_max) return true;
  return wrong(member, format_text<95>("a text of %zu bytes", value->size()),
               format_text<383>("at most %zu: %.*s", bytes_max, length(what), what.data()));
}

TextPlace DeviceFileCheck::place(const DeviceFileMember& member) const {
  return place_of(document_.text(), document_.offset_of(member.beginning()));
}

FixedText<383> choices(std::string_view found, std::span<const std::string_view> allowed) {
  FixedText<383> list;
  std::string_view closest;
  std::size_t closest_by = std::min<std::size_t>(3, found.size());
  for (const std::string_view name : allowed) {
    list = format_text<383>("%s%s%.*s", list.c_str(), list.empty() ? "" : ", ", length(name), name.data());
    const std::size_t by = distance(found, name);
    if (by >= closest_by) continue;
    closest_by = by;
    closest = name;
  }
  const std::string_view one_of = allowed.size() > 1 ? "one of " : "";
  if (closest.empty()) return format_text<383>("%.*s%s", length(one_of), one_of.data(), list.c_str());
  return format_text<383>("%.*s%s (did you mean %.*s?)", length(one_of), one_of.data(), list.c_str(),
                          length(closest), closest.data());
}

}  // namespace signalbox::device
