#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "session/door.hpp"

namespace signalbox::e2e {

/// The least there can be behind a wire: every text message comes back. Some messages and tokens do more:
/// `!close <code>`, `!drop`, `!ping`, `!large <bytes>`, `!pause <ms>`; in the body of a request by HTTP also
/// `!hold`, which is never answered, and `!after <ms>`; the tokens `wrong` and `full` are
/// refused.
class EchoDoor final : public session::Door {
 public:
  struct Session {
    bool taken = false;
    session::ConnectionId connection = 0;
    std::string incoming;
    std::size_t incoming_bytes = 0;  ///< the rest of a message that is too big is only counted
    std::string outgoing;
    std::size_t sent = 0;
    bool ping = false;
    bool once = false;  ///< it ends with what its first message brings
    std::uint16_t close_code = 0;
    std::string_view close_reason;
    Instant resume_at = kNever;
  };

  /// Takes all its memory here.
  EchoDoor(std::size_t sessions_max, std::size_t message_bytes_max, std::size_t waiting_bytes_max);

  void connect(session::Wire& wire) { wire_ = &wire; }
  /// Resumes whoever paused; returns when to be called again.
  Instant step(Instant now);

  session::LifeCounts counts;
  std::uint64_t admitted = 0;
  std::uint64_t closed = 0;
  std::uint64_t heard = 0;
  std::uint64_t messages = 0;
  std::vector<Session> sessions;

 private:
  session::LifeCounts& do_life() override { return counts; }
  Result<Handle> do_admit(const session::Arrival& arrival, Instant now) override;
  std::optional<Error> do_refusal(Handle /*handle*/) override { return std::nullopt; }
  session::Health do_health(Instant /*now*/) override {
    return {.dependencies = {{{"journal", "ok"}, {"clock", "ok"}, {"hardware", "ok"}}}};
  }
  std::optional<WallTime> do_wall_time(Instant /*now*/) override { return std::nullopt; }
  Result<void> do_stop(const session::Caller& caller, Instant now) override;
  Result<std::string_view> do_thing(const session::Caller& caller, std::string_view socket_url,
                                    Instant now) override;
  Result<std::int64_t> do_log_in(const session::Caller& caller, Instant now) override;
  Result<void> do_claim(session::ConnectionId connection, const session::Caller& caller,
                        std::string_view body, Instant now) override;
  void do_opened(Handle, Instant) override { counts.step(session::Phase::upgrade, session::Phase::welcome); }
  session::Reading do_received(Handle handle, std::string_view part, bool first, bool last,
                               Instant now) override;
  void do_refuse(Handle handle, std::uint16_t code, std::string_view why, Instant now) override;
  void do_dismiss(Handle handle, std::string_view why, Instant now) override {
    do_refuse(handle, 1008, why, now);
  }
  void do_dismiss_certified(std::string_view, Instant) override {}
  session::Reading do_heard(Handle, Instant) override {
    ++heard;
    return session::Reading::go_on;
  }
  session::Outgoing do_next(Handle handle, std::span<char> into, Instant now) override;
  void do_closed(Handle handle, Instant now) override;

  session::Reading answer(Session& its, Instant now);
  session::Reading obey(Session& its, std::string_view message, Instant now);
  Session& at(Handle handle);
  void put(Session& its, std::string_view text, std::size_t fill);

  session::Wire* wire_ = nullptr;
  std::string thing_;
  std::size_t message_bytes_max_;
  std::size_t pausing_ = 0;
};

}  // namespace signalbox::e2e
