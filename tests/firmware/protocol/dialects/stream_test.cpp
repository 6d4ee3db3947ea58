#include "protocol/dialects/stream.hpp"

#include <array>
#include <gtest/gtest.h>
#include <string>

#include "firmware/protocol/cabin.hpp"

namespace signalbox::protocol {
namespace {

class StreamDialects : public testing::Test {
 protected:
  StreamDialects() {
    all.set(Cabin::temperature).set(Cabin::heater).set(Cabin::fan).set(Cabin::mode).set(Cabin::note);
  }
  std::string snapshot(const char* name) {
    return std::string{find_dialect(name)->encode(Answer{{}, Snapshot{"stream", all}}, &cabin.principal,
                                                  cabin.view(), buffer)};
  }
  std::string telemetry(const char* name) {
    return std::string{find_dialect(name)->encode(Published{Telemetry{all}}, cabin.view(), buffer)};
  }

  Cabin cabin;
  device::ChannelSet all;
  std::array<char, 4096> buffer{};
};

TEST_F(StreamDialects, FlatHasAMemberForEachChannel) {
  EXPECT_EQ(snapshot("stream.flat"),
            R"({"time":1763683200123,"cabin/temperature":21.5,"cabin/heater":true,"cabin/fan":null,)"
            R"("cabin/mode":"high","cabin/note":"door \"A\""})");
  EXPECT_EQ(telemetry("stream.flat"), snapshot("stream.flat"));
}

TEST_F(StreamDialects, LongHasAnObjectForEachSample) {
  all.reset().set(Cabin::temperature).set(Cabin::fan);
  cabin.put(Cabin::temperature, {21.5, device::Quality::fault, cabin.now - from_ms(1000)});
  const std::string text = snapshot("stream.long");
  EXPECT_TRUE(text.starts_with(
      R"([{"time":1763683199123,"channel":"cabin/temperature","value":null,"quality":"fault"},)"))
      << text;
  EXPECT_TRUE(text.ends_with(R"("channel":"cabin/fan","value":null,"quality":"stale"}])")) << text;
}

TEST_F(StreamDialects, InfluxHasALineForEachSample) {
  const std::string text = snapshot("stream.influx");
  EXPECT_TRUE(
      text.starts_with("signalbox,device=bench-1,channel=cabin/temperature value=21.5,quality=\"good\" "
                       "1763683199123000000\n"))
      << text;
  for (const char* line :
       {"channel=cabin/heater state=true,quality=\"good\" ", "channel=cabin/fan quality=\"stale\" ",
        "channel=cabin/mode text=\"high\",quality=\"good\" ",
        "channel=cabin/note text=\"door \\\"A\\\"\",quality=\"good\" "})
    EXPECT_NE(text.find(line), std::string::npos) << text;
}

TEST_F(StreamDialects, WhatDoesNotFitIsEmpty) {
  for (const char* name : {"stream.flat", "stream.long", "stream.influx"}) {
    const std::string whole = telemetry(name);
    for (std::size_t size = 0; size < whole.size(); ++size)
      ASSERT_TRUE(find_dialect(name)
                      ->encode(Published{Telemetry{all}}, cabin.view(), std::span{buffer}.first(size))
                      .empty());
  }
}

TEST_F(StreamDialects, TellsSamplesAndWhyThereAreNone) {
  const Dialect& flat = *find_dialect("stream.flat");
  EXPECT_TRUE(flat.tells(Told{Snapshot{}}));
  EXPECT_TRUE(flat.tells(Told{Failure{}}));
  EXPECT_FALSE(flat.tells(Told{Welcome{}}));
  EXPECT_FALSE(flat.tells(Told{Synced{}}));
  EXPECT_EQ(flat.course(), Course::stream);
}

}  // namespace
}  // namespace signalbox::protocol
