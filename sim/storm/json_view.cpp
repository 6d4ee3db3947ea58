#include "sim/storm/json_view.hpp"

#include <array>
#include <charconv>

namespace signalbox::sim::storm {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Behind the text that begins at `at`.
std::size_t end_of_text(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at)
    if (text[at] == '\\') ++at;
  return at + 1;
}

/// What a character does to the depth of nesting; texts are another matter.
enum Nesting : signed char { kPlain = 0, kOpens = 1, kCloses = -1, kText = 2 };
constexpr std::array<Nesting, 256> kNesting = [] {
  std::array<Nesting, 256> table{};
  table['{'] = table['['] = kOpens;
  table['}'] = table[']'] = kCloses;
  table['"'] = kText;
  return table;
}();

/// Behind the object or list that begins at `at`. Most of the storm's time was spent here once.
std::size_t end_of_group(std::string_view text, std::size_t at) {
  for (int depth = 0;;) {
    Nesting nesting = kPlain;
    while ((nesting = kNesting[static_cast<unsigned char>(text[at])]) == kPlain) ++at;
    if (nesting == kText) {
      at = end_of_text(text, at);
      continue;
    }
    depth += nesting;
    ++at;
    if (depth == 0) return at;
  }
}

/// Behind the value that begins at `at`.
std::size_t end_of_value(std::string_view text, std::size_t at) {
  if (text[at] == '"') return end_of_text(text, at);
  if (text[at] == '{' || text[at] == '[') return end_of_group(text, at);
  while (at < text.size() && text[at] != ',' && text[at] != '}' && text[at] != ']' && !is_space(text[at]))
    ++at;
  return at;
}

}  // namespace

std::optional<JsonView> JsonView::entry_at(std::size_t& at) const {
  while (at < text_.size() && (is_space(text_[at]) || text_[at] == ',' || text_[at] == ':')) ++at;
  if (at >= text_.size() || text_[at] == ']' || text_[at] == '}') return std::nullopt;
  const std::size_t end = end_of_value(text_, at);
  const JsonView entry{text_.substr(at, end - at)};
  at = end;
  return entry;
}

JsonView JsonView::operator[](std::string_view member) const {
  if (!exists() || text_.front() != '{') return {};
  std::size_t at = 1;
  while (const std::optional<JsonView> key = entry_at(at)) {
    const std::optional<JsonView> value = entry_at(at);
    if (value && key->plain() == member) return *value;
  }
  return {};
}

std::string JsonView::unescaped() const {
  std::string result;
  const std::string_view text = plain();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'n': result += '\n'; break;
      case 't': result += '\t'; break;
      case 'r': result += '\r'; break;
      case 'b': result += '\b'; break;
      case 'f': result += '\f'; break;
      case 'u': {
        unsigned code = 0;
        std::from_chars(text.data() + i + 1, text.data() + i + 5, code, 16);
        result += static_cast<char>(code);  // our writer escapes control characters only
        i += 4;
        break;
      }
      default: result += text[i];
    }
  }
  return result;
}

double JsonView::number() const {
  const std::string_view digits = is_text() ? plain() : text_;
  double value = 0.0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace signalbox::sim::storm
