#include "base/scope.hpp"

namespace signalbox {
namespace {

constexpr std::string_view kRead = "read:";
constexpr std::string_view kControl = "control:";
constexpr std::string_view kAdmin = "admin";
constexpr std::string_view kViewer = "read:#";
constexpr std::string_view kOperator = "read:# control:#";

std::string_view cut_word(std::string_view& rest) {
  const std::size_t space = rest.find(' ');
  const std::string_view word = rest.substr(0, space);
  rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
  return word;
}

/// The words that a role's name stands for, or the word itself.
std::string_view in_full(std::string_view word) {
  if (word == wire_name(Role::viewer)) return kViewer;
  return word == wire_name(Role::operating) ? kOperator : word;
}

bool is_word(std::string_view word) {
  if (word == kAdmin || in_full(word) != word) return true;
  for (const std::string_view right : {kRead, kControl})
    if (word.starts_with(right)) return is_valid_pattern(word.substr(right.size()));
  return false;
}

}  // namespace

Scope::Scope(Role role)
    : words_{role == Role::viewer      ? "read:#"
             : role == Role::operating ? "read:# control:#"
                                       : "read:# control:# admin"} {}

Result<Scope> Scope::parse(std::string_view text) {
  Scope scope;
  std::string_view rest = text;
  do {
    const std::string_view word = cut_word(rest);
    if (!is_word(word) || text.ends_with(' ')) {
      const FixedText<47> shown{word};
      return Error{
          Reason::malformed,
          format_text<223>("found the word \"%s\"; expected read:<pattern>, control:<pattern>, admin, "
                           "viewer or operator, a space between them; a pattern is such as "
                           "cabin/heater, cabin/# or +/power",
                           shown.c_str()),
          "scope"};
    }
    const std::string_view full = in_full(word);
    const char* space = scope.words_.empty() ? "" : " ";
    const auto longer = format_text<2 * kBytesMax>("%s%s%.*s", scope.words_.c_str(), space,
                                                   static_cast<int>(full.size()), full.data());
    if (longer.size() > kBytesMax)
      return Error{
          Reason::too_big,
          format_text<95>("found a scope of more than %zu bytes; expected at most %zu", kBytesMax, kBytesMax),
          "scope"};
    scope.words_ = longer;
  } while (!rest.empty());
  return scope;
}

Scope::Word Scope::next_word(std::string_view& rest) {
  const std::string_view word = cut_word(rest);
  if (word.starts_with(kRead)) return {Right::read, word.substr(kRead.size())};
  if (word.starts_with(kControl)) return {Right::control, word.substr(kControl.size())};
  return {Right::administer, {}};
}

bool Scope::has(Right right, std::string_view path_or_pattern) const {
  for (std::string_view rest = words_; !rest.empty();) {
    const Word word = next_word(rest);
    if (word.right == right && (right == Right::administer || matches(word.pattern, path_or_pattern)))
      return true;
  }
  return false;
}

bool Scope::may(Right right, std::string_view path) const { return has(right, path); }

bool Scope::may(Right right) const {
  bool any = false;
  each_pattern(right, [&](std::string_view) { any = true; });
  return any;
}

bool Scope::covers(const Scope& other) const {
  for (std::string_view rest = other.words_; !rest.empty();) {
    const Word word = next_word(rest);
    if (!has(word.right, word.pattern)) return false;
  }
  return true;
}

Role Scope::role() const {
  if (may(Right::administer)) return Role::admin;
  return may(Right::control) ? Role::operating : Role::viewer;
}

}  // namespace signalbox
