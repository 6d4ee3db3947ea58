// What `RecordBuffers` keeps of a connection's records between two calls, and whom it refuses.
#include <algorithm>
#include <cstring>

#include "link/record_kept.hpp"

namespace signalbox::link {

RecordBuffers::Kept& RecordBuffers::owner_of(CutRecords::Block& block) {
  return *static_cast<Kept*>(block.owner);
}

/// To be found again by `enter`: a record in part as it came, one that is read in part as what is left of it.
void RecordBuffers::keep_input(Kept& kept) {
  mbedtls_ssl_context& tls = *kept.tls;
  const bool is_next = std::memcmp(kept.counter.data(), in_.data(), kCounterBytes) != 0;
  std::memcpy(kept.counter.data(), in_.data(), kCounterBytes);
  unsigned char* offered = tls.private_in_offt;
  if (offered != nullptr && kept.in != nullptr && !is_next) return;  // it lies there since an earlier call
  kept.in_size = 0;
  if (offered != nullptr) {
    CutRecords::Block* block = cut(kept, tls.private_in_msglen, true);
    if (block == nullptr) return refuse(kept, Fault::no_room);
    std::memcpy(block->bytes(), offered, tls.private_in_msglen);
    tls.private_in_offt = block->bytes();
    return;
  }
  const bool message_waits = tls.private_keep_current_message != 0 ||
                             (tls.private_in_hslen != 0 && tls.private_in_hslen < tls.private_in_msglen);
  if (!message_waits) {
    tls.private_in_msglen = 0;  // it was consumed, as mbedTLS would find at its next read
    if (tls.private_badmac_seen_or_in_hsfraglen == 0) tls.private_in_hslen = 0;
  }
  unsigned char* start = in_.data() + kCounterBytes;
  if (!message_waits && tls.private_in_hslen == 0 && tls.private_in_left == 0) tls.private_in_hdr = start;
  const unsigned char* end = tls.private_in_hdr + tls.private_in_left;
  if (message_waits) end = std::max<const unsigned char*>(end, tls.private_in_msg + tls.private_in_msglen);
  const auto size = static_cast<std::size_t>(end - start);
  kept.in_size = static_cast<std::uint16_t>(size);
  if (size <= kHeadBytes) {
    release(kept);
    std::memcpy(kept.head.data(), start, size);
    return;
  }
  // Once the head has come, the block has room for the whole record, whose length mbedTLS has checked.
  std::size_t room = size;
  if (tls.private_in_left > kHeadBytes) {
    const std::size_t length = static_cast<std::size_t>(tls.private_in_hdr[3]) << 8U | tls.private_in_hdr[4];
    room = std::max(room, static_cast<std::size_t>(tls.private_in_hdr - start) + kHeadBytes + length);
  }
  CutRecords::Block* block = cut(kept, room, is_next);
  if (block == nullptr) return refuse(kept, Fault::no_room);
  std::memcpy(block->bytes(), start, size);
}

void RecordBuffers::keep_output(Kept& kept) {
  mbedtls_ssl_context& tls = *kept.tls;
  const std::size_t size = tls.private_out_left;
  if (size == 0) return release_output(kept);
  if (size > kept.out_room) {
    release_output(kept);
    kept.out = static_cast<unsigned char*>(mbedtls_calloc(1, size));
    while (kept.out == nullptr && cut_.oldest() != nullptr) {
      refuse(owner_of(*cut_.oldest()), Fault::no_room);
      kept.out = static_cast<unsigned char*>(mbedtls_calloc(1, size));
    }
    if (kept.out == nullptr) {
      tls.private_out_left = 0;
      return refuse(kept, Fault::lost);
    }
    kept.out_room = static_cast<std::uint16_t>(size);
  }
  std::memcpy(kept.out, tls.private_out_hdr - size, size);
}

/// A block of so many bytes for the record that came: the one it has, or, `anew` or where that is too short,
/// another, for which those that are older have to go where there is no room. nullptr: there is none.
CutRecords::Block* RecordBuffers::cut(Kept& kept, std::size_t bytes, bool anew) {
  if (kept.in != nullptr && !anew && kept.in->room >= bytes) return kept.in;
  const Instant since = kept.in != nullptr && !anew ? kept.in->since : time_.now();
  release(kept);
  if (!cut_.may_fit(bytes)) return nullptr;
  kept.in = cut_.take(&kept, bytes, since);
  while (kept.in == nullptr && cut_.oldest() != nullptr) {
    refuse(owner_of(*cut_.oldest()), Fault::no_room);
    kept.in = cut_.take(&kept, bytes, since);
  }
  return kept.in;
}

void RecordBuffers::release(Kept& kept) {
  if (kept.in != nullptr) cut_.give_back(*kept.in);
  kept.in = nullptr;
}

void RecordBuffers::release_output(Kept& kept) {
  if (kept.out == nullptr) return;
  wipe_and_free(kept.out, kept.out_room);
  kept.out = nullptr;
  kept.out_room = 0;
}

void RecordBuffers::refuse(Kept& kept, Fault fault) {
  release(kept);
  kept.drop_input();
  kept.in_size = 0;
  if (fault == Fault::too_slow)
    ++too_slow_;
  else
    cut_.count_refused();
  if (kept.fault == Fault::none) {
    kept.next_refused = refused_;
    refused_ = &kept;
  }
  kept.fault = fault;
}

std::optional<RecordBuffers::Refused> RecordBuffers::take_refused() {
  if (refused_ == nullptr) return std::nullopt;
  const Kept& first = *refused_;
  refused_ = first.next_refused;
  return Refused{first.tls->private_p_bio, first.fault};
}

Instant RecordBuffers::step(Instant now) {
  for (CutRecords::Block* block = cut_.oldest(); block != nullptr;) {
    Kept& owner = owner_of(*block);
    const Instant until = block->since + whole_within_;
    block = block->newer;
    if (owner.tls->private_in_offt != nullptr) continue;  // it is whole: we do not read it
    if (until > now) return until;
    refuse(owner, Fault::too_slow);
  }
  return kNever;
}

}  // namespace signalbox::link
