#include "session/prompt_answer.hpp"

#include "tests/firmware/session/room.hpp"

namespace signalbox::session {
namespace {

class PromptAnswerTest : public Room {
 protected:
  const Error too_long{Reason::too_big, "too long"};
};

TEST_F(PromptAnswerTest, IsWrittenWhileWhatItShowsIsThere) {
  Session& session = join();
  const protocol::ReplyHeader header{"m", {}};
  const Exchange exchange{session, *session.outbox.reserve(header), header, now};
  {
    std::string token = "a.b.c";
    PromptAnswer prompt{context, frames, exchange};
    ASSERT_TRUE(prompt.has_room());
    prompt.give(protocol::TokenMade{session.who(), token}, too_long);
    token = "-----";
  }
  EXPECT_EQ(take(session).at("payload.token"), R"("a.b.c")");
}

TEST_F(PromptAnswerTest, OneOfThemWaits) {
  Session& session = join();
  const std::string data(protocol::Pong::kCopiedBytesMax + 1, 'x');
  const std::string ping = R"({"type":"ping","payload":{"data":")" + data + R"("}})";
  ask(session, ping);
  ask(session, ping);
  EXPECT_EQ(types_of(take_all(session)), "pong error");
}

TEST_F(PromptAnswerTest, GivesItsFrameBackWhereNothingIsSaid) {
  Session& session = join();
  const protocol::ReplyHeader header{"m", {}};
  const Exchange exchange{session, *session.outbox.reserve(header), header, now};
  {
    PromptAnswer prompt{context, frames, exchange};
    ASSERT_TRUE(prompt.has_room());
    EXPECT_EQ(frames.gauge().used, 1U);
  }
  EXPECT_EQ(frames.gauge().used, 0U);
  {
    PromptAnswer prompt{context, frames, exchange};
    ASSERT_TRUE(prompt.has_room());
    const std::string long_one(kFrameBytes, 'x');
    prompt.give(protocol::TokenMade{session.who(), long_one}, too_long);
  }
  EXPECT_EQ(frames.gauge().used, 0U);
  EXPECT_EQ(take(session).at("payload.reason"), R"("tooBig")");
}

}  // namespace
}  // namespace signalbox::session
