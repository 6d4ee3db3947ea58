// libwebsockets on libuv's event loop (which is epoll), as its minimal examples have it: Debian's, which is
// with OpenSSL, and one with mbedTLS.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <libwebsockets.h>
#include <new>
#include <string>
#include <uv.h>
#include <vector>

namespace {

struct Echo {
  std::string waiting;  // to be sent back, behind LWS_PRE bytes that the library fills
};

std::string broadcast(LWS_PRE, '\0');
std::vector<lws*> listeners;

int write_text(lws* socket, std::string& message) {
  const std::size_t size = message.size() - LWS_PRE;
  auto* bytes = reinterpret_cast<unsigned char*>(message.data()) + LWS_PRE;
  return lws_write(socket, bytes, size, LWS_WRITE_TEXT) < static_cast<int>(size) ? -1 : 0;
}

int echo(lws* socket, lws_callback_reasons reason, void* user, void* in, std::size_t size) {
  auto* session = static_cast<Echo*>(user);
  switch (reason) {
    case LWS_CALLBACK_ESTABLISHED: new (session) Echo; break;
    case LWS_CALLBACK_CLOSED: session->~Echo(); break;
    case LWS_CALLBACK_RECEIVE:
      if (lws_is_first_fragment(socket)) session->waiting.assign(LWS_PRE, '\0');
      session->waiting.append(static_cast<const char*>(in), size);
      if (lws_is_final_fragment(socket)) {
        lws_rx_flow_control(socket, 0);  // one message at a time
        lws_callback_on_writable(socket);
      }
      break;
    case LWS_CALLBACK_SERVER_WRITEABLE:
      if (session->waiting.empty()) break;
      if (write_text(socket, session->waiting) != 0) return -1;
      session->waiting.clear();
      lws_rx_flow_control(socket, 1);
      break;
    default: break;
  }
  return 0;
}

int listen(lws* socket, lws_callback_reasons reason, void*, void*, std::size_t) {
  switch (reason) {
    case LWS_CALLBACK_ESTABLISHED: listeners.push_back(socket); break;
    case LWS_CALLBACK_CLOSED:
      listeners.erase(std::remove(listeners.begin(), listeners.end(), socket), listeners.end());
      break;
    case LWS_CALLBACK_SERVER_WRITEABLE: return write_text(socket, broadcast);
    default: break;
  }
  return 0;
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) {
    std::fprintf(stderr, "usage: libwebsockets CERTIFICATE KEY BROADCAST\n");
    return 2;
  }
  std::ifstream file{words[3]};
  broadcast.append(std::istreambuf_iterator<char>{file}, {});
  lws_set_log_level(LLL_ERR, nullptr);
  const lws_protocols protocols[] = {{"http", lws_callback_http_dummy, 0, 0, 0, nullptr, 0},
                                     {"echo", echo, sizeof(Echo), 4096, 0, nullptr, 0},
                                     {"broadcast", listen, 0, 4096, 0, nullptr, 0},
                                     {nullptr, nullptr, 0, 0, 0, nullptr, 0}};
  uv_loop_t loop;
  uv_loop_init(&loop);
  void* loops[] = {&loop};
  lws_context_creation_info info{};
  info.port = 0;
  info.iface = "127.0.0.1";
  info.protocols = protocols;
  info.foreign_loops = loops;
  info.ssl_cert_filepath = words[1];
  info.ssl_private_key_filepath = words[2];
  info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_LIBUV;
  info.gid = info.uid = -1;
  lws_context* context = lws_create_context(&info);
  if (context == nullptr) {
    std::fprintf(stderr, "libwebsockets: cannot start\n");
    return 1;
  }
  std::printf("port %d\n", lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));
  std::fflush(stdout);
  uv_timer_t timer;
  uv_timer_init(&loop, &timer);
  uv_timer_start(
      &timer,
      [](uv_timer_t*) {
        for (lws* socket : listeners) lws_callback_on_writable(socket);
      },
      100, 100);
  uv_run(&loop, UV_RUN_DEFAULT);
  return 0;
}
