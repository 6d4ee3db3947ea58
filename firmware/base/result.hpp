#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.hpp"
#include "base/error.hpp"

namespace signalbox {

/// A value or why there is none; becomes std::expected one day, hence its names.
template <typename T>
class [[nodiscard]] Result {
 public:
  /// Takes what T can be made of, such as one of its alternatives, without a T between them.
  template <typename U = T>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, Error> &&
           !std::is_same_v<std::remove_cvref_t<U>, Result>)
      Result(U&& value)  // NOLINT(google-explicit-constructor,bugprone-forwarding-reference-overload)
      : outcome_{std::in_place_index<0>, std::forward<U>(value)} {}
  Result(const Error& error)  // NOLINT(google-explicit-constructor)
      : outcome_{std::in_place_index<1>, error} {}

  bool has_value() const { return outcome_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& operator*() { return checked(); }
  const T& operator*() const { return const_cast<Result*>(this)->checked(); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &const_cast<Result*>(this)->checked(); }

  const Error& error() const {
    SIGNALBOX_CHECK(!has_value());
    return *std::get_if<1>(&outcome_);
  }

 private:
  T& checked() {
    SIGNALBOX_CHECK(has_value());
    return *std::get_if<0>(&outcome_);
  }

  std::variant<T, Error> outcome_;
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
