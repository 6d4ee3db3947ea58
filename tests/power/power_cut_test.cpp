// A power cut after each single system call that the store and the journal make: what is not yet on the disk
// may be lost, kept, half there or zeros; what is there then is read by the code that reads it at a start.
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>

#include "base/log.hpp"
#include "hal/linux/store.hpp"
#include "hal/linux/temporary_directory.hpp"
#include "power/journalled_run.hpp"
#include "power/recorded_disk.hpp"

namespace signalbox::power {
namespace {

using hal::kernel::TemporaryDirectory;

/// Every state that a cut may leave; `promised` is the last promise before it.
void for_each_cut(const std::vector<FileOperation>& operations,
                  const std::function<void(const Files&, std::uint64_t promised)>& look) {
  Disk disk;
  std::uint64_t promised = 0;
  for (std::size_t done = 0;; ++done) {
    for (std::size_t names = 0; names <= disk.open_names(); ++names)
      for (const Disk::Fate fate : {Disk::Fate::lost, Disk::Fate::kept, Disk::Fate::torn, Disk::Fate::zeros})
        look(disk.after_cut(names, fate), promised);
    if (done == operations.size()) return;
    disk.apply(operations[done]);
    if (operations[done].kind == FileOperation::Kind::promise) promised = operations[done].number;
  }
}

void write_all(const TemporaryDirectory& directory, const Files& files) {
  for (const auto& [name, content] : files) {
    std::ofstream{directory.path() / name, std::ios::binary} << content;
    std::filesystem::permissions(directory.path() / name, std::filesystem::perms{0600});  // as it was made
  }
}

/// Records of different lengths, so that a mixture of two is seen.
std::string record_of(std::uint32_t version) {
  return std::string(100 + (version * 7919) % 3000, static_cast<char>('a' + version % 26)) +
         std::to_string(version);
}

class PowerCut : public testing::TestWithParam<Writes> {
 protected:
  PowerCut() { hamper(GetParam()); }
  ~PowerCut() override { hamper(Writes::whole); }
};

INSTANTIATE_TEST_SUITE_P(Writes, PowerCut, testing::Values(Writes::whole, Writes::partial, Writes::no_space));

constexpr std::uint32_t kVersions = 6;

/// Puts the versions of a record in its place, one by one; what was done to the files.
std::vector<FileOperation> put_versions(Writes writes, const std::function<bool(const std::string&)>& put) {
  record();
  for (std::uint32_t version = 1; version <= kVersions; ++version) {
    EXPECT_EQ(put(record_of(version)), writes != Writes::no_space);
    if (writes == Writes::no_space) {
      EXPECT_TRUE(put(record_of(version)));
    }
    promise(version);
  }
  hamper(Writes::whole);  // where everything is linked statically, the test's own writes are led there too
  return recorded();
}

/// Whatever a cut leaves of them is a whole one, and none that was promised is lost.
void check_cuts(const std::vector<FileOperation>& operations) {
  ASSERT_GE(operations.size(), 5 * kVersions) << "create, write, sync, rename, sync of the directory";
  std::size_t cuts = 0;
  std::array<std::size_t, kVersions + 1> seen{};
  for_each_cut(operations, [&](const Files& files, std::uint64_t promise) {
    const auto promised = static_cast<std::uint32_t>(promise);  // a version
    ++cuts;
    TemporaryDirectory left;
    write_all(left, files);
    hal::kernel::Store after;
    ASSERT_TRUE(after.open(left.c_str()).has_value());
    std::array<char, 4096> into{};
    const Result<std::size_t> size = after.read("key", into);
    if (!size) {
      EXPECT_EQ(size.error().reason, Reason::not_found);
      EXPECT_EQ(promised, 0U) << "it was there before";
      ++seen[0];
      return;
    }
    const std::string_view text{into.data(), *size};
    const bool is_old = promised > 0 && text == record_of(promised);
    const bool is_new = text == record_of(promised + 1);
    EXPECT_TRUE(is_old || is_new) << text.substr(0, 40) << " after " << promised;
    ++seen[promised + (is_new ? 1U : 0U)];
  });
  EXPECT_GT(cuts, 100U);
  for (const std::size_t times : seen) EXPECT_GT(times, 0U) << "a version that no cut has left";
}

TEST_P(PowerCut, ARecordIsTheOldOneOrTheNewOne) {
  TemporaryDirectory written;
  hal::kernel::Store store;
  ASSERT_TRUE(store.open(written.c_str()).has_value());
  check_cuts(put_versions(GetParam(),
                          [&](const std::string& text) { return store.write("key", text).has_value(); }));
}

TEST_P(PowerCut, ASavedRecordIsTheOldOneOrTheNewOne) {
  TemporaryDirectory written;
  SavingRun run{written.c_str()};
  ASSERT_TRUE(run.opened.has_value());
  check_cuts(put_versions(GetParam(), [&](const std::string& text) { return run.save("key", text); }));
}

TEST_P(PowerCut, TheJournalKeepsWhatItPromisedAndGoesOn) {
  set_log_sink([](Severity, std::string_view) {});
  constexpr std::uint64_t kFileBytes = hal::AppendLog::kPieceBytesMax;
  TemporaryDirectory written;
  record();
  {
    JournalledRun run{written.c_str(), kFileBytes};
    ASSERT_TRUE(run.opened.has_value()) << run.opened.error().detail.view();
    for (int i = 0; i < 40; ++i) {  // more than one file's worth, so that it becomes the previous one
      ASSERT_TRUE(
          run.commit("a record as long as a record may be, so that a file is full soon, and is followed"));
      promise(run.journal.committed());
    }
  }
  const std::vector<FileOperation> operations = recorded();
  hamper(Writes::whole);
  std::size_t cuts = 0;
  std::size_t rotated = 0;
  std::size_t torn = 0;
  for_each_cut(operations, [&](const Files& files, std::uint64_t promised) {
    ++cuts;
    EXPECT_GE(proven(files), promised);
    rotated += files.contains("journal.1") ? 1U : 0U;
    const auto file = files.find("journal");
    if (file != files.end() && !file->second.empty() && file->second.back() != '\n') ++torn;
    if (cuts % 9 != 0) return;  // the next start takes longer than all the rest
    TemporaryDirectory left;
    write_all(left, files);
    {
      JournalledRun next{left.c_str(), kFileBytes};
      ASSERT_TRUE(next.opened.has_value()) << next.opened.error().detail.view();
      EXPECT_TRUE(next.commit("after the cut"));
      EXPECT_GT(next.journal.committed(), promised);
    }
    EXPECT_GT(proven(files_in(left.path())), promised);
  });
  EXPECT_GT(rotated, 0U);
  EXPECT_GT(torn, 0U);
}

TEST_P(PowerCut, TheHistoryKeepsWhatWasWrittenAndGoesOn) {
  set_log_sink([](Severity, std::string_view) {});
  constexpr std::uint64_t kFileBytes = hal::AppendLog::kPieceBytesMax;
  TemporaryDirectory written;
  record();
  {
    HistoryInFiles device{written.c_str(), kFileBytes};
    ASSERT_TRUE(device.opened.has_value()) << device.opened.error().detail.view();
    for (std::uint64_t i = 1; i <= 14; ++i) {  // more than one file's worth
      ASSERT_TRUE(device.sample());
      promise(i);
    }
  }
  const std::vector<FileOperation> operations = recorded();
  hamper(Writes::whole);
  std::size_t cuts = 0;
  std::size_t rotated = 0;
  std::size_t torn = 0;
  for_each_cut(operations, [&](const Files& files, std::uint64_t promised) {
    rotated += files.contains("history.1") ? 1U : 0U;
    if (++cuts % 7 != 0) return;  // a start takes longer than all the rest
    TemporaryDirectory left;
    write_all(left, files);
    {
      HistoryInFiles next{left.c_str(), kFileBytes};
      ASSERT_TRUE(next.opened.has_value()) << next.opened.error().detail.view();
      ASSERT_TRUE(next.run->found.has_value());
      torn += next.run->found->damaged > 0 ? 1U : 0U;
      const std::vector<double> numbers = next.numbers();
      for (std::size_t i = 1; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], numbers[i - 1] + 1.0);
      if (promised > 0) {
        ASSERT_FALSE(numbers.empty());
        EXPECT_GE(numbers.back(), static_cast<double>(promised));
        EXPECT_TRUE(next.run->found->is_cut_off);
      }
      EXPECT_TRUE(next.sample());
    }
    const HistoryInFiles again{left.c_str(), kFileBytes};
    ASSERT_TRUE(again.opened.has_value());
    EXPECT_EQ(again.run->found->damaged, 0U) << "what was torn is overwritten";
    EXPECT_GT(again.numbers().back(), static_cast<double>(promised));
  });
  EXPECT_GT(cuts, 100U);
  EXPECT_GT(rotated, 0U);
  EXPECT_GT(torn, 0U);
}

TEST(FirstLineOfAFile, WhereItIsTornTheFileBeforeSaysThatTheDeviceWasStopped) {
  set_log_sink([](Severity, std::string_view) {});
  TemporaryDirectory directory;
  std::uint64_t last = 0;
  {
    JournalledRun run{directory.c_str(), hal::AppendLog::kPieceBytesMax};
    run.journal.append({.kind = journal::Record::Kind::stop, .who = "ann"});
    ASSERT_TRUE(run.commit("then the file was full", journal::Record::Kind::acknowledgement));
    last = run.journal.committed();
  }
  const std::string line = files_in(directory.path())["journal"];
  for (const std::string& torn :
       {line.substr(0, 1), line.substr(0, line.find('\n')), std::string(100, '\0')}) {
    std::filesystem::rename(directory.path() / "journal", directory.path() / "journal.1");
    directory.put("journal", torn);
    JournalledRun next{directory.c_str(), hal::AppendLog::kPieceBytesMax};
    EXPECT_TRUE(next.journal.is_stop_latched());
    ASSERT_TRUE(next.commit("after the cut", journal::Record::Kind::acknowledgement));
    const std::uint64_t found = proven(files_in(directory.path()));
    EXPECT_EQ(found, next.journal.committed());
    EXPECT_GT(found, last);
    last = found;
  }
}

}  // namespace
}  // namespace signalbox::power
