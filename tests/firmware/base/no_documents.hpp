#pragma once

#include <string>

#include "base/json_document.hpp"

namespace signalbox {

/// An array of so many values, itself among them.
inline std::string json_of(std::size_t values) {
  std::string text = "[";
  for (std::size_t i = 1; i < values; ++i) text += i > 1 ? ",0" : "0";
  return text + "]";
}

/// While it lives, so many values are left to documents.
class NoDocuments {
 public:
  explicit NoDocuments(std::size_t left = 0)
      : text_{json_of(JsonDocument::kValuesMax - left)}, document_{text_} {}

 private:
  std::string text_;
  JsonDocument document_;
};

}  // namespace signalbox
