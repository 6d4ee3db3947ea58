#include "hal/linux/attribute.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "hal/linux/attribute_worker.hpp"
#include "hal/linux/socket_pair.hpp"

namespace signalbox::hal::kernel {
namespace {

/// How often the end of a conversion is looked for, which takes 750 ms.
constexpr Duration kConversionPoll = from_ms(20);

/// Of a source, for a person: `lm75 temp1`, `28-0123456789ab`.
FixedText<63> words_for(const FixedText<31>& device, const FixedText<31>& channel) {
  return format_text<63>("%s%s%s", device.c_str(), channel.empty() ? "" : " ", channel.c_str());
}

}  // namespace

Result<void> Attribute::open(bool fenced, std::string_view root) {
  const auto sys = format_text<127>("%.*s/sys", length(root), root.data());
  for (PortLink* link : {&quick_, &one_wire_}) {
    Result<SocketPair> sockets = SocketPair::open();
    if (!sockets) return sockets.error();
    if (AttributeWorker{sockets->theirs.number(), fenced, root, sys.c_str()}.start() < 0)
      return last_error("the process that reads the kernel's sensors");
    *link = PortLink{std::move(sockets->ours)};
  }
  return {};
}

PortLink& Attribute::link_of(AttributeSource::Subsystem subsystem) {
  return subsystem == AttributeSource::Subsystem::one_wire ? one_wire_ : quick_;
}

int Attribute::do_claim(const AttributeSource& source) {
  if (!Sysfs::is_source(source)) return kNoSource;
  const auto free =
      std::find_if(sources_.begin(), sources_.end(), [](const Source& its) { return !its.is_claimed; });
  if (free == sources_.end()) return kNoSource;
  *free = {.subsystem = source.subsystem,
           .device = source.device,
           .channel = source.channel,
           .is_claimed = true,
           .reading = nullptr,
           .trouble = {}};
  return static_cast<int>(free - sources_.begin());
}

void Attribute::do_release_source(int source) {
  if (source >= 0) sources_[static_cast<std::size_t>(source)].is_claimed = false;
}

void Attribute::do_read(int source, AttributeReading& reading) {
  Source& its = sources_[static_cast<std::size_t>(source)];
  PortRequest request;
  request.kind = PortRequest::Kind::measure;
  request.deadline = reading.deadline;
  request.subsystem = its.subsystem;
  request.name = its.device;
  request.channel = its.channel;
  its.reading = &reading;
  if (!link_of(its.subsystem).submit(request, &its, finish)) reading.completion = Completion::failed;
}

void Attribute::finish(void* record, const PortReply& reply) {
  Source& its = *static_cast<Source*>(record);
  its.reading->value = reply.value;
  its.reading->completion = reply.completion;
  const bool is_right = reply.completion == Completion::done;
  if (is_right ? its.trouble.empty() : its.trouble == reply.why) return;
  log(is_right ? Severity::info : Severity::warning, "sensor %s: %s",
      words_for(its.device, its.channel).c_str(), is_right ? "it is there" : reply.why.c_str());
  its.trouble = is_right ? FixedText<95>{} : reply.why;
}

void Attribute::poll(Instant now) {
  now_ = now;
  for (PortLink* link : {&quick_, &one_wire_}) {
    const PortLink::News news = link->poll(now);
    const char* what = link == &quick_ ? "the kernel's sensors" : "1-wire thermometers";
    if (news.gone) log(Severity::error, "the process that reads %s is gone for good: restart this one", what);
    if (news.died)
      log(Severity::warning, "the process that reads %s hung or died; another one takes over", what);
  }
}

Instant Attribute::next() const {
  const Instant seldom = one_wire_.next() == kNever ? kNever : now_ + kConversionPoll;
  return std::min(quick_.next(), seldom);
}

}  // namespace signalbox::hal::kernel
