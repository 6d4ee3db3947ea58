#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/rate_policy.hpp"
#include "device/channel.hpp"
#include "sim/storm/asked_command.hpp"

namespace signalbox::sim::storm {

inline bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// One message a client sent, and what it heard of it.
struct Asked {
  enum class Kind : std::uint8_t {
    authenticate,
    ping,
    describe,
    subscribe,
    unsubscribe,
    history,
    command,  ///< or scene
    resume,
    safety,    ///< renew, baton, stop, reset
    revoke,    ///< somebody's token
    snapshot,  ///< by HTTP, and nothing behind it
    log,
    repeat,  ///< of a command that is answered, or whose answer was lost with its connection
    junk
  };
  /// What a client knew when it was cut off.
  struct LastSeen {
    std::string epoch;
    std::uint64_t offset = 0;
  };

  Kind kind = Kind::junk;
  std::string id;            ///< empty: none, its answer cannot be told from others without one
  std::string type;          ///< as on the wire
  std::string payload;       ///< its members
  bool in_pieces = false;    ///< may be refused for want of an inbox, without a replyTo
  std::string expected;      ///< the one reason it must be refused with once authenticated; empty: it is good
  std::string must;          ///< safety, resume: the one outcome it must have; empty: not known
  std::string data;          ///< ping
  std::string subscription;  ///< subscribe, unsubscribe
  std::string paths;         ///< subscribe, history: as they stand in the payload
  device::ChannelSet channels;
  RatePolicy policy;
  bool events = false;                ///< subscribe
  std::optional<LastSeen> last_seen;  ///< subscribe, resume
  std::size_t inquiry = 0;            ///< history: its place among the book's
  std::string action;                 ///< safety: what is done to the baton
  std::string session;                ///< resume: whose
  std::string token;                  ///< revoke: its id
  std::vector<Asked> goes_on;         ///< resume: the subscriptions it had
  bool is_unclear = false;            ///< resume: of some it is not known whether it had them
  AskedCommand command;
  std::string remembered;  ///< repeat: the outcome of the first; empty: it was lost

  bool delivered = false;
  bool was_authenticated = false;  ///< when it was delivered
  bool waits_for_frames = false;   ///< a long answer was owed before this one
  Instant delivered_at{};
  std::uint64_t offset_then = 0;  ///< the device's, when it was delivered
  int rung = -1;                  ///< the highest told of
  bool answered = false;
  bool synced = false;
  std::string outcome;  ///< the outcome of its `ack`, or the reason of its `error`
};

}  // namespace signalbox::sim::storm
