#include "protocol/thing.hpp"

#include <gtest/gtest.h>

#include "protocol/json_writer.hpp"
#include "tests/firmware/protocol/cabin.hpp"
#include "tests/firmware/protocol/tree.hpp"

namespace signalbox::protocol {
namespace {

constexpr std::string_view kUrl = "wss://bench.local:8443/v1/ws";

class ThingTest : public testing::Test {
 protected:
  std::string text(const Principal& who, std::size_t bytes = 8192) {
    std::string memory(bytes, '\0');
    JsonWriter writer{memory};
    write_thing(writer, who, kUrl, cabin.view());
    fits = writer.fits();
    return std::string{writer.written()};
  }
  Parsed thing() { return parse(text(cabin.principal)); }

  Cabin cabin;
  bool fits = false;
};

TEST_F(ThingTest, TellsWhoItIsAndHowToComeIn) {
  const Parsed told = thing();
  EXPECT_EQ(shown(told, "@context"), R"(["https://www.w3.org/2022/wot/td/v1.1"])");
  EXPECT_EQ(shown(told, "id"), R"("urn:signalbox:bench-1")");
  EXPECT_EQ(shown(told, "title"), R"("Bench")");
  EXPECT_EQ(shown(told, "version.instance"), R"("0.1.0")");
  EXPECT_EQ(shown(told, "securityDefinitions"),
            R"({"token":{"scheme":"bearer","in":"header","format":"jwt","alg":"ES256"}})");
  EXPECT_EQ(shown(told, "security"), R"(["token"])");
  cabin.roster.title.clear();
  EXPECT_EQ(shown(thing(), "title"), R"("bench-1")");
}

TEST_F(ThingTest, EachChannelIsAProperty) {
  const Parsed told = thing();
  const JsonValue* properties = at(told.get(), "properties");
  const auto its = [&](const char* name) { return properties->member(name); };
  EXPECT_EQ(
      shown(its("cabin.temperature")),
      R"({"title":"Air in the cabin","type":"number","unit":"Cel","minimum":-40,"maximum":85,"readOnly":true,)"
      R"("observable":true,"forms":[{"href":"wss://bench.local:8443/v1/ws","subprotocol":"signalbox.v1",)"
      R"("op":["readproperty","observeproperty","unobserveproperty"]}]})");
  EXPECT_EQ(shown(at(its("cabin.heater"), "type")), R"("boolean")");
  EXPECT_EQ(shown(at(its("cabin.heater"), "readOnly")), "false");
  EXPECT_EQ(shown(at(its("cabin.heater"), "forms.0.op")),
            R"(["readproperty","writeproperty","observeproperty","unobserveproperty"])");
  EXPECT_EQ(shown(at(its("cabin.mode"), "type")), R"("string")");
  EXPECT_EQ(shown(at(its("cabin.mode"), "enum")), R"(["off","low","high"])");
  EXPECT_EQ(shown(at(its("cabin.note"), "maxLength")), "31");
  EXPECT_EQ(properties->size(), 5U);
  EXPECT_NE(at(told.get(), "actions.stop"), nullptr);
}

TEST_F(ThingTest, TellsOnlyWhatOneMayReadAndMove) {
  Principal guest{.name = "guest", .scope = *Scope::parse("read:cabin/heater")};
  const Parsed told = parse(text(guest));
  EXPECT_EQ(at(told.get(), "properties")->size(), 1U);
  EXPECT_EQ(shown(at(told.get(), "properties")->member("cabin.heater")->member("readOnly")), "true");
  EXPECT_EQ(shown(told, "actions"), "{}");
  EXPECT_EQ(text(guest).find("temperature"), std::string::npos);
}

TEST_F(ThingTest, SaysWhereItDoesNotFit) {
  const std::size_t whole = text(cabin.principal).size();
  EXPECT_TRUE(fits);
  text(cabin.principal, whole);
  EXPECT_TRUE(fits);
  text(cabin.principal, whole - 1);
  EXPECT_FALSE(fits);
}

TEST_F(ThingTest, OffersResetToWhoMaySendIt) {
  const Parsed mover = parse(text({.name = "ann", .scope = *Scope::parse("operator")}));
  EXPECT_NE(at(mover.get(), "actions.stop"), nullptr);
  EXPECT_EQ(at(mover.get(), "actions.reset"), nullptr);
  const Parsed admin = parse(text({.name = "eve", .scope = *Scope::parse("admin")}));
  EXPECT_EQ(at(admin.get(), "actions.stop"), nullptr);
  EXPECT_NE(at(admin.get(), "actions.reset"), nullptr);
}

}  // namespace
}  // namespace signalbox::protocol
