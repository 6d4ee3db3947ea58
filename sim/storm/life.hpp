#pragma once

#include <memory>
#include <string>
#include <vector>

#include "machine/machine.hpp"
#include "sim/hal/append_log.hpp"
#include "sim/hal/clock.hpp"
#include "sim/hal/entropy.hpp"
#include "sim/hal/host.hpp"
#include "sim/hal/store.hpp"
#include "sim/storm/client.hpp"
#include "sim/storm/saboteur.hpp"
#include "sim/storm/safety.hpp"
#include "sim/storm/surroundings.hpp"

namespace signalbox::sim::storm {

/// One life of the device, from power-up to its stop or to a power cut, with all that happens around it.
class Life {
 public:
  struct Plan {
    Size size = Size::tiny;
    Instant begins{};
    std::string epoch;
    Sabotage sabotage = Sabotage::none;
    bool guarded = false;               ///< outputs with leases, interlocks and a baton
    std::string& disk;                  ///< the journal's; outlives the device's lives
    std::string& past;                  ///< the history's; the same
    Store::Records& card;               ///< the records'; the same
    std::uint32_t clients_before = 0;   ///< so that nobody has the name of another
    std::vector<Keepsake> survivors{};  ///< clients that go on from the life before
  };

  /// What is on the card of a device that has been claimed.
  static const Store::Records& claimed();

  Life(const Plan& plan, Trace& trace, Dice dice);
  /// Lives it through; returns when it ended.
  Instant run();
  /// What its last clients take along to the next one, and how many there have been.
  std::vector<Keepsake> survivors() const;
  std::uint32_t clients_so_far() const { return clients_so_far_; }

 private:
  enum class End : std::uint8_t { quiet, in_traffic, power_cut };

  void roll_clients(const Plan& plan);
  bool is_crowded() const { return clients_.size() - callers_ >= clients_max(); }
  void add_client(const Character& character, const Keepsake& kept);
  /// Who lost its connection may come back.
  void return_lost();
  void double_someone();
  std::size_t clients_max() const { return size_ == Size::tiny ? 8 : 20; }
  /// Somebody comes back when it is too late to be who it was.
  void return_late();
  /// Lives up to `until` or `stop()` is true.
  template <typename Stop>
  void live(Instant until, Stop&& stop);
  Instant next();
  void tick();
  void step_machine();
  bool is_disturbed() const;
  void check_pools();
  void check_quiet();
  void stop();
  void check_safe();
  void check_journal();
  void check_past();
  void check_written();
  void check_tokens();
  void check_base_line();

  Trace& trace_;
  Dice dice_;
  Instant now_;
  End end_;
  double lateness_;  ///< chance of a step to come late
  Instant active_until_;

  World world_;
  Surroundings surroundings_;
  Faults faults_;
  Clock clock_;
  Host host_{clock_};
  std::string& disk_;
  AppendLog log_{faults_, disk_};
  std::string& past_;
  std::size_t past_before_ = 0;  ///< bytes that earlier lives have written
  AppendLog past_log_{faults_, past_, "history"};
  Store::Records& card_;
  Store store_{faults_, card_};
  Entropy entropy_{1};
  trust::Tokens tokens_;
  sim::Platform platform_{world_, faults_, host_};
  Recorder recorder_{platform_};
  protocol::Limits limits_;
  machine::Machine machine_;
  Witness witness_;
  Safety safety_;
  Saboteur door_;
  Wire wire_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::size_t callers_ = 0;   ///< of the clients, those who ask by HTTP
  std::size_t returned_ = 0;  ///< of the first clients it is settled whether they come back
  std::uint32_t clients_so_far_;
  Size size_;
  bool guarded_;
  Instant stopped_at_ = kNever;
  std::uint64_t steps_ = 0;
  unsigned steps_at_once_ = 0;
};

}  // namespace signalbox::sim::storm
