#include "journal/verifier.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "firmware/journal/record.hpp"

namespace signalbox::journal {
namespace {

Chain some_chain() {
  Chain chain;
  chain.add({.kind = Record::Kind::started, .epoch = "e7f3"});
  for (int i = 0; i < 4; ++i) chain.add(heated());
  return chain.add({.kind = Record::Kind::ended});
}

TEST(Verifier, ProvesAWholeChain) {
  const Verdict verdict = verdict_on(some_chain().text());
  EXPECT_EQ(verdict.complaint, "");
  EXPECT_EQ(verdict.proven, 6U);
  EXPECT_EQ(verdict.last, 6U);
  EXPECT_EQ(verdict.gaps, 0U);
}

TEST(Verifier, KnowsHowItEnds) {
  Verifier verifier;
  for (std::string line : some_chain().lines) {
    EXPECT_FALSE(verifier.ends_stopped());
    line.pop_back();
    ASSERT_TRUE(verifier.take(line).has_value());
  }
  EXPECT_TRUE(verifier.ends_stopped());
  EXPECT_EQ(verifier.first(), 1U);
}

TEST(Verifier, AChangedLineDoesNotProveItself) {
  Chain chain = some_chain();
  std::string& line = chain.lines[2];
  line.replace(line.find("owner"), 5, "guest");
  const Verdict verdict = verdict_on(chain.text());
  EXPECT_EQ(verdict.proven, 2U);
  EXPECT_TRUE(verdict.complaint.starts_with("hash: found ")) << verdict.complaint;
}

TEST(Verifier, AChangedLineWithAHashOfItsOwnBreaksTheChain) {
  Chain chain = some_chain();
  Chain forged;
  forged.add({.kind = Record::Kind::started, .epoch = "e7f3"}).add(heated()).add(heated("false"));
  chain.lines[2] = forged.lines[2];
  const Verdict verdict = verdict_on(chain.text());
  EXPECT_EQ(verdict.proven, 3U);
  EXPECT_TRUE(verdict.complaint.starts_with("previous: found ")) << verdict.complaint;
}

TEST(Verifier, ARemovedLineIsMissed) {
  Chain chain = some_chain();
  chain.lines.erase(chain.lines.begin() + 3);
  const Verdict verdict = verdict_on(chain.text());
  EXPECT_EQ(verdict.proven, 3U);
  EXPECT_TRUE(verdict.complaint.starts_with("sequence: found 5; expected 4: removed")) << verdict.complaint;
}

TEST(Verifier, ReorderedLinesAreSeen) {
  Chain chain = some_chain();
  std::swap(chain.lines[2], chain.lines[3]);
  const Verdict verdict = verdict_on(chain.text());
  EXPECT_EQ(verdict.proven, 2U);
  EXPECT_TRUE(verdict.complaint.starts_with("sequence: found 4; expected 3")) << verdict.complaint;
}

TEST(Verifier, AnAddedLineIsSeen) {
  Chain chain = some_chain();
  chain.lines.insert(chain.lines.begin() + 2, chain.lines[1]);
  EXPECT_TRUE(verdict_on(chain.text()).complaint.starts_with("sequence: found 2; expected 3"));
}

TEST(Verifier, MayBeginInTheMiddleButNotPretendToBeTheFirst) {
  Chain chain = some_chain();
  chain.lines.erase(chain.lines.begin());
  EXPECT_EQ(verdict_on(chain.text()).proven, 5U);
  Chain forged;
  Record first = heated();
  first.sequence = 1;
  std::array<char, kLineBytesMax> into{};
  Digest hash{};
  EXPECT_TRUE(verdict_on(write_line(first, digest_of("x"), into, hash)).complaint.starts_with("previous:"));
}

TEST(Verifier, AGapOwnsUpToWhatIsMissing) {
  Chain chain;
  chain.add(heated()).add({.kind = Record::Kind::gap, .lost = 7}).add(heated());
  const Verdict verdict = verdict_on(chain.text());
  EXPECT_EQ(verdict.complaint, "");
  EXPECT_EQ(verdict.last, 9U);
  EXPECT_EQ(verdict.gaps, 1U);
}

RC_GTEST_PROP(VerifierProperty, NoByteCanBeChanged, ()) {
  const std::string text = some_chain().text();
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  const auto other = *rc::gen::arbitrary<char>();
  RC_PRE(other != text[at]);
  std::string changed = text;
  changed[at] = other;
  const Verdict verdict = verdict_on(changed);
  RC_ASSERT(!verdict.complaint.empty());
  const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  RC_ASSERT(verdict.proven <= static_cast<std::uint64_t>(line));
}

}  // namespace
}  // namespace signalbox::journal
