#include "protocol/messages/missed.hpp"

#include "protocol/json_writer.hpp"
#include "protocol/messages/telemetry.hpp"

namespace signalbox::protocol {
namespace {

using telemetry::HistoryWalk;

void write_gaps(JsonWriter& writer, const Missed& missed, const View& view) {
  const device::ChannelSet gaps = missed.recovery.gaps(view.history);
  if (gaps.none()) return;
  writer.key("gaps").begin_array();
  for (device::ChannelIndex i = 0; i < view.roster.channels().size() && writer.fits(); ++i) {
    if (!gaps.test(i)) continue;
    writer.begin_object().key("channel").text(view.roster.channels()[i].path);
    if (missed.recovery.foreign) {
      writer.key("from").null().key("to").null();
    } else {
      writer.key("from").counter(missed.recovery.after + 1);
      writer.key("to").counter(missed.recovery.gap_end(i, view.history));
    }
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace

void write_payload(JsonWriter& writer, const Missed& missed, const View& view) {
  writer.begin_object();
  writer.key("id").text(missed.id);
  writer.key("epoch").text(view.epoch);
  writer.key("offset").counter(missed.upto);
  write_gaps(writer, missed, view);
  writer.key("samples").begin_array();
  HistoryWalk walk{view.history, missed.recovery.channels, missed.recovery.after};
  while (!missed.recovery.foreign && writer.fits()) {
    const HistoryWalk::Step next = walk.next();
    if (next.entry == nullptr || next.entry->offset > missed.upto) break;
    const device::Channel& channel = view.roster.channels()[next.channel];
    writer.begin_object().key("channel").text(channel.path);
    write_past(writer, channel, *next.entry, view.history.label(*next.entry, view.clock));
    writer.end_object();
  }
  writer.end_array().end_object();
}

}  // namespace signalbox::protocol
