#pragma once

#include <string_view>

#include "base/check.hpp"
#include "base/json_document.hpp"

namespace signalbox::device {

/// A text that is JSON, and outlives it.
class Parsed {
 public:
  explicit Parsed(std::string_view text) : document_{text} { SIGNALBOX_CHECK(document_.top() != nullptr); }
  const JsonValue& top() const { return *document_.top(); }
  const JsonDocument& document() const { return document_; }

 private:
  JsonDocument document_;
};

}  // namespace signalbox::device
