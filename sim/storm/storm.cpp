#include "sim/storm/storm.hpp"

#include "base/log.hpp"
#include "sim/storm/life.hpp"

namespace signalbox::sim::storm {

void run(std::uint64_t seed, Sabotage sabotage, Trace& trace) {
  set_log_sink([](Severity, std::string_view) {});
  Dice dice{seed};
  const Size size = dice.chance(0.7) ? Size::tiny : Size::middle;
  const int lives = 1 + dice.below(2);
  const bool guarded = is_of_rules(sabotage) || (sabotage == Sabotage::none && dice.chance(0.5));
  std::string disk;
  std::string past;
  Store::Records card = Life::claimed();
  Instant now = Instant{} + from_ms(dice.below(30'000));
  std::vector<Keepsake> survivors;
  std::uint32_t clients = 0;
  for (int i = 0; i < lives && !trace.failed(); ++i) {
    Life life{{size, now, "life-" + std::to_string(i), sabotage, guarded, disk, past, card, clients,
               std::move(survivors)},
              trace,
              Dice{dice.next()}};
    now = life.run();
    survivors = life.survivors();
    clients = life.clients_so_far();
  }
}

}  // namespace signalbox::sim::storm
