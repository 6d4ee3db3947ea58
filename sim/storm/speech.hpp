#pragma once

#include <span>
#include <string>
#include <utility>

#include "device/roster.hpp"
#include "device/values.hpp"
#include "sim/dice.hpp"
#include "sim/storm/asked.hpp"
#include "sim/storm/inquiry.hpp"
#include "sim/storm/keepsake.hpp"
#include "sim/storm/tongue.hpp"

namespace signalbox::sim::storm {

/// Makes up what a client says: good messages, wrong ones and nonsense.
class Speech {
 public:
  /// What everybody knows of the device.
  struct Subject {
    const device::Roster& roster;
    const device::Values& values;
    std::string_view token;
    std::span<const std::string> spares;  ///< ids of tokens that nobody uses
    std::string_view epoch;
    std::size_t message_bytes_max;
    bool guarded;
  };
  struct Message {
    Asked asked;
    bool traced = false;
    std::string text{};                           ///< as it is sent; empty: made of what is asked
    std::optional<Inquiry::Question> question{};  ///< history: the first page of a new one
  };
  /// What is left to somebody who has settled down.
  enum class Mood : std::uint8_t { restless, settling, settled };

  Speech(const Subject& subject, Tongue tongue, std::uint32_t client, bool numbers, Dice& dice)
      : subject_{subject}, tongue_{tongue}, client_{client}, numbers_{numbers}, dice_{dice} {}

  /// Any message but `authenticate`; `wall_ms` is what the sender takes for the device's time.
  Message next(std::int64_t wall_ms, double rudeness, Mood mood);
  Message authenticate(bool right);
  Message ping();
  Message subscribe(Mood mood);
  /// What somebody wants who asks by HTTP.
  Message call(std::int64_t wall_ms);
  /// A command once more, answered or not.
  Message repeat(const Asked& first);
  /// Longer than a message may be.
  Message oversized();
  /// To be again who one was; to know again what one knew.
  Message resume(const Keepsake& kept, bool right);
  Message resubscribe(const Asked& kept);
  /// The next page, or with a cursor of another life.
  Message history_page(const Inquiry::Question& question, std::string_view cursor);

 private:
  /// Begins a message of that type with an id.
  Message begin(Asked::Kind kind, std::string_view type);
  std::string fresh_id();
  std::string some_paths(device::ChannelSet& channels);
  Message describe();
  Message unsubscribe();
  Message history(std::int64_t wall_ms);
  Message command(std::int64_t wall_ms);
  Message scene(std::int64_t wall_ms);
  Message safety();
  Message revoke();
  std::string heater_move(AskedCommand::Move& move);
  std::string lamp_move(AskedCommand::Move& move);
  std::string fan_move(AskedCommand::Move& move);
  void add_terms(Asked& asked, std::int64_t wall_ms);
  std::string some_version(AskedCommand::Move& move);
  void add_lease(Asked& asked);
  void guard(Asked& asked);
  void spoil(Asked& asked);
  void add_times(Asked& asked, std::int64_t wall_ms);
  Message junk();
  Message envelope_junk();
  Message jsonrpc_junk();
  template <typename T, std::size_t kCount>
  const T& one_of(const std::array<T, kCount>& all) {
    return all[dice_.below(kCount)];
  }

  Subject subject_;
  Tongue tongue_;
  std::uint32_t client_;
  bool numbers_;  ///< ids are numbers, where the dialect knows such
  Dice& dice_;
  std::uint32_t said_ = 0;
};

}  // namespace signalbox::sim::storm
