#include "trust/claim_code.hpp"

#include <algorithm>
#include <array>

#include "trust/same_secret.hpp"

namespace signalbox::trust {
namespace {

constexpr std::string_view kLetters32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

char normal(char letter) {
  if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  if (letter == 'O') return '0';
  if (letter == 'I' || letter == 'L') return '1';
  return letter;
}

}  // namespace

Result<void> ClaimCode::make(Random& random) {
  std::array<unsigned char, kLetters> bytes{};
  if (!random.fill(bytes)) return Error{Reason::failed, "no good randomness for a claim code"};
  std::array<char, kLetters> letters{};
  std::transform(bytes.begin(), bytes.end(), letters.begin(),
                 [](unsigned char byte) { return kLetters32[byte % kLetters32.size()]; });
  letters_ = std::string_view{letters.data(), letters.size()};
  return {};
}

FixedText<14> ClaimCode::text() const {
  if (!is_made()) return {};
  return format_text<14>("%.4s-%.4s-%.4s", letters_.c_str(), letters_.c_str() + 4, letters_.c_str() + 8);
}

Result<void> ClaimCode::check(std::string_view code) {
  if (!is_made())
    return Error{Reason::conflict,
                 "this device has been claimed; ask its administrator for a token, or put an empty file "
                 "`reopen-claim` into its state directory and restart it"};
  std::array<char, kLetters> shown{};
  std::size_t size = 0;
  for (const char letter : code) {
    if (letter == '-' || letter == ' ') continue;
    if (size < shown.size()) shown[size] = normal(letter);
    ++size;
  }
  if (size == kLetters && same_secret(letters_, {shown.data(), size})) return {};
  ++wrong_;
  return Error{Reason::forbidden, "not the claim code that the device printed when it started", "code"};
}

}  // namespace signalbox::trust
