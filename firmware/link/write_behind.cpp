#include "link/write_behind.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>

#include "base/check.hpp"

namespace signalbox::link {

std::span<unsigned char> WriteBehind::lend(std::size_t bytes) {
  if (is_stuck_ || count_ == records_.size() || bytes > bytes_.size() - size_) return {};
  return std::span{bytes_}.subspan(size_, bytes);
}

void WriteBehind::take(int fd, std::span<const unsigned char> record) {
  const auto begin = static_cast<std::size_t>(record.data() - bytes_.data());
  SIGNALBOX_CHECK(count_ < records_.size() && begin >= size_ && begin + record.size() <= bytes_.size());
  size_ = begin + record.size();
  records_[count_++] = {fd, static_cast<std::uint16_t>(begin), static_cast<std::uint16_t>(size_)};
}

bool WriteBehind::flush() {
  if (is_stuck_) return true;  // it was told already
  for (std::size_t i = 0; i < count_; ++i) write(records_[i]);
  settle();
  return !is_stuck_;
}

bool WriteBehind::flush(int fd) {
  for (std::size_t i = 0; i < count_; ++i)
    if (records_[i].fd == fd) write(records_[i]);
  settle();
  return !waits_for(fd);
}

bool WriteBehind::waits_for(int fd) const {
  return std::any_of(records_.begin(), records_.begin() + static_cast<std::ptrdiff_t>(count_),
                     [fd](const Record& its) { return its.fd == fd && its.is_left(); });
}

void WriteBehind::drop(int fd) {
  for (std::size_t i = 0; i < count_; ++i)
    if (records_[i].fd == fd) records_[i].begin = records_[i].end;
  settle();
}

void WriteBehind::write(Record& record) {
  if (!record.is_left() || follows_another(record)) return;
  const ssize_t size = ::send(record.fd, bytes_.data() + record.begin, std::size_t{record.end} - record.begin,
                              MSG_DONTWAIT | MSG_NOSIGNAL);
  const bool comes_later =
      size < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS || errno == ENOMEM);
  if (size >= 0)
    record.begin = static_cast<std::uint16_t>(record.begin + size);
  else if (!comes_later)
    record.begin = record.end;  // a broken connection, which its next read tells
  is_stuck_ = is_stuck_ || record.is_left();
}

bool WriteBehind::follows_another(const Record& record) const {
  if (!is_stuck_) return false;
  return std::any_of(records_.data(), &record,
                     [&](const Record& its) { return its.fd == record.fd && its.is_left(); });
}

void WriteBehind::settle() {
  const auto end = records_.begin() + static_cast<std::ptrdiff_t>(count_);
  if (std::any_of(records_.begin(), end, [](const Record& its) { return its.is_left(); })) return;
  count_ = size_ = 0;
  is_stuck_ = false;
}

}  // namespace signalbox::link
