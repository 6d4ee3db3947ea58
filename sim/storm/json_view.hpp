#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace signalbox::sim::storm {

/// A value inside JSON text that is known to be valid (`protocol::scan_json`). Reads on demand, copies
/// nothing.
class JsonView {
 public:
  JsonView() = default;
  explicit JsonView(std::string_view text) : text_{text} {}

  bool exists() const { return !text_.empty(); }
  bool is_null() const { return text_ == "null"; }
  bool is_text() const { return exists() && text_.front() == '"'; }
  /// The member of an object; one that does not exist where there is none.
  JsonView operator[](std::string_view member) const;
  /// Calls `visit(std::string_view, JsonView)` for each member of an object.
  template <typename Visit>
  void each_member(Visit&& visit) const {
    std::size_t at = 1;
    while (const std::optional<JsonView> key = entry_at(at))
      if (const std::optional<JsonView> value = entry_at(at)) visit(key->plain(), *value);
  }
  /// Calls `visit(JsonView)` for each entry of a list.
  template <typename Visit>
  void each(Visit&& visit) const {
    std::size_t at = 1;
    while (const std::optional<JsonView> entry = entry_at(at)) visit(*entry);
  }

  /// As it stands in the text; for comparing.
  std::string_view raw() const { return text_; }
  /// A text without its quotes, escapes left in; empty where it is no text.
  std::string_view plain() const {
    return is_text() ? text_.substr(1, text_.size() - 2) : std::string_view{};
  }
  /// A text with its escapes resolved (no surrogate pairs: our own writer makes none).
  std::string unescaped() const;
  /// 0 where it is no number; numbers told as text (beyond 2^53) count.
  double number() const;

 private:
  /// The value that begins at or after `at`, which moves behind it and a following comma.
  std::optional<JsonView> entry_at(std::size_t& at) const;

  std::string_view text_;
};

}  // namespace signalbox::sim::storm
