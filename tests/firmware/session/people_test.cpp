#include "session/people.hpp"

#include "tests/firmware/session/room.hpp"

namespace signalbox::session {
namespace {

class PeopleInRoom : public Room {
 protected:
  Session& enter(std::string_view id, std::string_view name = "somebody") {
    Session& session = join();
    session.id = id;
    session.principal->name = name;
    people.arrived(session, now);
    return session;
  }
  /// The final answer.
  Message request(Session& session, std::string_view type, std::string_view payload) {
    ask(session, format_text<511>(R"({"type":"%s","msgId":"m","payload":{%s}})", FixedText<31>{type}.c_str(),
                                  FixedText<400>{payload}.c_str()));
    for (const Message& message : take_all(session))
      if (message.at("replyTo") == R"("m")") return message;
    return {};
  }
  std::string outcome(Session& session, std::string_view type, std::string_view payload) {
    const Message answer = request(session, type, payload);
    return answer.type() == "error" ? answer.at("payload.reason") : answer.at("payload.outcome");
  }
  /// The texts of all announcements that wait; `eventGap` for a gap.
  std::string heard(Session& session) {
    std::string texts;
    for (const Message& message : take_all(session))
      texts += (texts.empty() ? "" : " ") +
               (message.type() == "announcement" ? message.at("payload.text") : message.type());
    return texts;
  }
};

TEST_F(PeopleInRoom, AnAnnouncementReachesAllOthers) {
  Session& ann = enter("0-1", "ann");
  Session& bob = enter("1-1");
  Session& stranger = join();
  stranger.principal.reset();
  const Message answer = request(ann, "announce", R"("to":"all","text":"lunch","data":"12:00")");
  EXPECT_EQ(answer.at("payload.outcome"), R"("announced")");
  EXPECT_EQ(answer.at("payload.reached"), "1");
  const Message heard_by_bob = take(bob);
  EXPECT_EQ(heard_by_bob.type(), "announcement");
  EXPECT_EQ(heard_by_bob.at("payload.text"), R"("lunch")");
  EXPECT_EQ(heard_by_bob.at("payload.data"), R"("12:00")");
  EXPECT_EQ(heard_by_bob.at("payload.by"), R"("ann")");
  EXPECT_EQ(heard_by_bob.at("payload.session"), R"("0-1")");
  EXPECT_EQ(heard_by_bob.at("payload.to"), R"("all")");
  EXPECT_EQ(heard(ann), "");
  EXPECT_EQ(heard(stranger), "");
}

TEST_F(PeopleInRoom, AGroupHearsWhatIsForIt) {
  Session& ann = enter("0-1");
  Session& bob = enter("1-1");
  Session& eve = enter("2-1");
  EXPECT_EQ(outcome(bob, "join", R"("group":"night")"), R"("joined")");
  EXPECT_EQ(outcome(bob, "join", R"("group":"night")"), R"("joined")") << "once is enough";
  EXPECT_EQ(outcome(ann, "announce", R"("to":"group:night","text":"one")"), R"("announced")");
  EXPECT_EQ(heard(bob), R"("one")");
  EXPECT_EQ(heard(eve), "");
  EXPECT_EQ(outcome(bob, "leave", R"("group":"night")"), R"("left")");
  EXPECT_EQ(outcome(bob, "leave", R"("group":"night")"), R"("notFound")");
  EXPECT_EQ(outcome(ann, "announce", R"("to":"group:night","text":"two")"), R"("notFound")");
  EXPECT_EQ(heard(bob), "");
}

TEST_F(PeopleInRoom, OneSessionIsAddressedByItsName) {
  Session& ann = enter("0-1");
  Session& bob = enter("1-1");
  Session& eve = enter("2-1");
  EXPECT_EQ(outcome(ann, "announce", R"("to":"session:1-1","text":"psst")"), R"("announced")");
  EXPECT_EQ(heard(bob), R"("psst")");
  EXPECT_EQ(heard(eve), "");
  EXPECT_EQ(outcome(ann, "announce", R"("to":"session:7-1","text":"psst")"), R"("notFound")");
}

TEST_F(PeopleInRoom, WhoReadsTooLateIsToldHowMuchItLost) {
  Session& ann = enter("0-1");
  Session& bob = enter("1-1");
  for (const char* text : {"1", "2", "3", "4", "5"})
    outcome(ann, "announce", R"("to":"all","text":")" + std::string{text} + "\"");
  EXPECT_EQ(heard(bob), R"(eventGap "3" "4" "5")");
  EXPECT_EQ(heard(bob), "");
}

TEST_F(PeopleInRoom, WhatWasSaidBeforeOneCameIsNotHeard) {
  Session& ann = enter("0-1");
  outcome(ann, "announce", R"("to":"all","text":"early")");
  EXPECT_EQ(heard(enter("1-1")), "");
}

TEST_F(PeopleInRoom, GroupsAreLimitedPerSession) {
  Session& ann = enter("0-1");
  for (const char* name : {"a", "b", "c", "d"})
    EXPECT_EQ(outcome(ann, "join", R"("group":")" + std::string{name} + "\""), R"("joined")");
  const Message refused = request(ann, "join", R"("group":"e")");
  EXPECT_EQ(refused.at("payload.reason"), R"("busy")");
  EXPECT_EQ(refused.at("payload.retryAfterMs"), "1000");
  outcome(ann, "leave", R"("group":"a")");
  EXPECT_EQ(outcome(ann, "join", R"("group":"e")"), R"("joined")");
}

