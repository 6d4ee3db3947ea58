#include "protocol/messages/subscribe.hpp"

#include <gtest/gtest.h>

#include "firmware/protocol/bad_payload.hpp"
#include "firmware/protocol/cabin.hpp"

namespace signalbox::protocol {
namespace {

Result<Subscribe> read(const char* text) {
  const Parsed tree = parse(text);
  return read_subscribe(JsonReader{tree.get(), "payload"});
}

TEST(Subscribe, HasDefaults) {
  const Result<Subscribe> request = read(R"({"id":"a","paths":["#"]})");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->id.view(), "a");
  EXPECT_EQ(request->paths.count, 1);
  EXPECT_EQ(request->paths.places[0].view(), "#");
  EXPECT_EQ(request->policy, RatePolicy{});
}

TEST(Subscribe, ReadsEachMode) {
  const Result<Subscribe> instant =
      read(R"({"id":"a","paths":["cabin/#","+/power"],"mode":"instant","minPeriodMs":0,"deadband":0.5})");
  ASSERT_TRUE(instant.has_value());
  EXPECT_EQ(instant->paths.count, 2);
  EXPECT_EQ(instant->paths.places[1].view(), "+/power");
  EXPECT_EQ(instant->policy.min_period, from_ms(0));
  EXPECT_EQ(instant->policy.deadband, 0.5);
  const Result<Subscribe> fixed = read(R"({"id":"a","paths":["a"],"mode":"fixed","periodMs":50})");
  ASSERT_TRUE(fixed.has_value());
  EXPECT_EQ(fixed->policy.mode, RatePolicy::Mode::fixed);
  EXPECT_EQ(fixed->policy.period, from_ms(50));
}

TEST(Subscribe, RefusesWhatCannotBeMeant) {
  const std::string long_id = "{\"id\":" + quoted(32) + "}";
  const std::string long_path = R"({"id":"a","paths":[)" + quoted(48) + "]}";
  expect_refused(
      read_subscribe,
      {
          {R"({"paths":["#"]})", Reason::malformed, "payload.id"},
          {R"({"id":7,"paths":["#"]})", Reason::malformed, "payload.id"},
          {R"({"id":"","paths":["#"]})", Reason::malformed, "payload.id"},
          {long_id.c_str(), Reason::too_big, "payload.id"},
          {R"({"id":"a"})", Reason::malformed, "payload.paths"},
          {R"({"id":"a","paths":"#"})", Reason::malformed, "payload.paths"},
          {R"({"id":"a","paths":[]})", Reason::malformed, "payload.paths"},
          {R"({"id":"a","paths":["a","b","c","d","e","f","g","h","i"]})", Reason::too_big, "payload.paths"},
          {R"({"id":"a","paths":["a",3]})", Reason::malformed, "payload.paths[1]"},
          {R"({"id":"a","paths":["a","#/b"]})", Reason::malformed, "payload.paths[1]"},
          {R"({"id":"a","paths":[""]})", Reason::malformed, "payload.paths[0]"},
          {long_path.c_str(), Reason::too_big, "payload.paths[0]"},
          {R"({"id":"a","paths":["a"],"mode":"often"})", Reason::malformed, "payload.mode"},
          {R"({"id":"a","paths":["a"],"mode":1})", Reason::malformed, "payload.mode"},
          {R"({"id":"a","paths":["a"],"mode":"fixed","periodMs":49})", Reason::out_of_range,
           "payload.periodMs"},
          {R"({"id":"a","paths":["a"],"mode":"fixed","periodMs":3600001})", Reason::out_of_range,
           "payload.periodMs"},
          {R"({"id":"a","paths":["a"],"mode":"fixed","periodMs":"50"})", Reason::malformed,
           "payload.periodMs"},
          {R"({"id":"a","paths":["a"],"mode":"fixed","periodMs":60.5})", Reason::malformed,
           "payload.periodMs"},
          {R"({"id":"a","paths":["a"],"periodMs":500})", Reason::malformed, "payload.periodMs"},
          {R"({"id":"a","paths":["a"],"minPeriodMs":-1})", Reason::out_of_range, "payload.minPeriodMs"},
          {R"({"id":"a","paths":["a"],"minPeriodMs":3600001})", Reason::out_of_range, "payload.minPeriodMs"},
          {R"({"id":"a","paths":["a"],"deadband":-0.1})", Reason::out_of_range, "payload.deadband"},
          {R"({"id":"a","paths":["a"],"deadband":1e999})", Reason::out_of_range, "payload.deadband"},
          {R"({"id":"a","paths":["a"],"mode":"fixed","deadband":1})", Reason::malformed, "payload.deadband"},
          {R"({"id":"a","paths":["a"],"presence":true})", Reason::malformed, "payload.presence"},
          {R"({"id":"a","paths":["a"],"events":true,"presence":1})", Reason::malformed, "payload.presence"},
          {R"({"id":"a","paths":["a"],"mode":"fixed","minPeriodMs":1})", Reason::malformed,
           "payload.minPeriodMs"},
      });
}

TEST(Subscribe, ReadsWhereToGoOn) {
  EXPECT_FALSE(read(R"({"id":"a","paths":["#"],"resume":null})")->resume.has_value());
  const Result<Subscribe> request = read(R"({"id":"a","paths":["#"],"resume":{"epoch":"e7f3","offset":0}})");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->resume->epoch.view(), "e7f3");
  EXPECT_EQ(request->resume->offset, 0U);
  EXPECT_EQ(
      read(R"({"id":"a","paths":["#"],"resume":{"epoch":"e","offset":"9007199254740993"}})")->resume->offset,
      9007199254740993U);
}

TEST(Subscribe, RefusesAResumeThatCannotBeMeant) {
  const std::string start = R"({"id":"a","paths":["#"],"resume":)";
  const std::array<std::string, 9> texts{
      start + "true}",
      start + "{}}",
      start + R"({"offset":1}})",
      start + R"({"epoch":7,"offset":1}})",
      start + R"({"epoch":"12345678901234567","offset":1}})",
      start + R"({"epoch":"e"}})",
      start + R"({"epoch":"e","offset":-1}})",
      start + R"({"epoch":"e","offset":1.5}})",
      start + R"({"epoch":"e","offset":"x"}})",
  };
  expect_refused(read_subscribe, {
                                     {texts[0].c_str(), Reason::malformed, "payload.resume"},
                                     {texts[1].c_str(), Reason::malformed, "payload.resume.epoch"},
                                     {texts[2].c_str(), Reason::malformed, "payload.resume.epoch"},
                                     {texts[3].c_str(), Reason::malformed, "payload.resume.epoch"},
                                     {texts[4].c_str(), Reason::too_big, "payload.resume.epoch"},
                                     {texts[5].c_str(), Reason::malformed, "payload.resume.offset"},
                                     {texts[6].c_str(), Reason::out_of_range, "payload.resume.offset"},
                                     {texts[7].c_str(), Reason::malformed, "payload.resume.offset"},
                                     {texts[8].c_str(), Reason::malformed, "payload.resume.offset"},
                                 });
}

TEST(Unsubscribe, ReadsItsId) {
  const Parsed tree = parse(R"({"id":"a"})");
  EXPECT_EQ(read_unsubscribe(JsonReader{tree.get(), "payload"})->id.view(), "a");
  expect_refused(read_unsubscribe, {
                                       {"{}", Reason::malformed, "payload.id"},
                                       {R"({"id":["a"]})", Reason::malformed, "payload.id"},
                                   });
}

TEST(Snapshot, TellsTheLatestSampleOfItsChannels) {
  Cabin cabin;
  cabin.values.put(Cabin::temperature, {22.5, device::Quality::fault, cabin.now});
  Snapshot snapshot{"a", {}};
  snapshot.channels.set(Cabin::temperature).set(Cabin::fan).set(Cabin::mode).set(200);
  EXPECT_EQ(
      shown(parse(cabin.encode(snapshot)), "payload"),
      R"({"id":"a","epoch":"e7f3","offset":5,"samples":[)"
      R"({"channel":"cabin/temperature","value":22.5,"quality":"fault","at":1763683200123,"unit":"Cel","range":[-40,85]},)"
      R"({"channel":"cabin/fan","value":null,"quality":"stale","at":null,"unit":"%","range":[0,100]},)"
      R"({"channel":"cabin/mode","value":"high","quality":"good","at":1763683199123}]})");
}

TEST(Snapshot, TellsWhetherAllWasRecovered) {
  const Cabin cabin;
  EXPECT_EQ(shown(parse(cabin.encode(Snapshot{"a", {}, true})), "payload.recovered"), "true");
  EXPECT_EQ(shown(parse(cabin.encode(Snapshot{"a", {}, false})), "payload.recovered"), "false");
}

TEST(Synced, TellsWhereTelemetryGoesOn) {
  const Cabin cabin;
  EXPECT_EQ(shown(parse(cabin.encode(Synced{"a", 4})), "payload"), R"({"id":"a","epoch":"e7f3","offset":4})");
}

}  // namespace
}  // namespace signalbox::protocol
