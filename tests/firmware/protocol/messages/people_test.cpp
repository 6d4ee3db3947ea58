#include "protocol/messages/people.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/bad_payload.hpp"
#include "firmware/protocol/cabin.hpp"
#include "firmware/protocol/every_message.hpp"

namespace signalbox::protocol {
namespace {

class PeopleTest : public testing::Test {
 protected:
  Audience audience(std::string_view to) {
    tree = parse(R"({"text":"hi","data":"{}","to":")" + std::string{to} + "\"}");
    const Result<Announce> announce = read_announce(JsonReader{tree.get(), "payload"});
    EXPECT_TRUE(announce.has_value());
    EXPECT_EQ(announce->data, "{}");
    return announce->to;
  }

  Parsed tree;
  Cabin cabin;
};

TEST_F(PeopleTest, AnnouncementsAreAddressed) {
  EXPECT_EQ(audience("all").kind, Audience::Kind::all);
  EXPECT_EQ(audience("group:night").kind, Audience::Kind::group);
  EXPECT_EQ(audience("group:night").name.view(), "night");
  EXPECT_EQ(audience("session:4-1").kind, Audience::Kind::session);
  EXPECT_EQ(audience("session:4-1").name.view(), "4-1");
}

TEST_F(PeopleTest, WhatIsWrongIsSaid) {
  const std::string long_text = R"({"to":"all","text":)" + quoted(256) + "}";
  expect_refused(read_announce,
                 {{R"({"text":"hi"})", Reason::malformed, "payload.to"},
                  {R"({"to":"everybody","text":"hi"})", Reason::malformed, "payload.to"},
                  {R"({"to":"group:","text":"hi"})", Reason::malformed, "payload.to"},
                  {R"({"to":"grou","text":"hi"})", Reason::malformed, "payload.to"},
                  {R"({"to":"all"})", Reason::malformed, "payload.text"},
                  {R"({"to":"all","text":"\u001b[2J"})", Reason::malformed, "payload.text"},
                  {R"({"to":"all","text":"a","data":"\u0007"})", Reason::malformed, "payload.data"},
                  {R"({"to":"all","text":"\u009b2J"})", Reason::malformed, "payload.text"},
                  {R"({"to":"all","text":"\u202egnp.exe"})", Reason::malformed, "payload.text"},
                  {long_text.c_str(), Reason::too_big, "payload.text"}});
  expect_refused(read_join, {{R"({})", Reason::malformed, "payload.group"},
                             {R"({"group":"a\nb"})", Reason::malformed, "payload.group"},
                             {R"({"group":"\u007f"})", Reason::malformed, "payload.group"}});
  expect_refused(read_leave, {{R"({"group":7})", Reason::malformed, "payload.group"}});
  expect_refused(read_presence, {{R"({"after":-1})", Reason::out_of_range, "payload.after"}});
}

TEST_F(PeopleTest, TheLongestAnnouncementIsNoLongMessage) {
  Announcement longest = example<Announcement>();
  longest.to.name = std::string_view{std::string(31, '"')};
  longest.by = std::string_view{std::string(31, '"')};
  longest.text = std::string_view{std::string(255, '"')};
  longest.data = std::string_view{std::string(255, '\n')};
  std::array<char, 2048> into{};
  EXPECT_FALSE(envelope().encode(Published{longest}, cabin.view(), into).empty());
}

TEST_F(PeopleTest, APageHasWhatFits) {
  std::array<char, 300> into{};
  const std::string_view page =
      envelope().encode(Answer{{"c-1", ""}, example<PresencePage>()}, nullptr, cabin.view(), into);
  EXPECT_NE(page.find(R"("name":"ann")"), std::string_view::npos) << page;
  EXPECT_EQ(page.find(R"("name":"bob")"), std::string_view::npos) << page;
  EXPECT_NE(page.find(R"("next":1})"), std::string_view::npos) << page;
}

}  // namespace
}  // namespace signalbox::protocol
