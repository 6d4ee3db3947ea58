#pragma once

#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "firmware/trust/memory_store.hpp"
#include "trust/base64url.hpp"
#include "trust/tokens.hpp"

namespace signalbox::trust {

/// A device that has just been claimed, and everything to write tokens with that it must not take.
struct TokenBench : testing::Test {
  static constexpr std::int64_t kNow_s = 1'795'876'000;
  static constexpr std::string_view kHeader = R"({"alg":"ES256","kid":"KID","typ":"JWT"})";

  TokenBench() {
    EXPECT_TRUE(random.seed(entropy));
    EXPECT_TRUE(tokens.open(store, entropy));
  }
  Here here(std::int64_t seconds = kNow_s) const { return {"bench", {seconds * 1000}}; }
  /// The administrator's token.
  std::string claim() {
    const auto issued = tokens.claim(tokens.claim_code(), "owner", here());
    EXPECT_TRUE(issued.has_value());
    return issued ? std::string{issued->token} : std::string{};
  }
  std::string issue(std::string_view name, std::string_view scope, std::int64_t lifetime_s = 1000) {
    const auto issued = tokens.issue(admin, name, *Scope::parse(scope), lifetime_s, here());
    EXPECT_TRUE(issued.has_value());
    return issued ? std::string{issued->token} : std::string{};
  }
  /// Whether what was changed could be saved.
  bool saves() { return saves(tokens); }
  bool saves(Tokens& its) {
    its.save(now);
    EXPECT_TRUE(its.is_saving());
    const auto ended = its.step(now);
    EXPECT_TRUE(ended.has_value() && !its.is_changed() && !its.is_saving());
    return ended && *ended;
  }
  Reason refused(std::string_view token) { return refused(token, here()); }
  Reason refused(std::string_view token, const Here& at) {
    const Result<Principal> who = tokens.check(token, at);
    EXPECT_FALSE(who.has_value()) << token;
    if (who) return Reason::internal;
    told = who.error().detail;
    if (token.size() > 20) {
      EXPECT_EQ(told.find(token.substr(0, 40)), std::string::npos) << "no credential in an error";
    }
    return who.error().reason;
  }
  /// The record's key, which only the test may know.
  void take_key(SigningKey& key) {
    const std::string& record = store.records.at("tokens");
    const std::size_t begins = record.find(R"("key":")") + 7;
    std::array<unsigned char, 32> bytes{};
    ASSERT_TRUE(read_base64url(std::string_view{record}.substr(begins, 43), bytes));
    ASSERT_TRUE(key.take(bytes, random));
  }
  /// Whatever stands there, signed by the key; `KID` in the header becomes the device's.
  std::string forge(const SigningKey& key, std::string header, std::string_view claims) {
    const std::size_t kid = header.find("KID");
    if (kid != std::string::npos) header.replace(kid, 3, tokens.key_id().view());
    const std::string text = encoded(header) + "." + encoded(claims);
    const Result<Signature> signature = key.sign(text, random);
    EXPECT_TRUE(signature.has_value());
    return text + "." + encoded({reinterpret_cast<const char*>(signature->data()), signature->size()});
  }
  static std::string encoded(std::string_view text) {
    std::string base64(base64url_characters(text.size()), '\0');
    write_base64url({reinterpret_cast<const unsigned char*>(text.data()), text.size()}, base64);
    return base64;
  }
  static std::string decoded(std::string_view base64) {
    std::string text(base64.size(), '\0');
    const Result<std::size_t> size =
        read_base64url(base64, {reinterpret_cast<unsigned char*>(text.data()), text.size()});
    EXPECT_TRUE(size.has_value());
    text.resize(size ? *size : 0);
    return text;
  }
  /// What the token says, as JSON.
  static std::string claims_of(std::string_view token) {
    const std::size_t first = token.find('.');
    return decoded(token.substr(first + 1, token.find('.', first + 1) - first - 1));
  }

  MemoryStore store;
  SeededEntropy entropy{1};
  Random random;
  Tokens tokens;
  Instant now{from_ms(1000)};
  Principal admin{"somebody", Scope{Role::admin}};
  std::string told;  ///< with the last refusal
};

}  // namespace signalbox::trust
