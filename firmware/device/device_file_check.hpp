#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/instant.hpp"
#include "device/device_file_member.hpp"
#include "device/mistake.hpp"
#include "device/text_place.hpp"

namespace signalbox::device {

/// The longest that most durations of the device file may be.
constexpr double kDayMs = 86'400'000.0;

/// The rules every member of a device file is held against. Each answers whether the member is right; the
/// first that is not is kept as the mistake, and the caller gives up.
class DeviceFileCheck {
 public:
  enum class Need : std::uint8_t { optional, required };
  struct NumberRule {
    double min = 0.0;
    double max = 0.0;
    bool whole = false;
    std::string_view help{};
    Need need = Need::optional;
    std::span<const double> choices{};  ///< it is one of these; none: any in the range
  };
  struct DurationRule {
    double min_ms = 0.0;
    double max_ms = kDayMs;
    std::string_view help{};
  };

  /// The document outlives it.
  explicit DeviceFileCheck(const JsonDocument& document) : document_{document} {}

  const Mistake& mistake() const { return mistake_; }

  /// Keeps a mistake at `member`; always false, so that it can be returned.
  bool wrong(const DeviceFileMember& member, std::string_view found, std::string_view expected);
  bool wrong(const DeviceFileMember& member, std::string_view expected) {
    return wrong(member, member.shown(), expected);
  }
  /// `object` lacks the member `name`.
  bool missing(const DeviceFileMember& object, std::string_view name, std::string_view expected);

  /// `member` is an object that has no member twice and none but the `allowed` ones.
  bool object(const DeviceFileMember& member, std::span<const std::string_view> allowed);

  // Each of these leaves `into` alone where an optional member is left out; a required text is not empty.
  bool number(const DeviceFileMember& object, std::string_view name, const NumberRule& rule, double& into);
  /// In whole ms.
  bool duration(const DeviceFileMember& object, std::string_view name, const DurationRule& rule,
                Duration& into);
  bool boolean(const DeviceFileMember& object, std::string_view name, Need need, bool& into);
  template <std::size_t kBytes>
  bool text(const DeviceFileMember& object, std::string_view name, Need need, std::string_view what,
            FixedText<kBytes>& into) {
    const auto member = object.child(name);
    if (!member) return need == Need::optional || missing(object, name, what);
    return text_value(*member, need, what, kBytes) && into.assign(*member->text());
  }

  /// Where `member` stands in the file: its name, where it has one.
  TextPlace place(const DeviceFileMember& member) const;

 private:
  bool text_value(const DeviceFileMember& member, Need need, std::string_view what, std::size_t bytes_max);
  bool no_duplicates(const DeviceFileMember& object);

  const JsonDocument& document_;
  Mistake mistake_;
};

/// `one of a, b, c`, and `(did you mean a?)` where one of them is close to `found`.
FixedText<383> choices(std::string_view found, std::span<const std::string_view> allowed);

}  // namespace signalbox::device
