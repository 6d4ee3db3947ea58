#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_document.hpp"
#include "protocol/json_writer.hpp"

namespace signalbox::protocol {

/// A document with its text.
class Parsed {
 public:
  Parsed() = default;
  explicit Parsed(std::string_view text)
      : text_{std::make_unique<std::vector<char>>(text.begin(), text.end())},
        document_{std::string_view{text_->data(), text_->size()}} {}

  /// nullptr where it is no JSON.
  const JsonValue* get() const { return document_.top(); }
  const JsonValue* operator->() const { return get(); }
  const JsonDocument& document() const { return document_; }
  friend bool operator==(const Parsed& one, std::nullptr_t) { return one.get() == nullptr; }

 private:
  std::unique_ptr<std::vector<char>> text_;  // not a byte more, so that reading beyond it is seen
  JsonDocument document_;
};

inline Parsed parse(std::string_view text) { return Parsed{text}; }

/// The item at a path of members and places such as `payload.samples.0.value`; nullptr where there is none.
inline const JsonValue* at(const JsonValue* item, std::string_view path) {
  while (item != nullptr && !path.empty()) {
    const std::string name{path.substr(0, path.find('.'))};
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    item = item->kind() == JsonKind::array ? item->entry(std::stoul(name)) : item->member(name);
  }
  return item;
}

inline std::string quoted(std::string_view text) {
  std::vector<char> memory(6 * text.size() + 2);
  return std::string{JsonWriter{memory}.text(text).written()};
}

/// The item as compact JSON text; empty where there is none.
inline std::string shown(const JsonValue* item) {
  if (item == nullptr) return {};
  if (item->kind() == JsonKind::text) return quoted(item->text());
  if (!item->is_container()) return std::string{item->text()};
  const bool is_object = item->kind() == JsonKind::object;
  std::string text;
  for (const JsonValue* inner = item->first(); inner != item->behind(); inner = inner->behind()) {
    if (!text.empty()) text += ',';
    if (is_object) text += quoted((inner++)->text()) + ':';
    text += shown(inner);
  }
  return is_object ? '{' + text + '}' : '[' + text + ']';
}
inline std::string shown(const Parsed& tree, std::string_view path) { return shown(at(tree.get(), path)); }

}  // namespace signalbox::protocol