TEST_F(PeopleInRoom, GroupsAreKeptForWhoReturns) {
  Session& ann = enter("0-1");
  Session& old = enter("1-1");
  outcome(old, "join", R"("group":"night")");
  const std::uint32_t kept = std::exchange(old.groups, 0);
  Session& back = enter("2-1");
  outcome(back, "join", R"("group":"night")");
  people.returned(back, kept, std::nullopt, now);
  EXPECT_EQ(outcome(ann, "announce", R"("to":"group:night","text":"hi")"), R"("announced")");
  outcome(back, "leave", R"("group":"night")");
  EXPECT_EQ(outcome(ann, "announce", R"("to":"group:night","text":"hi")"), R"("notFound")");
  limits.groups = People::kGroupsMax;
  for (std::size_t i = 0; i < People::kGroupsMax; ++i)
    EXPECT_EQ(outcome(ann, "join", "\"group\":\"g" + std::to_string(i) + "\""), R"("joined")")
        << "the place of the old one is free again";
  const Message full = request(back, "join", R"("group":"one more")");
  EXPECT_EQ(full.at("payload.reason"), R"("overloaded")");
  EXPECT_EQ(full.at("payload.retryAfterMs"), "1000");
}

TEST_F(PeopleInRoom, ComingsAndGoingsAreForWhoAsked) {
  Session& ann = enter("0-1");
  Session& bob = enter("1-1");
  subscribe(ann, "a", "#", R"("events":true,"presence":true)");
  subscribe(bob, "a", "#", R"("events":true)");
  take_all(ann);
  take_all(bob);
  Session& eve = enter("2-1", "eve");
  outcome(eve, "join", R"("group":"night")");
  people.left(eve, now);
  const std::vector<Message> messages = take_all(ann);
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0].at("payload.name"), R"("sessionOpened")");
  EXPECT_EQ(messages[0].at("payload.by"), R"("eve")");
  EXPECT_EQ(messages[0].at("payload.session"), R"("2-1")");
  EXPECT_EQ(messages[1].at("payload.name"), R"("groupJoined")");
  EXPECT_EQ(messages[1].at("payload.group"), R"("night")");
  EXPECT_EQ(messages[2].at("payload.name"), R"("sessionClosed")");
  EXPECT_TRUE(take_all(bob).empty());
}

TEST_F(PeopleInRoom, NewsOfAllKindsComeInOrder) {
  Session& ann = enter("0-1");
  Session& bob = enter("1-1");
  subscribe(bob, "a", "#", R"("events":true)");
  take_all(bob);
  news.add({.at = now, .name = "first"});
  outcome(ann, "announce", R"("to":"all","text":"second")");
  news.add({.at = now, .name = "third"});
  const std::vector<Message> messages = take_all(bob);
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(types_of(messages), "event announcement event");
  EXPECT_LT(std::stoull(messages[0].at("payload.offset")), std::stoull(messages[1].at("payload.offset")));
  EXPECT_LT(std::stoull(messages[1].at("payload.offset")), std::stoull(messages[2].at("payload.offset")));
}

