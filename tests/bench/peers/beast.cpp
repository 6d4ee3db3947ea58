// Boost.Beast with OpenSSL, one thread, as the library's asynchronous examples have it.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <deque>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using Tcp = asio::ip::tcp;
using Text = std::shared_ptr<const std::string>;

class Session;
std::set<Session*> listeners;  // of the broadcast
std::set<Session*> dashboards;

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(Tcp::socket socket, asio::ssl::context& tls) : socket_{std::move(socket), tls} {}
  ~Session() {
    listeners.erase(this);
    dashboards.erase(this);
  }

  void begin() {
    beast::get_lowest_layer(socket_).expires_after(std::chrono::seconds{30});
    socket_.next_layer().async_handshake(asio::ssl::stream_base::server,
                                         [self = shared_from_this()](beast::error_code error) {
                                           if (!error) self->read_request();
                                         });
  }
  void tell(const Text& text) {
    queue_.push_back(text);
    if (queue_.size() == 1) write_first();
  }

 private:
  void read_request() {
    request_ = std::make_unique<http::request<http::empty_body>>();
    http::async_read(socket_.next_layer(), buffer_, *request_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->accept();
                     });
  }
  void accept() {
    beast::get_lowest_layer(socket_).expires_never();
    socket_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
    socket_.text(true);
    socket_.async_accept(*request_, [self = shared_from_this()](beast::error_code error) {
      if (error) return;
      if (self->request_->target() == "/broadcast") listeners.insert(self.get());
      if (self->request_->target() == "/widgets") dashboards.insert(self.get());
      self->request_.reset();
      self->read();
    });
  }
  void read() {
    socket_.async_read(buffer_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->echo();
    });
  }
  void echo() {
    socket_.async_write(buffer_.data(),
                        [self = shared_from_this()](beast::error_code error, std::size_t size) {
                          self->buffer_.consume(size);
                          if (!error) self->read();
                        });
  }
  void write_first() {
    socket_.async_write(asio::buffer(*queue_.front()),
                        [self = shared_from_this()](beast::error_code error, std::size_t) {
                          self->queue_.pop_front();
                          if (!error && !self->queue_.empty()) self->write_first();
                        });
  }

  websocket::stream<beast::ssl_stream<beast::tcp_stream>> socket_;
  beast::flat_buffer buffer_;
  std::unique_ptr<http::request<http::empty_body>> request_;
  std::deque<Text> queue_;
};

class Server {
 public:
  Server(asio::io_context& loop, asio::ssl::context& tls, std::string broadcast, std::vector<Text> widgets)
      : acceptor_{loop, {asio::ip::address_v4::loopback(), 0}},
        timer_{loop},
        tls_{tls},
        broadcast_{std::make_shared<const std::string>(std::move(broadcast))},
        widgets_{std::move(widgets)} {}

  void begin() {
    accept();
    timer_.expires_after(kPeriod);
    wait();
    std::printf("port %d\n", acceptor_.local_endpoint().port());
    std::fflush(stdout);
  }

 private:
  static constexpr std::chrono::milliseconds kPeriod{100};

  void accept() {
    acceptor_.async_accept([this](beast::error_code error, Tcp::socket socket) {
      if (!error) {
        socket.set_option(Tcp::no_delay{true});
        std::make_shared<Session>(std::move(socket), tls_)->begin();
      }
      accept();
    });
  }
  void wait() {
    timer_.async_wait([this](beast::error_code) {
      for (Session* session : listeners) session->tell(broadcast_);
      for (Session* session : dashboards)
        for (const Text& text : widgets_) session->tell(text);
      timer_.expires_at(timer_.expiry() + kPeriod);
      wait();
    });
  }

  Tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  asio::ssl::context& tls_;
  Text broadcast_;
  std::vector<Text> widgets_;
};

}  // namespace

int main(int count, char** words) try {
  if (count != 5) {
    std::fprintf(stderr, "usage: beast CERTIFICATE KEY BROADCAST WIDGETS\n");
    return 2;
  }
  asio::io_context loop{1};
  asio::ssl::context tls{asio::ssl::context::tlsv13_server};
  tls.use_certificate_chain_file(words[1]);
  tls.use_private_key_file(words[2], asio::ssl::context::pem);
  std::ifstream file{words[3]};
  std::ifstream lines{words[4]};
  std::vector<Text> widgets;
  for (std::string line; std::getline(lines, line);)
    widgets.push_back(std::make_shared<const std::string>(line));
  Server server{loop, tls, std::string{std::istreambuf_iterator<char>{file}, {}}, std::move(widgets)};
  server.begin();
  asio::signal_set stop{loop, SIGTERM};
  stop.async_wait([&](beast::error_code, int) { loop.stop(); });
  loop.run();
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "beast: %s\n", error.what());
  return 1;
}
