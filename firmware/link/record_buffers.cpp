#include "link/record_buffers.hpp"

#include <algorithm>
#include <cstring>
#include <mbedtls/net_sockets.h>  // its error codes
#include <mbedtls/platform.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/ssl.h>

#include "base/check.hpp"
#include "link/handshake_leftovers.hpp"
#include "link/mbedtls_inside.hpp"
#include "link/record_kept.hpp"
#include "memory/poison.hpp"

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names
extern "C" {
int __real_mbedtls_ssl_read(mbedtls_ssl_context* tls, unsigned char* into, std::size_t size);
int __real_mbedtls_ssl_write(mbedtls_ssl_context* tls, const unsigned char* bytes, std::size_t size);
int __real_mbedtls_ssl_close_notify(mbedtls_ssl_context* tls);
}
// NOLINTEND(bugprone-reserved-identifier)

namespace signalbox::link {
namespace {

RecordBuffers* shared = nullptr;  // mbedTLS's functions have no argument of ours

bool may_go_on(int result) {
  return result >= 0 || result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

/// The same place in another buffer.
void move(unsigned char*& place, const unsigned char* from, unsigned char* to) {
  if (place != nullptr) place = to + (place - from);
}

}  // namespace

void RecordBuffers::allow() {
  memory::unpoison(in_.data(), in_.size());
  memory::unpoison(out_.data(), out_.size());
}

void RecordBuffers::forbid() {
  memory::poison(in_.data(), in_.size());
  memory::poison(out_.data(), out_.size());
}

void RecordBuffers::start(const Limits& limits, TimeSource time) {
  SIGNALBOX_CHECK(shared == nullptr);
  shared = this;
  cut_.set_cap(limits.cut_bytes_max);
  whole_within_ = limits.whole_within;
  time_ = time;
  forbid();
}

void RecordBuffers::stop() {
  if (shared != this) return;
  SIGNALBOX_CHECK(connections_ == 0);
  shared = nullptr;
  allow();
}

RecordBuffers::Kept* RecordBuffers::kept_of(mbedtls_ssl_context& tls) {
  if (shared == nullptr) return nullptr;
  if (void* kept = mbedtls_ssl_get_user_data_p(&tls); kept != nullptr) return static_cast<Kept*>(kept);
  const bool is_open = tls.private_conf != nullptr && tls.private_state == MBEDTLS_SSL_HANDSHAKE_OVER &&
                       tls.private_conf->private_endpoint == MBEDTLS_SSL_IS_SERVER &&
                       tls.private_conf->private_transport == MBEDTLS_SSL_TRANSPORT_STREAM;
  return is_open && tls.private_in_buf != nullptr ? shared->take_over(tls) : nullptr;
}

/// Moves what is in the connection's own buffers. Where there is no room even for what it keeps, it stays as
/// it is.
RecordBuffers::Kept* RecordBuffers::take_over(mbedtls_ssl_context& tls) {
  const std::size_t in_size = tls.private_in_buf_len;
  const std::size_t out_size = tls.private_out_buf_len;
  SIGNALBOX_CHECK(in_size <= in_.size() && out_size <= out_.size());
  if (connections_ == 0) {
    receive_ = tls.private_f_recv;
    send_ = tls.private_f_send;
  }
  if (receive_ != tls.private_f_recv || send_ != tls.private_f_send || tls.private_f_recv_timeout != nullptr)
    return nullptr;
  const std::size_t key_bytes = SharedCiphers::key_bytes(tls);
  auto* kept = static_cast<Kept*>(mbedtls_calloc(1, sizeof(Kept) + key_bytes));
  if (kept == nullptr) return nullptr;
  kept->tls = &tls;
  kept->key_bytes = static_cast<std::uint16_t>(key_bytes);
  kept->sends_4k = mbedtls_ssl_get_max_out_record_payload(&tls) >= MBEDTLS_SSL_OUT_CONTENT_LEN - 1;
  ++connections_;
  mbedtls_ssl_set_user_data_p(&tls, kept);

  unsigned char* in = tls.private_in_buf;
  unsigned char* out = tls.private_out_buf;
  tls.private_in_buf = tls.private_out_buf = nullptr;
  free_handshake_leftovers(tls);
  if (key_bytes != 0) ciphers_.share(tls, kept->keys());
  open(*kept);
  std::memcpy(in_.data(), in, in_size);
  std::memcpy(out_.data(), out, out_size);
  in_used_ = in_size;
  out_used_ = out_size;
  for (unsigned char** place : {&tls.private_in_ctr, &tls.private_in_hdr, &tls.private_in_len,
                                &tls.private_in_iv, &tls.private_in_msg, &tls.private_in_offt})
    move(*place, in, in_.data());
  for (unsigned char** place : {&tls.private_out_ctr, &tls.private_out_hdr, &tls.private_out_len,
                                &tls.private_out_iv, &tls.private_out_msg})
    move(*place, out, out_.data());
  wipe_and_free(in, in_size);
  wipe_and_free(out, out_size);
  tls.private_f_recv = receive;
  tls.private_f_send = send;
  leave(*kept, 0);
  return kept;
}

void RecordBuffers::open(Kept& kept) {
  SIGNALBOX_CHECK(inside_ == nullptr);
  inside_ = &kept;
  allow();
  kept.tls->private_in_buf = in_.data();
  kept.tls->private_out_buf = out_.data();
}

/// Puts back what `leave` took.
void RecordBuffers::enter(Kept& kept) {
  const mbedtls_ssl_context& tls = *kept.tls;
  ciphers_.load(tls, kept.keys());
  std::memcpy(in_.data(), kept.counter.data(), kCounterBytes);
  in_used_ = kCounterBytes + kept.in_size;
  if (kept.in_size > 0) {
    const bool is_cut = kept.in != nullptr && tls.private_in_offt == nullptr;
    std::memcpy(in_.data() + kCounterBytes, is_cut ? kept.in->bytes() : kept.head.data(), kept.in_size);
  }
  if (tls.private_out_left == 0) return;
  std::memcpy(tls.private_out_hdr - tls.private_out_left, kept.out, tls.private_out_left);
  out_used_ = static_cast<std::size_t>(tls.private_out_hdr - out_.data());
}

void RecordBuffers::leave(Kept& kept, int result) {
  mbedtls_ssl_context& tls = *kept.tls;
  const bool goes_on = may_go_on(result);
  if (!goes_on) kept.drop_input();
  keep_input(kept);
  keep_output(kept);
  wipe(!goes_on);
  tls.private_in_buf = tls.private_out_buf = nullptr;
  inside_ = nullptr;
}

/// Of the peer's further records; what a read says that got nothing.
int RecordBuffers::throw_away(mbedtls_ssl_context& tls) {
  allow();
  const int result = receive_(tls.private_p_bio, in_.data(), in_.size());
  if (result > 0) in_used_ = static_cast<std::size_t>(result);
  wipe(false);
  return result > 0 ? MBEDTLS_ERR_SSL_WANT_READ : result;
}

void RecordBuffers::wipe(bool all) {
  mbedtls_platform_zeroize(in_.data(), all ? in_.size() : in_used_);
  mbedtls_platform_zeroize(out_.data(), all ? out_.size() : out_used_);
  in_used_ = out_used_ = 0;
  forbid();
}

// mbedTLS works in place: what was written into the pair lies where something was received or is sent from.
int RecordBuffers::receive(void* bio, unsigned char* into, std::size_t size) {
  const int result = shared->receive_(bio, into, size);
  if (result > 0)
    shared->in_used_ =
        std::max(shared->in_used_, static_cast<std::size_t>(into + result - shared->in_.data()));
  return result;
}

int RecordBuffers::send(void* bio, const unsigned char* bytes, std::size_t size) {
  shared->out_used_ =
      std::max(shared->out_used_, static_cast<std::size_t>(bytes + size - shared->out_.data()));
  return shared->send_(bio, bytes, size);
}

/// What mbedTLS does with the connection's records in the pair, or in buffers of its own where it has some.
template <typename Call>
int RecordBuffers::within(mbedtls_ssl_context& tls, Call&& call) {
  Kept* kept = kept_of(tls);
  if (kept == nullptr) return call();
  if (kept->fault == Fault::lost) return MBEDTLS_ERR_NET_CONN_RESET;
  shared->open(*kept);
  shared->enter(*kept);
  const int result = call();
  shared->leave(*kept, result);
  return result;
}

int RecordBuffers::read(mbedtls_ssl_context& tls, unsigned char* into, std::size_t size) {
  Kept* kept = kept_of(tls);
  if (kept != nullptr && kept->fault == Fault::none && tls.private_in_offt != nullptr) {
    const int result =
        __real_mbedtls_ssl_read(&tls, into, size);  // from its block; nothing else is looked at
    if (tls.private_in_offt == nullptr) shared->release(*kept);
    return result;
  }
  if (kept != nullptr && kept->fault != Fault::none && kept->fault != Fault::lost)
    return shared->throw_away(tls);
  return within(tls, [&] { return __real_mbedtls_ssl_read(&tls, into, size); });
}

int RecordBuffers::write(mbedtls_ssl_context& tls, const unsigned char* bytes, std::size_t size) {
  return within(tls, [&] { return __real_mbedtls_ssl_write(&tls, bytes, size); });
}

bool RecordBuffers::may_seal(mbedtls_ssl_context& tls) {
  const Kept* kept = kept_of(tls);
  return kept != nullptr && kept->sends_4k && kept->fault != Fault::lost && tls.private_out_left == 0;
}

std::span<unsigned char> RecordBuffers::seal(mbedtls_ssl_context& tls, std::span<unsigned char> memory,
                                             std::size_t size) {
  SIGNALBOX_CHECK(shared->inside_ == nullptr && memory.size() >= kBeforeContent + size + kBehindContent);
  shared->ciphers_.load_outgoing(tls, kept_of(tls)->keys());
  const std::size_t begin = kBeforeContent - mbedtls_ssl_seal_offset(&tls);
  const int length = mbedtls_ssl_seal(&tls, memory.data() + begin, memory.size() - begin, size);
  return length > 0 ? memory.subspan(begin, static_cast<std::size_t>(length)) : std::span<unsigned char>{};
}

int RecordBuffers::close_notify(mbedtls_ssl_context& tls) {
  return within(tls, [&] { return __real_mbedtls_ssl_close_notify(&tls); });
}

void RecordBuffers::forget(mbedtls_ssl_context& tls) {
  auto* kept = static_cast<Kept*>(mbedtls_ssl_get_user_data_p(&tls));
  if (kept == nullptr) return;
  SIGNALBOX_CHECK(shared != nullptr && shared->inside_ == nullptr);
  shared->release(*kept);
  shared->release_output(*kept);
  for (Kept** each = &shared->refused_; *each != nullptr; each = &(*each)->next_refused) {
    if (*each != kept) continue;
    *each = kept->next_refused;
    break;
  }
  shared->ciphers_.forget(tls, kept->keys());
  if (--shared->connections_ == 0) shared->ciphers_.clear();
  tls.private_in_offt = nullptr;
  mbedtls_ssl_set_user_data_p(&tls, nullptr);
  wipe_and_free(reinterpret_cast<unsigned char*>(kept), kept->bytes());
}

}  // namespace signalbox::link