TEST_F(PeopleInRoom, PresenceTellsWhoIsThere) {
  Session& ann = enter("0-1", "ann");
  Session& bob = enter("1-1", "bob");
  join().principal.reset();
  subscribe(bob, "a", "cabin/#");
  take_all(bob);
  outcome(bob, "join", R"("group":"night")");
  bob.peer = "192.0.2.8";
  controller.authority().take_lease(kHeater, {.holder = bob.holder}, from_ms(1000), now);
  Message page = request(ann, "presence", "");
  EXPECT_EQ(page.at("payload.sessions.0.name"), R"("ann")");
  EXPECT_EQ(page.at("payload.sessions.1.name"), R"("bob")");
  EXPECT_EQ(page.at("payload.sessions.1.role"), R"("operator")");
  EXPECT_EQ(page.at("payload.sessions.1.session"), R"("1-1")");
  EXPECT_EQ(page.at("payload.sessions.1.groups.0"), R"("night")");
  EXPECT_EQ(page.at("payload.sessions.1.subscriptions"), "1");
  EXPECT_EQ(page.at("payload.sessions.1.leases.0"), R"("cabin/heater")");
  EXPECT_EQ(page.at("payload.sessions.1.peer"), "") << "where people are is for administrators";
  EXPECT_EQ(page.at("payload.sessions.2"), "") << "nobody knows who that is";
  EXPECT_EQ(page.at("payload.next"), "");
  ann.principal->scope = scope("#", "#", true);
  page = request(ann, "presence", R"("after":1)");
  EXPECT_EQ(page.at("payload.sessions.0.name"), R"("bob")");
  EXPECT_EQ(page.at("payload.sessions.0.peer"), R"("192.0.2.8")");
}

TEST_F(PeopleInRoom, WhoReturnsIsToldWhatItsGroupsWereTold) {
  Session& ann = enter("0-1");
  Session& old = enter("1-1");
  outcome(old, "join", R"("group":"early")");
  outcome(ann, "announce", R"("to":"group:early","text":"not for night")");
  outcome(old, "leave", R"("group":"early")");
  outcome(old, "join", R"("group":"night")");
  const std::uint64_t known = values.offset();
  const std::uint32_t kept = std::exchange(old.groups, 0);
  old.phase = Phase::draining;
  outcome(ann, "announce", R"("to":"all","text":"all")");
  news.add(
      protocol::Announcement{.at = now, .to = {protocol::Audience::Kind::group, {}, kept}, .text = "night"});
  Session& back = enter("2-1");
  people.returned(back, kept, known, now);
  EXPECT_EQ(heard(back), R"("all" "night")");
  people.returned(back, 0, 0, now);
  EXPECT_EQ(heard(back), R"("all" "night")") << "never what was for another group in its place";
  for (int i = 0; i < 4; ++i) news.add(protocol::Announcement{.at = now, .text = "more"});
  people.returned(back, 0, known, now);
  EXPECT_EQ(heard(back), R"(eventGap "more" "more" "more")");
}

TEST_F(PeopleInRoom, NobodyAnnouncesWithoutEnd) {
  Session& ann = enter("0-1");
  Session& bob = enter("1-1");
  const auto announce = [&](Session& session) {
    return request(session, "announce", R"("to":"all","text":"!")");
  };
  for (int i = 0; i < 10; ++i) EXPECT_EQ(announce(ann).at("payload.outcome"), R"("announced")");
  const Message refused = announce(ann);
  EXPECT_EQ(refused.at("payload.reason"), R"("busy")");
  EXPECT_EQ(refused.at("payload.retryAfterMs"), "201");
  EXPECT_EQ(announce(bob).at("payload.outcome"), R"("announced")") << "others have their own";
  now += from_ms(201);
  EXPECT_EQ(announce(ann).at("payload.outcome"), R"("announced")");
}

}  // namespace
}  // namespace signalbox::session
