#pragma once

#include "protocol/dialect.hpp"

namespace signalbox::protocol {

/// Samples for tools that read one fixed format and send nothing: the latest value of each channel at first,
/// then what is new, a message for as many samples as came together. Times are Unix ms by the device's clock
/// and, in InfluxDB's lines, ns.
class Stream : public Dialect {
 private:
  Course do_course() const override { return Course::stream; }
  bool do_tells(const Told& told) const override;
  Decoded do_decode(std::string_view text) const override;
  std::string_view do_encode(const Answer& answer, const Principal* principal, const View& view,
                             std::span<char> into) const override;
  std::string_view do_encode(const Published& published, const View& view,
                             std::span<char> into) const override;
  /// Empty where it does not fit.
  virtual std::string_view do_write(const device::ChannelSet& channels, const View& view,
                                    std::span<char> into) const = 0;

 protected:
  ~Stream() = default;
};

/// `{"time":1763683200123,"cabin/temperature":21.5,"cabin/heater":true}`: a member for each channel, `null`
/// where there is no usable value; `time` is when it was told.
class FlatStream final : public Stream {
 public:
  static constexpr std::string_view kName = "stream.flat";

 private:
  std::string_view do_name() const override { return kName; }
  std::string_view do_write(const device::ChannelSet& channels, const View& view,
                            std::span<char> into) const override;
};

/// `[{"time":1763683200123,"channel":"cabin/temperature","value":21.5,"quality":"good"}]`: an object for each
/// sample; `time` is when it was taken.
class LongStream final : public Stream {
 public:
  static constexpr std::string_view kName = "stream.long";

 private:
  std::string_view do_name() const override { return kName; }
  std::string_view do_write(const device::ChannelSet& channels, const View& view,
                            std::span<char> into) const override;
};

/// InfluxDB's line protocol, a line for each sample: measurement `signalbox`, tags `device` and `channel`,
/// the field `value` (of enumerations and text `text`, of booleans `state`) and, as `quality`, its quality:
///
///     signalbox,device=bench-1,channel=cabin/temperature value=21.5,quality="good" 1763683200123000000
///
/// A line protocol keeps one type for each field, so kinds of values have fields of their own. What has no
/// usable value has its quality alone.
class InfluxStream final : public Stream {
 public:
  static constexpr std::string_view kName = "stream.influx";

 private:
  std::string_view do_name() const override { return kName; }
  std::string_view do_write(const device::ChannelSet& channels, const View& view,
                            std::span<char> into) const override;
};

}  // namespace signalbox::protocol
