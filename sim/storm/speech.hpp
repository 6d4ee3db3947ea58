#pragma once

#include <string>
#include <utility>

#include "device/roster.hpp"
#include "sim/dice.hpp"
#include "sim/storm/asked.hpp"

namespace signalbox::sim::storm {

/// Makes up what a client says: good messages, wrong ones and nonsense.
class Speech {
 public:
  /// What everybody knows of the device.
  struct Subject {
    const device::Roster& roster;
    std::string_view token;
    std::string_view epoch;
    std::size_t message_bytes_max;
    bool guarded;
  };
  struct Message {
    Asked asked;
    std::string text;
  };

  Speech(const Subject& subject, std::uint32_t client, Dice& dice)
      : subject_{subject}, client_{client}, dice_{dice} {}

  /// Any message but `authenticate`; `wall_ms` is what the sender takes for the device's time.
  Message next(std::int64_t wall_ms, double rudeness);
  Message authenticate(bool right);
  Message ping();
  /// An answered command once more.
  static Message repeat(const Asked& first);
  /// Longer than a message may be.
  Message oversized();

 private:
  /// Begins a message of that type with an id; the payload and `}` follow.
  Message begin(Asked::Kind kind, std::string_view type);
  Message describe();
  Message subscribe();
  Message unsubscribe();
  Message command(std::int64_t wall_ms);
  Message safety();
  void guard(Message& message, std::string& payload);
  void spoil(Message& message, std::string& payload);
  void add_times(Message& message, std::string& payload, std::int64_t wall_ms);
  Message junk();
  template <typename T, std::size_t kCount>
  const T& one_of(const std::array<T, kCount>& all) {
    return all[dice_.below(kCount)];
  }

  Subject subject_;
  std::uint32_t client_;
  Dice& dice_;
  std::uint32_t said_ = 0;
};

}  // namespace signalbox::sim::storm
