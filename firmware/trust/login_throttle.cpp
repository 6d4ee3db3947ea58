#include "trust/login_throttle.hpp"

#include <algorithm>

namespace signalbox::trust {
namespace {

/// FNV-1a. Whoever finds two accounts with one key has them slowed together, which naming one does as well.
std::uint64_t mixed(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash;
}

std::uint64_t network_key(std::uint64_t network) {
  const std::string_view bytes{reinterpret_cast<const char*>(&network), sizeof network};
  return mixed(0xCBF29CE484222325U, bytes);
}
std::uint64_t account_key(std::string_view account) { return mixed(0x84222325CBF29CE4U, account); }
std::uint64_t pair_key(std::uint64_t network, std::string_view account) {
  return mixed(network_key(network), account) | 1U;  // 0 stands for none
}

std::uint32_t left_of(std::uint32_t failures, Duration passed) {
  const std::int64_t forgiven = passed / LoginThrottle::kForgiveEvery;
  return forgiven >= failures ? 0 : failures - static_cast<std::uint32_t>(forgiven);
}

}  // namespace

Result<void> LoginThrottle::allow(std::uint64_t network, std::string_view account, Instant now) const {
  const Record* here = find(network_key(network));
  const bool in_good_standing = here == nullptr || left_of(here->failures, now - here->last) == 0;
  Instant until = here == nullptr ? Instant{} : here->until;
  if (!account.empty() && !in_good_standing && !is_known(network, account))
    if (const Record* its = find(account_key(account)); its != nullptr) until = std::max(until, its->until);
  if (until <= now) return {};
  ++put_off_;
  return Error{Reason::busy,
               "too many wrong credentials from here or for this account; try again later",
               {},
               static_cast<std::uint32_t>(to_ms(until - now) + 1)};
}

LoginThrottle::Slowed LoginThrottle::failed(std::uint64_t network, std::string_view account, Instant now) {
  ++failures_;
  if (free_ == 0 || memory_.records.empty()) return Slowed::nobody;
  Slowed slowed = Slowed::nobody;
  if (add(network_key(network), free_, kNetworkDelayMax, now)) slowed = Slowed::network;
  if (!account.empty() && add(account_key(account), free_ * kAccountFactor, kAccountDelayMax, now))
    slowed = Slowed::account;
  if (slowed == Slowed::nobody || now < tell_at_) return Slowed::nobody;
  tell_at_ = now + kToldEvery;
  return slowed;
}

void LoginThrottle::succeeded(std::uint64_t network, std::string_view account) {
  if (memory_.known.empty() || account.empty() || is_known(network, account)) return;
  memory_.known[next_known_] = pair_key(network, account);
  next_known_ = (next_known_ + 1) % memory_.known.size();
}

/// Whether it begins to be slowed.
bool LoginThrottle::add(std::uint64_t key, std::uint32_t free, Duration delay_max, Instant now) {
  Record& its = find_or_make(key, now);
  its.failures = left_of(its.failures, now - its.last) + 1;
  its.last = now;
  if (its.failures <= free) return false;
  const std::uint32_t beyond = std::min(its.failures - free - 1, std::uint32_t{16});
  its.until = now + std::min(delay_max, kDelayMin * (1U << beyond));
  return its.failures == free + 1;
}

const LoginThrottle::Record* LoginThrottle::find(std::uint64_t key) const {
  const auto found = std::find_if(memory_.records.begin(), memory_.records.end(),
                                  [&](const Record& its) { return its.failures > 0 && its.key == key; });
  return found != memory_.records.end() ? &*found : nullptr;
}

/// Where all records are taken, the one with the fewest failures gives way: whoever comes from many networks
/// forgets none of those that failed often.
LoginThrottle::Record& LoginThrottle::find_or_make(std::uint64_t key, Instant now) {
  if (const Record* found = find(key); found != nullptr)
    return memory_.records[static_cast<std::size_t>(found - memory_.records.data())];
  Record& its = *std::min_element(
      memory_.records.begin(), memory_.records.end(), [&](const Record& a, const Record& b) {
        return left_of(a.failures, now - a.last) < left_of(b.failures, now - b.last);
      });
  its = Record{};
  its.key = key;
  return its;
}

bool LoginThrottle::is_known(std::uint64_t network, std::string_view account) const {
  return std::find(memory_.known.begin(), memory_.known.end(), pair_key(network, account)) !=
         memory_.known.end();
}

}  // namespace signalbox::trust
