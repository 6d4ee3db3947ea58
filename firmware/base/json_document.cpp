#include "base/json_document.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <limits>
#include <utility>

#include "base/json_scan.hpp"

namespace signalbox {
namespace {

// What all documents share. They come and go like calls: the newest leaves first.
constinit std::array<JsonValue, JsonDocument::kValuesMax> shared_values{};
constinit std::array<char, JsonDocument::kEscapedBytesMax> shared_unescaped{};
constinit PoolGauge values_gauge{.capacity = JsonDocument::kValuesMax};
std::size_t unescaped_used = 0;
std::size_t documents = 0;
static_assert(JsonDocument::kValuesMax <= std::numeric_limits<std::uint16_t>::max(), "counts have 16 bits");

}  // namespace

double JsonValue::number() const {
  double value = 0;
  const bool fits = std::from_chars(at_, at_ + extent_, value).ec == std::errc{};
  if (fits) return value;
  // In so few characters only an exponent leads out of the range.
  const std::size_t exponent = text().find_first_of("eE");
  const double size = text()[exponent + 1] == '-' ? 0 : std::numeric_limits<double>::infinity();
  return *at_ == '-' ? -size : size;
}

const JsonValue* JsonValue::entry(std::size_t index) const {
  if (kind_ != JsonKind::array || index >= count_) return nullptr;
  const JsonValue* found = first();
  for (; index > 0; --index) found = found->behind();
  return found;
}

const JsonValue* JsonValue::member(std::string_view name) const {
  if (kind_ != JsonKind::object) return nullptr;
  const JsonValue* const end = behind();
  for (const JsonValue* its = first(); its != end; its = its[1].behind())
    if (its->text() == name) return its + 1;
  return nullptr;
}

JsonDocument::JsonDocument(std::string_view text) : text_{text} {
  const std::span free = std::span{shared_values}.subspan(values_gauge.used);
  const std::span unescaped = std::span{shared_unescaped}.subspan(unescaped_used);
  JsonScan scan{text, free, unescaped};
  scan.run();
  fault_ = scan.fault();
  fault_at_ = scan.at();
  values_ = free.first(scan.count());
  if (scan.has_escapes()) unescaped_ = unescaped.first(text.size());
  ++documents;
  values_gauge.took(values_.size());
  unescaped_used += unescaped_.size();
  if (fault_ == JsonFault::memory) ++values_gauge.refused;
}

JsonDocument::JsonDocument(JsonDocument&& other) noexcept
    : text_{std::exchange(other.text_, {})},
      values_{std::exchange(other.values_, {})},
      unescaped_{std::exchange(other.unescaped_, {})},
      fault_at_{other.fault_at_},
      fault_{other.fault_} {}

JsonDocument& JsonDocument::operator=(JsonDocument&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  text_ = std::exchange(other.text_, {});
  values_ = std::exchange(other.values_, {});
  unescaped_ = std::exchange(other.unescaped_, {});
  fault_at_ = other.fault_at_;
  fault_ = other.fault_;
  return *this;
}

void JsonDocument::give_back() {
  if (values_.data() == nullptr) return;
  if (--documents == 0) {
    values_gauge.used = 0;
    unescaped_used = 0;
  } else if (values_.data() + values_.size() == shared_values.data() + values_gauge.used) {
    values_gauge.gave_back(values_.size());
    unescaped_used -= unescaped_.size();
  }
}

std::size_t JsonDocument::offset_of(const JsonValue& value) const {
  const char* quoted = value.kind() == JsonKind::text ? value.at_ - 1 : value.at_;
  const bool is_unescaped = !unescaped_.empty() && !std::less<>{}(value.at_, unescaped_.data()) &&
                            std::less<>{}(value.at_, unescaped_.data() + unescaped_.size());
  return static_cast<std::size_t>(quoted - (is_unescaped ? unescaped_.data() : text_.data()));
}

const PoolGauge& JsonDocument::gauge() { return values_gauge; }

std::size_t JsonDocument::memory_bytes() { return sizeof shared_values + sizeof shared_unescaped; }

}  // namespace signalbox
