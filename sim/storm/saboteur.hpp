#pragma once

#include <array>

#include "session/door.hpp"

namespace signalbox::sim::storm {

/// A way to break a promise on purpose, to see that the storm notices.
enum class Sabotage : std::uint8_t {
  none,
  swallow,     ///< one answer never leaves
  repeat,      ///< one answer leaves twice
  forget,      ///< the end of one connection is not told
  leak,        ///< telemetry goes on after it was unsubscribed
  late_relay,  ///< a write reaches the relay long after its deadline
  deaf_relay,  ///< writes to the relay are told done, but nothing moves
};

/// A door that passes everything on, but for its sabotage.
class Saboteur final : public session::Door {
 public:
  Saboteur(session::Door& door, Sabotage sabotage) : door_{door}, sabotage_{sabotage} {}

 private:
  static constexpr unsigned kAfter = 12;  ///< whole messages

  session::LifeCounts& do_life() override { return door_.life(); }
  Result<Handle> do_admit(const session::Arrival& arrival, Instant now) override {
    return door_.admit(arrival, now);
  }
  void do_opened(Handle session, Instant now) override { door_.opened(session, now); }
  session::Reading do_received(Handle session, std::string_view part, bool first, bool last,
                               Instant now) override {
    const bool leaks =
        sabotage_ == Sabotage::leak && part.find(R"("type":"unsubscribe")") != std::string_view::npos;
    return door_.received(session, leaks ? std::string_view{kInstead} : part, first, last, now);
  }
  void do_refuse(Handle session, std::uint16_t code, std::string_view why, Instant now) override {
    door_.refuse(session, code, why, now);
  }
  void do_heard(Handle session, Instant now) override { door_.heard(session, now); }
  session::Outgoing do_next(Handle session, std::span<char> into, Instant now) override;
  void do_closed(Handle session, Instant now) override {
    if (sabotage_ == Sabotage::forget && ++count_ == 2) return;
    door_.closed(session, now);
  }

  static constexpr std::string_view kInstead = R"({"type":"ping"})";

  session::Door& door_;
  Sabotage sabotage_;
  unsigned count_ = 0;
  std::array<char, 4096> kept_{};
  std::size_t kept_size_ = 0;
  Handle kept_for_{};
};

inline session::Outgoing Saboteur::do_next(Handle session, std::span<char> into, Instant now) {
  if (kept_size_ > 0 && kept_for_ == session) {
    std::copy_n(kept_.begin(), kept_size_, into.begin());
    return {.kind = session::Outgoing::Kind::text,
            .bytes = into.first(std::exchange(kept_size_, 0)),
            .more = true};
  }
  session::Outgoing outgoing = door_.next(session, into, now);
  const bool whole = outgoing.kind == session::Outgoing::Kind::text && outgoing.first && outgoing.last;
  const std::string_view text{outgoing.bytes.data(), outgoing.bytes.size()};
  if (!whole || text.find("replyTo") == std::string_view::npos ||
      text.find("progress") != std::string_view::npos)
    return outgoing;
  if (sabotage_ == Sabotage::swallow && ++count_ == kAfter) return door_.next(session, into, now);
  if (sabotage_ == Sabotage::repeat && ++count_ == kAfter) {
    std::copy(text.begin(), text.end(), kept_.begin());
    kept_size_ = text.size();
    kept_for_ = session;
    outgoing.more = true;
  }
  return outgoing;
}

}  // namespace signalbox::sim::storm
