#pragma once

#include <cstdint>
#include <string_view>

#include "base/json_document.hpp"
#include "device/mistake.hpp"

namespace signalbox::device {

/// A place in a text as a person finds it; both count from 1, columns in characters.
struct TextPlace {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  friend bool operator==(TextPlace, TextPlace) = default;
};

/// Where the byte of that number stands, counted from 0.
TextPlace place_of(std::string_view text, std::size_t at);

/// Why the document, which has a fault, is no JSON, or none we take.
Mistake syntax_mistake(const JsonDocument& document);

}  // namespace signalbox::device
