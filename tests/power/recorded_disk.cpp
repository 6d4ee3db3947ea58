#include "power/recorded_disk.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.hpp"

// NOLINTNEXTLINE(bugprone-reserved-identifier): the linker's name
extern "C" int __real_openat(int, const char*, int, ...);

namespace signalbox::power {
namespace {

using Kind = FileOperation::Kind;

/// So that it is not always the disk's answer that a kill comes in.
constexpr std::chrono::microseconds kInterruptedAfter{200};

/// As it stands in memory that all processes share; the texts follow.
struct Note {
  Kind kind;
  std::uint32_t name_bytes;
  std::uint32_t new_name_bytes;
  std::uint32_t bytes;
  ino_t file;
  std::uint64_t number;
};

/// One writer at a time: whoever records waits for its children's answers.
struct Tape {
  static constexpr std::size_t kBytesMax = std::size_t{16} << 20U;
  std::atomic<bool> is_on{false};
  std::atomic<Writes> writes{Writes::whole};
  std::atomic<std::uint32_t> turn{0};
  std::size_t size = 0;
  char bytes[kBytesMax];  // NOLINT(modernize-avoid-c-arrays): lies in a mapping
};

Tape& tape() {
  static Tape* const made = [] {
    void* memory = mmap(nullptr, sizeof(Tape), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    SIGNALBOX_CHECK(memory != MAP_FAILED);
    return new (memory) Tape;
  }();
  return *made;
}

[[maybe_unused]] const Tape& at_start = tape();  // fenced processes may map no memory

void put(const void* from, std::size_t bytes) {
  SIGNALBOX_CHECK(tape().size + bytes <= Tape::kBytesMax);
  if (bytes == 0) return;  // of nothing there may be no address
  std::memcpy(tape().bytes + tape().size, from, bytes);
  tape().size += bytes;
}

ino_t file_of(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 ? status.st_ino : 0;
}

bool is_directory(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_file(int descriptor) {
  struct stat status {};
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

/// By an opening, since those who are fenced in may do no more than that.
bool exists(int directory, const char* name) {
  const int file = __real_openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (file >= 0) close(file);
  return file >= 0;
}

void note(Kind kind, ino_t file, std::string_view name, std::string_view new_name, std::uint64_t number,
          std::string_view bytes) {
  if (!tape().is_on) return;
  const int error_number = errno;
  const Note head{kind,
                  static_cast<std::uint32_t>(name.size()),
                  static_cast<std::uint32_t>(new_name.size()),
                  static_cast<std::uint32_t>(bytes.size()),
                  file,
                  number};
  put(&head, sizeof head);
  put(name.data(), name.size());
  put(new_name.data(), new_name.size());
  put(bytes.data(), bytes.size());
  errno = error_number;
}

/// Of a write of that size: how many bytes it may put, or the negative number of its error.
ssize_t granted(std::size_t size) {
  const auto all = static_cast<ssize_t>(size);
  const Writes how = tape().writes;
  if (how == Writes::whole) return all;
  const std::uint32_t turn = tape().turn++;
  if (how == Writes::no_space) return turn % 3 == 0 ? (all + 1) / 2 : turn % 3 == 1 ? -ENOSPC : all;
  if (turn % 2 == 0) return (all + 1) / 2;
  const auto until = std::chrono::steady_clock::now() + kInterruptedAfter;
  while (std::chrono::steady_clock::now() < until) {  // the process that writes may not sleep
  }
  return -EINTR;
}

ssize_t fails(ssize_t error) {
  errno = static_cast<int>(-error);
  return -1;
}

}  // namespace

void record() {
  tape().size = 0;
  tape().is_on = true;
}

void hamper(Writes how) {
  tape().turn = 0;
  tape().writes = how;
}

void promise(std::uint64_t number) { note(Kind::promise, 0, {}, {}, number, {}); }

std::vector<FileOperation> recorded() {
  tape().is_on = false;
  std::vector<FileOperation> operations;
  const char* at = tape().bytes;
  const auto text = [&at](std::uint32_t bytes) {
    std::string taken{at, bytes};
    at += bytes;
    return taken;
  };
  while (at < tape().bytes + tape().size) {
    Note head{};
    std::memcpy(&head, at, sizeof head);
    at += sizeof head;
    FileOperation operation{.kind = head.kind, .file = head.file, .number = head.number};
    operation.name = text(head.name_bytes);
    operation.new_name = text(head.new_name_bytes);
    operation.bytes = text(head.bytes);
    operations.push_back(std::move(operation));
  }
  return operations;
}

void Disk::change(Names& names, const FileOperation& operation, std::size_t file) {
  if (operation.kind == Kind::create) names[operation.name] = file;
  if (operation.kind == Kind::unlink) names.erase(operation.name);
  if (operation.kind == Kind::rename && names.contains(operation.name)) {
    names[operation.new_name] = names[operation.name];
    names.erase(operation.name);
  }
}

void Disk::apply(const FileOperation& operation) {
  switch (operation.kind) {
    case Kind::write:
    case Kind::truncate: files_[file_of_[operation.file]].pending.push_back(operation); break;
    case Kind::sync: {
      File& file = files_[file_of_[operation.file]];
      file.safe = content(file, Fate::kept);
      file.pending.clear();
      break;
    }
    case Kind::sync_directory:
      for (const auto& [done, file] : pending_) change(names_, done, file);
      pending_.clear();
      break;
    case Kind::promise: break;
    case Kind::create:
      file_of_[operation.file] = files_.size();
      files_.emplace_back();
      [[fallthrough]];
    default: pending_.emplace_back(operation, files_.size() - 1);
  }
}

/// Of the last write all, nothing, half, or as many zeros; those before it as they were.
std::string Disk::content(const File& file, Fate fate) {
  std::string text = file.safe;
  for (std::size_t i = 0; i < file.pending.size(); ++i) {
    const FileOperation& operation = file.pending[i];
    const bool is_last = i + 1 == file.pending.size();
    const auto at = static_cast<std::size_t>(operation.number);  // files are kept in memory here
    if (fate == Fate::lost) break;
    if (operation.kind == Kind::truncate) {
      text.resize(at);
      continue;
    }
    std::string bytes = operation.bytes;
    if (is_last && fate == Fate::torn) bytes.resize(bytes.size() / 2);
    if (is_last && fate == Fate::zeros) bytes.assign(bytes.size(), '\0');
    text.resize(std::max(text.size(), at + bytes.size()));
    text.replace(at, bytes.size(), bytes);
  }
  return text;
}

std::map<std::string, std::string> Disk::after_cut(std::size_t names, Fate fate) const {
  Names known = names_;
  for (std::size_t i = 0; i < names; ++i) change(known, pending_[i].first, pending_[i].second);
  std::map<std::string, std::string> found;
  for (const auto& [name, file] : known) found[name] = content(files_[file], fate);
  return found;
}

}  // namespace signalbox::power

// The linker leads the calls here (--wrap).
// NOLINTBEGIN(bugprone-reserved-identifier): its names
extern "C" {
ssize_t __real_write(int, const void*, std::size_t);
ssize_t __real_pwrite(int, const void*, std::size_t, off_t);
int __real_ftruncate(int, off_t);
int __real_fsync(int);
int __real_fdatasync(int);
int __real_renameat(int, const char*, int, const char*);
int __real_unlinkat(int, const char*, int);

using signalbox::power::exists;
using signalbox::power::fails;
using signalbox::power::file_of;
using signalbox::power::FileOperation;
using signalbox::power::granted;
using signalbox::power::is_directory;
using signalbox::power::is_file;
using signalbox::power::note;

int __wrap_openat(int directory, const char* name, int flags, ...) {
  std::va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(more, mode_t) : 0;
  va_end(more);
  const bool creates = (flags & O_CREAT) != 0 && !exists(directory, name);
  const int file = __real_openat(directory, name, flags, mode);
  if (file >= 0 && creates) note(FileOperation::Kind::create, file_of(file), name, {}, 0, {});
  if (file >= 0 && !creates && (flags & O_TRUNC) != 0)
    note(FileOperation::Kind::truncate, file_of(file), {}, {}, 0, {});
  return file;
}

ssize_t __wrap_write(int file, const void* bytes, std::size_t size) {
  const off_t offset = lseek(file, 0, SEEK_CUR);
  const ssize_t may = is_file(file) ? granted(size) : static_cast<ssize_t>(size);
  if (may < 0) return fails(may);
  const ssize_t put = __real_write(file, bytes, static_cast<std::size_t>(may));
  if (put > 0 && offset >= 0 && is_file(file))
    note(FileOperation::Kind::write, file_of(file), {}, {}, static_cast<std::uint64_t>(offset),
         {static_cast<const char*>(bytes), static_cast<std::size_t>(put)});
  return put;
}

ssize_t __wrap_pwrite(int file, const void* bytes, std::size_t size, off_t offset) {
  const ssize_t may = granted(size);
  if (may < 0) return fails(may);
  const ssize_t put = __real_pwrite(file, bytes, static_cast<std::size_t>(may), offset);
  if (put > 0)
    note(FileOperation::Kind::write, file_of(file), {}, {}, static_cast<std::uint64_t>(offset),
         {static_cast<const char*>(bytes), static_cast<std::size_t>(put)});
  return put;
}

int __wrap_ftruncate(int file, off_t size) {
  const int result = __real_ftruncate(file, size);
  if (result == 0)
    note(FileOperation::Kind::truncate, file_of(file), {}, {}, static_cast<std::uint64_t>(size), {});
  return result;
}

int __wrap_fsync(int file) {
  const int result = __real_fsync(file);
  if (result == 0)
    note(is_directory(file) ? FileOperation::Kind::sync_directory : FileOperation::Kind::sync, file_of(file),
         {}, {}, 0, {});
  return result;
}

int __wrap_fdatasync(int file) {
  const int result = __real_fdatasync(file);
  if (result == 0) note(FileOperation::Kind::sync, file_of(file), {}, {}, 0, {});
  return result;
}

int __wrap_renameat(int from, const char* name, int to, const char* new_name) {
  const int result = __real_renameat(from, name, to, new_name);
  if (result == 0) note(FileOperation::Kind::rename, 0, name, new_name, 0, {});
  return result;
}

int __wrap_unlinkat(int directory, const char* name, int flags) {
  const int result = __real_unlinkat(directory, name, flags);
  if (result == 0) note(FileOperation::Kind::unlink, 0, name, {}, 0, {});
  return result;
}
}
// NOLINTEND(bugprone-reserved-identifier)
