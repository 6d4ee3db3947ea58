#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "hal/entropy.hpp"
#include "hal/store.hpp"
#include "trust/random.hpp"

namespace signalbox::trust {

/// A store in memory that can be looked into, and can fail. What is saved is there when it is polled next.
class MemoryStore : public hal::Store {
 public:
  std::map<std::string, std::string, std::less<>> records;
  int writes_left = 1000;                          ///< then the disk is full
  std::string_view unreadable;                     ///< the name of one that cannot even be looked at
  std::string_view stuck;                          ///< the name of one that cannot be removed
  std::function<void(std::string_view)> on_write;  ///< told the name of each that was

 private:
  Result<std::size_t> do_read(std::string_view name, std::span<char> into) override {
    if (name == unreadable) return Error{Reason::failed, "cannot look at it"};
    const auto found = records.find(name);
    if (found == records.end()) return Error{Reason::not_found, "no such record"};
    if (found->second.size() > into.size()) return Error{Reason::too_big, "the record is too big"};
    std::copy(found->second.begin(), found->second.end(), into.begin());
    return found->second.size();
  }
  Result<void> do_write(std::string_view name, std::string_view record) override {
    if (writes_left-- <= 0) return Error{Reason::failed, "no space left"};
    records[std::string{name}] = record;
    if (on_write) on_write(name);
    return {};
  }
  Result<void> do_remove(std::string_view name) override {
    if (name == stuck) return Error{Reason::failed, "cannot remove it"};
    const auto found = records.find(name);
    if (found == records.end()) return Error{Reason::not_found, "no such record"};
    records.erase(found);
    return {};
  }
  void do_save(hal::SaveOperation& operation) override {
    saving_ = &operation;
    name_ = operation.name;
    record_ = operation.record;
  }
  void do_poll(Instant) override {
    if (saving_ == nullptr) return;
    const Result<void> written = do_write(name_, record_);
    if (!written) saving_->why = written.error().detail;
    std::exchange(saving_, nullptr)->completion = written ? hal::Completion::done : hal::Completion::failed;
  }
  Instant do_next() const override { return saving_ == nullptr ? kNever : Instant{}; }

  hal::SaveOperation* saving_ = nullptr;
  std::string name_;
  std::string record_;
};

/// Randomness that repeats with its seed, and can run dry.
class SeededEntropy : public hal::Entropy {
 public:
  explicit SeededEntropy(unsigned seed) : generator_{seed} {}
  bool good = true;
  int fills_left = 1000;  ///< then it is not good any more

 private:
  bool do_fill(std::span<std::byte> bytes) override {
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(generator_());
    return good && fills_left-- > 0;
  }
  std::mt19937 generator_;
};

/// Nothing comes out of it from now on, as where its time was up and the board had no randomness for it.
inline void run_dry(Random& random, SeededEntropy& entropy) {
  entropy.good = false;
  mbedtls_ctr_drbg_set_reseed_interval(static_cast<mbedtls_ctr_drbg_context*>(random.generator()), 0);
}

}  // namespace signalbox::trust
