#pragma once

#include <cstdint>
#include <span>

#include "base/check.hpp"
#include "device/channel.hpp"
#include "device/sample.hpp"

namespace signalbox::device {

/// The latest of one channel.
struct Latest {
  Sample sample;
  std::uint64_t offset = 0;       ///< the device's offset at which it was written; 0: never
  std::uint64_t version = 0;      ///< how often value or quality changed
  std::uint64_t declared_at = 0;  ///< the device's offset at which it was declared anew; 0: never
  bool was_read = false;          ///< false: no value yet, what `sample` holds means nothing
};

/// The latest sample of each channel, and the device's offset: one counter of all samples and events
/// since start.
class Values {
 public:
  explicit Values(std::span<Latest> latest) : latest_{latest} {
    for (Latest& each : latest_) each = Latest{};  // the memory may have served before
  }

  void put(ChannelIndex channel, const Sample& sample) {
    Latest& latest = at(channel);
    if (latest.offset == 0 || latest.sample.value != sample.value || latest.sample.quality != sample.quality)
      ++latest.version;
    latest.sample = sample;
    latest.was_read = latest.was_read || is_usable(sample.quality);
    latest.offset = advance();
  }
  /// Nothing is known of the channel any more, as before its first reading.
  void forget(ChannelIndex channel, Instant now) {
    Latest& latest = at(channel);
    latest.sample = Sample{.taken_at = now};
    latest.was_read = false;
    ++latest.version;
    latest.offset = latest.declared_at = declared_at_ = advance();
  }
  /// The channel's declaration changed; its value did not.
  void redeclare(ChannelIndex channel) {
    ++at(channel).version;
    at(channel).declared_at = declared_at_ = advance();
  }
  /// The channels whose declarations changed after that offset.
  ChannelSet declared_since(std::uint64_t offset) const {
    ChannelSet found;
    if (declared_at_ <= offset) return found;
    for (std::size_t i = 0; i < latest_.size(); ++i)
      if (latest_[i].declared_at > offset) found.set(i);
    return found;
  }
  const Latest& of(ChannelIndex channel) const { return const_cast<Values*>(this)->at(channel); }
  std::uint64_t offset() const { return offset_; }
  /// The next offset, for something that happened beside the samples.
  std::uint64_t advance() { return ++offset_; }

 private:
  Latest& at(ChannelIndex channel) {
    SIGNALBOX_CHECK(channel < latest_.size());
    return latest_[channel];
  }

  std::span<Latest> latest_;
  std::uint64_t offset_ = 0;
  std::uint64_t declared_at_ = 0;  ///< the newest of the channels'
};

}  // namespace signalbox::device
