#include "protocol/json_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "protocol/number_text.hpp"

namespace signalbox::protocol {
namespace {

const char* kind_of(const JsonValue* item) {
  if (item == nullptr) return "nothing";
  switch (item->kind()) {
    case JsonKind::number: return "a number";
    case JsonKind::text: return "text";
    case JsonKind::boolean: return "true or false";
    case JsonKind::array: return "a list";
    case JsonKind::object: return "an object";
    default: return "null";
  }
}

bool is_text_of(const JsonValue* item, std::size_t bytes_min, std::size_t bytes_max) {
  return is(item, JsonKind::text) && item->text().size() >= bytes_min && item->text().size() <= bytes_max;
}

FixedText<63> text_of(std::size_t bytes_min, std::size_t bytes_max) {
  return format_text<63>("text of %zu to %zu bytes", bytes_min, bytes_max);
}

FixedText<95> too_long(std::string_view found, std::size_t bytes_max) {
  return format_text<95>("found %zu bytes; expected at most %zu", found.size(), bytes_max);
}

FixedText<31> entry_name(std::string_view list, std::size_t index) {
  return format_text<31>("%.*s[%zu]", length(list), list.data(), index);
}

FixedText<63> range_of(const char* what, double min, double max) {
  const FixedText<24> low = number_text(min);
  const FixedText<24> high = number_text(max);
  return format_text<63>("%s from %.*s to %.*s", what, length(low), low.view().data(), length(high),
                         high.view().data());
}

FixedText<95> found_number(double found, std::string_view expected) {
  const FixedText<24> digits = number_text(found);
  return format_text<95>("found %.*s; expected %.*s", length(digits), digits.view().data(), length(expected),
                         expected.data());
}

/// `result` as an optional one that is there.
template <typename T>
Result<std::optional<T>> present(const Result<T>& result) {
  if (!result) return result.error();
  return std::optional<T>{*result};
}

/// What is too long ends behind a whole word of its list, and says so.
template <std::size_t kBytes>
FixedText<kBytes> within(std::string_view text) {
  if (text.size() <= kBytes) return text;
  constexpr std::string_view more = ", ...";
  const std::size_t comma = text.rfind(", ", kBytes - more.size());
  if (comma == std::string_view::npos) return text;
  return format_text<kBytes>("%.*s%s", static_cast<int>(comma), text.data(), more.data());
}

}  // namespace

FixedText<199> one_of(std::span<const std::string_view> words) {
  FixedText<255> list{"one of"};
  const char* separator = " ";
  for (const std::string_view word : words) {
    list = format_text<255>("%.*s%s%.*s", length(list), list.view().data(), separator, length(word),
                            word.data());
    separator = ", ";
  }
  return within<199>(list);
}

FixedText<223> found_instead(std::string_view found, std::string_view expected) {
  const FixedText<20> shown{found};
  return within<223>(format_text<319>("found \"%.*s%s\"; expected %.*s", length(shown), shown.view().data(),
                                      shown.size() < found.size() ? "..." : "", length(expected),
                                      expected.data()));
}

const JsonValue* JsonReader::find(std::string_view name) const {
  const JsonValue* item = object_ != nullptr ? object_->member(name) : nullptr;
  return is(item, JsonKind::null) ? nullptr : item;
}

const JsonValue* JsonReader::find_entry(std::string_view name, std::size_t index) const {
  const JsonValue* list = find(name);
  return list != nullptr ? list->entry(index) : nullptr;
}

Error JsonReader::error(Reason reason, std::string_view name, std::string_view detail) const {
  return {.reason = reason,
          .detail = detail,
          .field = format_text<31>("%.*s%s%.*s", length(path_), path_.view().data(), path_.empty() ? "" : ".",
                                   length(name), name.data())};
}

Error JsonReader::error_at(Reason reason, std::string_view name, std::size_t index,
                           std::string_view detail) const {
  return error(reason, entry_name(name, index), detail);
}

Error JsonReader::wrong_type(std::string_view name, const JsonValue* found, std::string_view expected) const {
  return error(Reason::malformed, name,
               format_text<95>("found %s; expected %.*s", kind_of(found), length(expected), expected.data()));
}

Error JsonReader::wrong_text(std::string_view name, const JsonValue* found, std::size_t bytes_min,
                             std::size_t bytes_max) const {
  const FixedText<63> expected = text_of(bytes_min, bytes_max);
  if (!is(found, JsonKind::text)) return wrong_type(name, found, expected);
  if (found->text().empty()) return error(Reason::malformed, name, found_instead("", expected));
  return error(Reason::too_big, name, too_long(found->text(), bytes_max));
}

Result<std::string_view> JsonReader::text(std::string_view name, std::size_t bytes_max) const {
  const JsonValue* item = find(name);
  if (is_text_of(item, 1, bytes_max)) return item->text();
  return wrong_text(name, item, 1, bytes_max);
}

JsonReader::Optional<std::string_view> JsonReader::optional_text(std::string_view name,
                                                                 std::size_t bytes_max) const {
  const JsonValue* item = find(name);
  if (item == nullptr) return std::optional<std::string_view>{};
  if (is_text_of(item, 0, bytes_max)) return std::optional{item->text()};
  return wrong_text(name, item, 0, bytes_max);
}

Result<double> JsonReader::number(std::string_view name, double min, double max) const {
  const JsonValue* item = find(name);
  const double value = is(item, JsonKind::number) ? item->number() : std::nan("");
  if (value >= min && value <= max && std::isfinite(value)) return value;
  const FixedText<63> expected = range_of("a number", min, max);
  if (!is(item, JsonKind::number)) return wrong_type(name, item, expected);
  return error(Reason::out_of_range, name, found_number(value, expected));
}

JsonReader::Optional<double> JsonReader::optional_number(std::string_view name, double min,
                                                         double max) const {
  if (!has(name)) return std::optional<double>{};
  return present(number(name, min, max));
}

Result<std::int64_t> JsonReader::integer(std::string_view name, std::int64_t min, std::int64_t max) const {
  const auto low = static_cast<double>(min);
  const auto high = static_cast<double>(max);
  const JsonValue* item = find(name);
  const double value = is(item, JsonKind::number) ? item->number() : std::nan("");
  const bool is_within = value >= low && value <= high;
  if (is_within && std::trunc(value) == value) return static_cast<std::int64_t>(value);
  const FixedText<63> expected = range_of("a whole number", low, high);
  if (!is(item, JsonKind::number)) return wrong_type(name, item, expected);
  return error(is_within ? Reason::malformed : Reason::out_of_range, name, found_number(value, expected));
}

JsonReader::Optional<std::int64_t> JsonReader::optional_integer(std::string_view name, std::int64_t min,
                                                                std::int64_t max) const {
  if (!has(name)) return std::optional<std::int64_t>{};
  return present(integer(name, min, max));
}

Result<std::uint64_t> JsonReader::counter(std::string_view name) const {
  const JsonValue* item = find(name);
  if (is(item, JsonKind::text)) {
    const std::string_view digits = item->text();
    std::uint64_t value = 0;
    const std::from_chars_result end = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (end.ec == std::errc{} && end.ptr == digits.data() + digits.size()) return value;
    return error(Reason::malformed, name, found_instead(digits, "the digits of a count"));
  }
  const Result<std::int64_t> number = integer(name, 0, std::int64_t{1} << 53U);
  if (!number) return number.error();
  return static_cast<std::uint64_t>(*number);
}

Result<bool> JsonReader::boolean(std::string_view name) const {
  const JsonValue* item = find(name);
  if (!is(item, JsonKind::boolean)) return wrong_type(name, item, "true or false");
  return item->is_true();
}

Result<std::size_t> JsonReader::word(std::string_view name, const JsonValue* item,
                                     std::span<const std::string_view> words) const {
  if (!is(item, JsonKind::text)) return wrong_type(name, item, one_of(words));
  const auto found = std::find(words.begin(), words.end(), item->text());
  if (found == words.end()) return error(Reason::malformed, name, found_instead(item->text(), one_of(words)));
  return static_cast<std::size_t>(found - words.begin());
}

Result<std::size_t> JsonReader::choice(std::string_view name, std::span<const std::string_view> words) const {
  return word(name, find(name), words);
}

JsonReader::Optional<std::size_t> JsonReader::optional_choice(std::string_view name,
                                                              std::span<const std::string_view> words) const {
  if (!has(name)) return std::optional<std::size_t>{};
  return present(choice(name, words));
}

Result<JsonReader::Scalar> JsonReader::scalar(std::string_view name, std::size_t bytes_max) const {
  const JsonValue* item = find(name);
  if (item == nullptr) return Scalar{};
  if (is(item, JsonKind::boolean)) return Scalar{item->is_true()};
  if (is(item, JsonKind::number)) {
    const double number = item->number();
    if (!std::isfinite(number))
      return error(Reason::out_of_range, name, "found a number beyond 1.8e308; expected a finite one");
    return Scalar{number};
  }
  if (!is(item, JsonKind::text)) return wrong_type(name, item, "a number, true or false, or text");
  const Optional<std::string_view> text = optional_text(name, bytes_max);
  if (!text) return text.error();
  return Scalar{**text};
}

Result<JsonReader> JsonReader::object(std::string_view name) const {
  const JsonValue* item = find(name);
  if (item != nullptr && !is(item, JsonKind::object)) return wrong_type(name, item, "an object");
  if (path_.empty()) return JsonReader{item, name};
  return JsonReader{item, error(Reason::malformed, name, {}).field};
}

Result<std::size_t> JsonReader::list(std::string_view name, std::size_t min, std::size_t max) const {
  const JsonValue* item = find(name);
  if (!is(item, JsonKind::array))
    return wrong_type(name, item, format_text<63>("a list of %zu to %zu entries", min, max));
  const std::size_t count = item->size();
  if (count >= min && count <= max) return count;
  return error(count < min ? Reason::malformed : Reason::too_big, name,
               format_text<95>("found %zu entries; expected %zu to %zu", count, min, max));
}

Result<std::string_view> JsonReader::text_at(std::string_view name, std::size_t index,
                                             std::size_t bytes_max) const {
  const JsonValue* item = find_entry(name, index);
  if (is_text_of(item, 1, bytes_max)) return item->text();
  return wrong_text(entry_name(name, index), item, 1, bytes_max);
}

Result<std::size_t> JsonReader::choice_at(std::string_view name, std::size_t index,
                                          std::span<const std::string_view> words) const {
  return word(entry_name(name, index), find_entry(name, index), words);
}

Result<JsonReader> JsonReader::object_at(std::string_view name, std::size_t index) const {
  const JsonValue* item = find_entry(name, index);
  if (!is(item, JsonKind::object)) return wrong_type(entry_name(name, index), item, "an object");
  return JsonReader{item, error_at(Reason::malformed, name, index, {}).field};
}

}  // namespace signalbox::protocol
