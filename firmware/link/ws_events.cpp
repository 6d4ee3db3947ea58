#include <algorithm>
#include <libwebsockets.h>
#include <signalbox_lws.h>
#include <utility>

#include "link/frame_writer.hpp"
#include "link/lws_hooks.hpp"
#include "link/ws_server.hpp"

namespace signalbox::link {
namespace {

using Kind = FrameReader::Event::Kind;
using session::Outgoing;
using session::Phase;

/// What the next frame has to have, to be in the same record: the sender's word for any message but the long
/// ones.
constexpr std::size_t kNextFrameRoom = 2048;

void add_close(FrameWriter& frames, std::uint16_t code, std::string_view reason) {
  std::array<char, FrameReader::kControlBytesMax> payload{static_cast<char>(code >> 8U),
                                                          static_cast<char>(code)};
  const FixedText<FrameReader::kControlBytesMax - 2> cut{reason};
  const std::size_t size = code == 0 ? 0 : 2 + cut.view().copy(payload.data() + 2, cut.size());
  frames.add(FrameWriter::Kind::close, {payload.data(), size});
}

}  // namespace

void WsServer::on_tls_done(Connection& connection) {
  if (connection.phase != Phase::tcp) return;
  door_.life().step(Phase::tcp, Phase::tls);
  connection.phase = Phase::tls;
  connection.since = loop_.now();
  if (tls_) loop_.read_ahead(connection.fd);
}

void WsServer::on_open(Connection& connection) {
  connection.opened = true;
  if (tls_ && connection.is_socket()) connection.tls = signalbox_tls_of(connection.wsi);
  if (!connection.begun) door_.opened(connection.session, loop_.now());
  if (!connection.dropped) lws_callback_on_writable(connection.wsi);
}

int WsServer::on_bytes(Connection& connection, std::span<unsigned char>& input) {
  const bool may_be_more = input.size() >= kReadBytes || loop_.has_unread(connection.fd);
  reading_ = &connection;
  const int result = take_bytes(connection, input);
  reading_ = nullptr;
  if (!std::exchange(owed_, false) || result != 0) return result;
  // Once all that came was read, and where the socket takes it: now, without libwebsockets' way round.
  if (!may_be_more && !connection.paused && takes_more(connection)) return on_writable(connection);
  ask_to_write(connection);
  return 0;
}

int WsServer::take_bytes(Connection& connection, std::span<unsigned char>& input) {
  pongs_left_ = kPongsPerCall;
  const std::size_t size = input.size();
  const bool late = is_late(connection);
  bool told = false;
  while (!input.empty() && !connection.paused) {
    if (connection.dropped) {
      input = {};
      break;
    }
    const FrameReader::Event event = connection.reader.read(input);
    if (event.kind == Kind::nothing) break;
    told = true;
    if (on_frame(connection, event) != 0) return kHangUp;
  }
  if (late) connection.late_bytes += static_cast<std::uint32_t>(size - input.size());
  if (connection.late_bytes > kLateBytesMax) return kHangUp;
  // Crumbs of a frame's head or of a ping: each costs as much time as a frame.
  if (!told && !late && connection.session && size > input.size())
    heed(connection, door_.heard(connection.session, loop_.now()));
  return 0;
}

void WsServer::heed(Connection& connection, session::Reading reading) {
  if (reading != session::Reading::pause || connection.paused) return;
  connection.paused = true;
  lws_rx_flow_control(connection.wsi, 0);
}

int WsServer::on_frame(Connection& connection, const FrameReader::Event& event) {
  const bool heard = connection.session && !connection.closing;
  switch (event.kind) {
    case Kind::text:
      if (heard)
        heed(connection,
             door_.received(connection.session, event.bytes, event.first, event.last, loop_.now()));
      return 0;
    case Kind::ping:
      if (heard) heed(connection, door_.heard(connection.session, loop_.now()));
      return connection.closing ? 0 : on_ping(connection, event.bytes);
    case Kind::pong:
      if (heard) heed(connection, door_.heard(connection.session, loop_.now()));
      return 0;
    case Kind::close:
      if (connection.closing) return kHangUp;  // the answer to ours
      connection.close_code = event.code;
      lws_callback_on_writable(connection.wsi);
      return 0;
    case Kind::violation:
      if (connection.closing) return kHangUp;
      if (heard) door_.refuse(connection.session, event.code, event.why, loop_.now());
      lws_callback_on_writable(connection.wsi);
      return 0;
    case Kind::nothing: return 0;
  }
  return 0;
}

int WsServer::on_ping(Connection& connection, std::string_view payload) {
  // While something waits for the socket, only the latest ping is answered, as RFC 6455 section 5.5.3 allows:
  // who sends pings and reads nothing costs no memory, and who sends nothing else costs little time.
  if (!connection.pong_owed && pongs_left_-- > 0 && !is_held_by_lws(connection)) {
    FrameWriter frames = writer(connection);
    frames.add(FrameWriter::Kind::pong, payload);
    return send(connection, frames);
  }
  connection.pong_owed = true;
  connection.pong_size = static_cast<std::uint8_t>(payload.size());
  std::copy(payload.begin(), payload.end(), connection.pong.begin());
  lws_callback_on_writable(connection.wsi);
  return 0;
}

int WsServer::on_writable(Connection& connection) {
  if (connection.dropped || connection.closing) return 0;
  if (connection.claiming) return connection.answered ? kHangUp : 0;
  if (!connection.rest.empty()) return send_rest(connection);
  bool more = true;
  for (int i = 0; i < kRecordsPerCall && more; ++i) {
    if (i > 0 && !takes_more(connection)) break;
    if ((connection.route != 0 ? send_body(connection, more) : send_record(connection, more)) != 0)
      return kHangUp;
  }
  // What was asked before the peer's close frame is answered before ours, as far as the socket takes it.
  if (connection.close_code != 0 && !connection.closing) return answer_close(connection);
  if (more) lws_callback_on_writable(connection.wsi);
  return 0;
}

bool WsServer::takes_more(Connection& connection) const {
  return !is_held_by_lws(connection) && loop_.has_room(connection.fd);
}

bool WsServer::is_held_by_lws(Connection& connection) {
  if (connection.by_lws && lws_partial_buffered(connection.wsi) == 0) connection.by_lws = false;
  return connection.by_lws;
}

/// All that the session has to say now, as far as it fits into one record of TLS: one call of the kernel.
int WsServer::send_record(Connection& connection, bool& more) {
  more = false;
  FrameWriter frames = writer(connection);
  if (connection.close_code == 0 && std::exchange(connection.pong_owed, false))
    frames.add(FrameWriter::Kind::pong,
               {reinterpret_cast<const char*>(connection.pong.data()), connection.pong_size});
  if (!connection.session) return send(connection, frames);
  do {
    const Outgoing next = door_.next(connection.session, frames.room(), loop_.now());
    if (next.kind == Outgoing::Kind::close) return say_goodbye(connection, frames, next);
    if (next.kind == Outgoing::Kind::nothing) {
      more = false;
      break;
    }
    const bool is_text = next.kind == Outgoing::Kind::text;
    more = next.more || (is_text && !next.last);
    frames.add(is_text ? FrameWriter::Kind::text : FrameWriter::Kind::ping,
               {next.bytes.data(), next.bytes.size()}, !is_text || next.first, !is_text || next.last);
  } while (more && frames.room().size() >= kNextFrameRoom);
  return send(connection, frames);
}

int WsServer::answer_close(Connection& connection) {
  const std::uint16_t code = connection.close_code == kNoCode ? std::uint16_t{0} : connection.close_code;
  FrameWriter frames = writer(connection);
  add_close(frames, code, {});
  connection.closing = true;
  send(connection, frames);
  end_session(connection);
  return kHangUp;  // closes TLS and the connection, after what is still to be sent
}

int WsServer::say_goodbye(Connection& connection, FrameWriter& frames, const Outgoing& goodbye) {
  const bool lost = connection.reader.ended();  // after a violation nothing that comes means anything
  add_close(frames, goodbye.close_code, goodbye.close_reason);
  connection.closing = true;
  const int sent = send(connection, frames);
  end_session(connection);
  if (sent != 0 || lost) return kHangUp;
  if (connection.paused) {
    connection.paused = false;
    lws_rx_flow_control(connection.wsi, 1);
  }
  lws_set_timeout(connection.wsi, PENDING_TIMEOUT_CLOSE_ACK, close_s_);
  return 0;
}

/// Where the loop sends from, if the socket has room: a record is sealed there and goes neither
/// libwebsockets' way round nor mbedTLS's. Else in `scratch_`.
FrameWriter WsServer::writer(Connection& connection) {
  constexpr std::size_t kBefore = RecordBuffers::kBeforeContent;
  lent_ = {};
  if (connection.tls != nullptr && takes_more(connection) && RecordBuffers::may_seal(*connection.tls))
    lent_ = loop_.lend(kBefore + kRecordBytes + RecordBuffers::kBehindContent);
  unsigned char* content = lent_.empty() ? scratch_.data() + LWS_PRE : lent_.data() + kBefore;
  return FrameWriter{{reinterpret_cast<char*>(content), kRecordBytes}};
}

int WsServer::send(Connection& connection, const FrameWriter& frames) {
  const std::span<char> bytes = frames.written();
  if (bytes.empty()) return 0;
  if (lent_.empty()) return write(connection, bytes, LWS_WRITE_HTTP);  // as it is
  const std::span<unsigned char> record = RecordBuffers::seal(*connection.tls, lent_, bytes.size());
  if (record.empty()) return kHangUp;
  loop_.send(connection.fd, record);
  return 0;
}

int WsServer::send(Connection& connection, std::string_view bytes) {
  char* room = reinterpret_cast<char*>(scratch_.data() + LWS_PRE);
  SIGNALBOX_CHECK(bytes.size() <= kRecordBytes);
  std::copy(bytes.begin(), bytes.end(), room);
  return write(connection, {room, bytes.size()}, LWS_WRITE_HTTP);
}

int WsServer::write(Connection& connection, std::span<char> bytes, int kind) {
  auto* begin = reinterpret_cast<unsigned char*>(bytes.data());
  const int result = lws_write(connection.wsi, begin, bytes.size(), static_cast<lws_write_protocol>(kind));
  connection.by_lws = true;
  loop_.wrote(connection.fd, bytes.size());
  return result < 0 ? kHangUp : 0;
}

void WsServer::end_session(Connection& connection) {
  if (!connection.session) return;
  const Handle session = connection.session;
  connection.session = {};
  door_.closed(session, loop_.now());
}

}  // namespace signalbox::link
