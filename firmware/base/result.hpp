#pragma once

#include <optional>
#include <utility>

#include "base/check.hpp"
#include "base/error.hpp"

namespace signalbox {

/// A value or why there is none; becomes std::expected one day, hence its names.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_{std::move(value)} {}  // NOLINT(google-explicit-constructor)
  Result(Error error) : error_{error} {}         // NOLINT(google-explicit-constructor)

  bool has_value() const { return value_.has_value(); }
  explicit operator bool() const { return has_value(); }

  T& operator*() { return checked(); }
  const T& operator*() const { return const_cast<Result*>(this)->checked(); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &const_cast<Result*>(this)->checked(); }

  const Error& error() const {
    SIGNALBOX_CHECK(!has_value());
    return error_;
  }

 private:
  T& checked() {
    SIGNALBOX_CHECK(has_value());
    return *value_;
  }

  std::optional<T> value_;
  Error error_{};
};

/// Success without a value, or why not.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_{error} {}  // NOLINT(google-explicit-constructor)

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const Error& error() const {
    SIGNALBOX_CHECK(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace signalbox
