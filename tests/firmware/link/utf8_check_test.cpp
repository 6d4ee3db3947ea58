#include "link/utf8_check.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <string>
#include <vector>

#include "base/utf8.hpp"

namespace signalbox::link {
namespace {

/// Whether all of it is UTF-8, told by base's reader of whole texts.
bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = utf8_character_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

RC_GTEST_PROP(Utf8CheckProperty, AgreesWithTheReaderOfWholeTextsHoweverTheyAreCut, ()) {
  // Mostly bytes that matter: leads, continuations, and the edges of what may follow them.
  const std::vector<unsigned char> edges{0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF,
                                         0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
                                         0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};
  const auto bytes = *rc::gen::container<std::vector<unsigned char>>(rc::gen::elementOf(edges));
  const std::string text(bytes.begin(), bytes.end());
  const std::size_t cut = *rc::gen::inRange<std::size_t>(0, bytes.size() + 1);
  Utf8Check check;
  const std::span<const unsigned char> all{bytes};
  const bool taken = check.take(all.first(cut)) && check.take(all.subspan(cut));
  RC_ASSERT((taken && check.complete()) == is_utf8(text));
}

TEST(Utf8Check, NoticesTheFirstWrongByte) {
  Utf8Check check;
  const unsigned char surrogate[] = {0xED, 0xA0};
  EXPECT_TRUE(check.take({surrogate, 1}));
  EXPECT_FALSE(check.complete());
  EXPECT_FALSE(check.take({surrogate + 1, 1}));
}

TEST(Utf8Check, StartsAfreshForANewText) {
  Utf8Check check;
  const unsigned char half[] = {0xC3};
  EXPECT_TRUE(check.take(half));
  check.restart();
  EXPECT_TRUE(check.complete());
}

}  // namespace
}  // namespace signalbox::link
