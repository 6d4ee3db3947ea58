#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/instant.hpp"
#include "base/pool_gauge.hpp"
#include "link/cut_records.hpp"
#include "link/shared_ciphers.hpp"
#include "link/time_source.hpp"

struct mbedtls_ssl_context;

namespace signalbox::link {

/// The buffers for TLS records: one pair for all connections that have shaken hands, where mbedTLS has 21 KB
/// for each; and what seals and opens records (link/shared_ciphers). All that knows mbedTLS's inside is here
/// and in the sources; mbedTLS's functions that look into the buffers are replaced when the program is linked
/// (`--wrap`, see firmware/link/link.cmake), so nobody has to call this.
///
/// With its first application data a connection gives its own buffers back, and what only the handshake
/// needed. From then on it keeps between two calls: its keys, how many records have come, up to five bytes of
/// the next one's head, and what is **cut**: a record that came in part, one that was read in part, one that
/// was sent in part. Such a record lies in a block of its own length. The pair is wiped after each call.
///
/// Cut records that came have a cap in all; where it is met, the connection that has kept one for longest is
/// refused, so that whoever dribbles cannot lock out whoever sends. What is still to be sent has no cap: it
/// is at most one record of 4 KB for each connection, and its peer's slowness is no fault.
class RecordBuffers {
 public:
  struct Limits {
    std::size_t cut_bytes_max = 0;  ///< of cut records that came, in all
    Duration whole_within{};        ///< from a cut record's first call to its last byte
  };
  /// Why a connection's records are not read any more.
  enum class Fault : std::uint8_t { none, no_room, too_slow, lost };
  struct Refused {
    const void* bio;  ///< what was given to mbedtls_ssl_set_bio
    Fault fault;
  };

  RecordBuffers() = default;
  RecordBuffers(const RecordBuffers&) = delete;
  RecordBuffers& operator=(const RecordBuffers&) = delete;
  ~RecordBuffers() { stop(); }

  /// From now on servers' connections share these buffers. One for the process.
  void start(const Limits& limits, TimeSource time);
  /// After the last of them was freed.
  void stop();

  /// Refuses those whose record is not whole in time; returns when there may be one next.
  Instant step(Instant now);
  /// Takes one off those that were refused since. What its peer still sends is thrown away, what it is to be
  /// told can be sent (not where the fault is `lost`: a record was sent in part, and its rest had no room).
  std::optional<Refused> take_refused();

  /// Bytes of cut records that came; refused: connections that lost theirs for want of room.
  const PoolGauge& cut() const { return cut_.gauge(); }
  /// Connections that lost theirs since it was not whole in time.
  std::uint64_t too_slow() const { return too_slow_; }

  /// What is free before and behind the content of a record that is to be sealed.
  static constexpr std::size_t kBeforeContent = 5 + 8;    ///< its head, and the nonce of TLS 1.2
  static constexpr std::size_t kBehindContent = 16 + 16;  ///< TLS 1.3's type and padding, and the tag
  /// Whether records of 4 KB may be sealed now, without the pair: it has shaken hands, and nothing of an
  /// earlier one is still to be sent.
  static bool may_seal(mbedtls_ssl_context& tls);
  /// Seals so many bytes of application data that lie in `memory` between these two; the record, which is
  /// ready to be sent. Empty: mbedTLS failed, and the connection with it.
  static std::span<unsigned char> seal(mbedtls_ssl_context& tls, std::span<unsigned char> memory,
                                       std::size_t size);

  // In mbedTLS's place.
  static int read(mbedtls_ssl_context& tls, unsigned char* into, std::size_t size);
  static int write(mbedtls_ssl_context& tls, const unsigned char* bytes, std::size_t size);
  static int close_notify(mbedtls_ssl_context& tls);
  static void forget(mbedtls_ssl_context& tls);

 private:
  struct Kept;

  static constexpr std::size_t kCounterBytes = 8;  ///< stand before a record's head
  static constexpr std::size_t kHeadBytes = 5;
  /// 16 KB (and 4 KB) of content and what mbedTLS adds; checked against each connection's.
  static constexpr std::size_t kInBytes = 16 * 1024 + 512;
  static constexpr std::size_t kOutBytes = 4 * 1024 + 512;

  static Kept* kept_of(mbedtls_ssl_context& tls);
  static Kept& owner_of(CutRecords::Block& block);
  Kept* take_over(mbedtls_ssl_context& tls);
  template <typename Call>
  static int within(mbedtls_ssl_context& tls, Call&& call);
  void open(Kept& kept);
  void enter(Kept& kept);
  void leave(Kept& kept, int result);
  void keep_input(Kept& kept);
  void keep_output(Kept& kept);
  CutRecords::Block* cut(Kept& kept, std::size_t bytes, bool anew);
  void release(Kept& kept);
  void release_output(Kept& kept);
  void refuse(Kept& kept, Fault fault);
  int throw_away(mbedtls_ssl_context& tls);
  void wipe(bool all);
  /// To the address sanitizer: between two calls nobody looks into the pair.
  void allow();
  void forbid();
  static int receive(void* bio, unsigned char* into, std::size_t size);
  static int send(void* bio, const unsigned char* bytes, std::size_t size);

  alignas(16) std::array<unsigned char, kInBytes> in_{};
  alignas(16) std::array<unsigned char, kOutBytes> out_{};
  std::size_t in_used_ = 0;  ///< of the pair, since it was wiped
  std::size_t out_used_ = 0;
  Kept* inside_ = nullptr;  ///< whose call is under way
  Duration whole_within_{};
  TimeSource time_;
  int (*receive_)(void* bio, unsigned char* into, std::size_t size) = nullptr;
  int (*send_)(void* bio, const unsigned char* bytes, std::size_t size) = nullptr;
  Kept* refused_ = nullptr;
  std::size_t connections_ = 0;
  SharedCiphers ciphers_;
  CutRecords cut_;
  std::uint64_t too_slow_ = 0;
};

}  // namespace signalbox::link
