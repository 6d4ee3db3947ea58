#include "journal/line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>

#include "base/utf8.hpp"

namespace signalbox::journal {
namespace {

constexpr std::string_view kKind = R"(,"kind":")";
constexpr std::string_view kLost = R"(","lost":)";
constexpr std::string_view kAt = R"("at":)";
constexpr std::string_view kLatched = R"(,"stop":"latched")";  // the last member before `previous`
constexpr std::string_view kPrevious = R"(,"previous":")";
constexpr std::string_view kHash = R"(","hash":")";
constexpr std::string_view kEnd = R"("})";
constexpr std::size_t kDigits = DigestText::capacity;
/// From `","hash":` on, its first quote left to the text that is hashed.
constexpr std::size_t kUnhashed = kHash.size() - 1 + kDigits + kEnd.size();
static_assert(kUnhashed == 75);
constexpr std::uint64_t kSequenceMax = std::uint64_t{1} << 53U;

/// Puts text into lent memory until it is full.
class Pen {
 public:
  explicit Pen(std::span<char> into) : into_{into} {}

  void put(std::string_view text) {
    fits_ = fits_ && text.size() <= into_.size() - size_;
    if (!fits_) return;
    std::copy(text.begin(), text.end(), into_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += text.size();
  }
  void put_number(std::integral auto value) {
    std::array<char, 24> digits{};
    const std::to_chars_result end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    put({digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
  }
  /// Quotes, backslashes and control characters escaped; what is no UTF-8 becomes U+FFFD.
  void put_quoted(std::string_view text) {
    put("\"");
    while (!text.empty() && fits_) {
      const std::size_t bytes = utf8_character_bytes(text);
      const auto first = static_cast<unsigned char>(text[0]);
      if (bytes == 0) {
        put("\xEF\xBF\xBD");
      } else if (first == '"' || first == '\\') {
        put("\\");
        put(text.substr(0, 1));
      } else if (first < 0x20 || first == 0x7F) {
        put(format_text<6>("\\u%04x", static_cast<unsigned>(first)));
      } else {
        put(text.substr(0, bytes));
      }
      text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    put("\"");
  }

  bool fits() const { return fits_; }
  std::string_view written() const { return {into_.data(), size_}; }

 private:
  std::span<char> into_;
  std::size_t size_ = 0;
  bool fits_ = true;
};

Error wrong(std::string_view field, std::string_view detail) {
  return {.reason = Reason::malformed, .detail = detail, .field = field};
}

/// Takes a whole number off the front of `rest`; false where there is none, or one beyond 2^53.
bool take_number(std::string_view& rest, std::uint64_t& number) {
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (failure != std::errc{} || number > kSequenceMax || (rest[0] == '0' && end != rest.data() + 1))
    return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return true;
}

bool take(std::string_view& rest, std::string_view word) {
  if (!rest.starts_with(word)) return false;
  rest.remove_prefix(word.size());
  return true;
}

bool take_kind(std::string_view& rest, Record::Kind& kind) {
  for (std::size_t i = 0; i < Record::kKinds; ++i) {
    const auto known = static_cast<Record::Kind>(i);
    const std::string_view word = wire_name(known);
    if (!rest.starts_with(word) || !rest.substr(word.size()).starts_with('"')) continue;
    kind = known;
    return take(rest, word);
  }
  return false;
}

}  // namespace

std::string_view write_line(const Record& record, const Digest& previous, std::span<char> into,
                            Digest& hash) {
  Pen pen{into};
  pen.put("{");
  each_member(record, [&pen, first = true](std::string_view name, const auto& value) mutable {
    if (!first) pen.put(",");
    first = false;
    pen.put_quoted(name);
    pen.put(":");
    if constexpr (std::integral<std::remove_cvref_t<decltype(value)>>)
      pen.put_number(value);
    else
      pen.put_quoted(value);
  });
  pen.put(kPrevious);
  pen.put(text_of(previous));
  pen.put("\"");
  if (!pen.fits()) return {};
  const Digest computed = digest_of(pen.written());
  pen.put(kHash.substr(1));
  pen.put(text_of(computed));
  pen.put(kEnd);
  pen.put("\n");
  if (!pen.fits()) return {};
  hash = computed;
  return pen.written();
}

Result<Proof> read_line(std::string_view line) {
  Proof proof;
  if (line.size() < kUnhashed + kPrevious.size() + kDigits + 1)
    return wrong("line", format_text<95>("found %zu characters; expected a whole record", line.size()));
  proof.computed = digest_of(line.substr(0, line.size() - kUnhashed));

  std::string_view rest = line;
  if (!take(rest, kLineBegin) || !take_number(rest, proof.sequence) || proof.sequence == 0)
    return wrong("sequence", R"(expected a line that begins with {"sequence": and a number from 1)");
  if (!take(rest, kKind) || !take_kind(rest, proof.kind))
    return wrong("kind", R"(expected "kind" and a kind of record, such as actuation, after "sequence")");
  if (take(rest, kLost) ? !take_number(rest, proof.lost) || !take(rest, ",") : !take(rest, "\","))
    return wrong("lost", "expected a whole number");
  if (!take(rest, kAt)) return wrong("at", R"(expected "at" after "kind" and "lost")");

  constexpr std::size_t kChained = kPrevious.size() + kDigits + 1 + kUnhashed;
  const std::string_view members = rest.substr(0, rest.size() - std::min(rest.size(), kChained));
  proof.while_stopped = members.ends_with(kLatched);
  std::string_view end = rest.substr(members.size());
  if (!take(end, kPrevious) || !read_digest(end.substr(0, kDigits), proof.previous))
    return wrong("previous", R"(expected "previous" with 64 hexadecimal digits before "hash")");
  end.remove_prefix(kDigits);
  if (!take(end, kHash) || !read_digest(end.substr(0, kDigits), proof.hash) || end.substr(kDigits) != kEnd)
    return wrong("hash", R"(expected "hash" with 64 hexadecimal digits at the end)");
  return proof;
}

}  // namespace signalbox::journal
